"""The texts of the demonstration's contract and job file."""

from __future__ import annotations

from importlib.resources import files

from columnar.demo.source import TABLE

CONTRACT_FILE = "contract.yaml"


def contract_text() -> str:
    """The contract of the generated documents, as YAML."""
    return (files("columnar.demo") / CONTRACT_FILE).read_text(encoding="utf-8")


def job_text(source: str, target: str) -> str:
    """A job file: from one DuckDB file into another, with the contract beside it.

    source, target: paths of the DuckDB files, relative to the job file or absolute.
    """
    return f"""\
name: loans
source: {{url: {_quoted("duckdb:" + source)}, table: {TABLE}, key: [loan_id], document: document}}
contract: {CONTRACT_FILE}
target: {{url: {_quoted("duckdb:" + target)}, create: true}}
duplicates: {{on: [application.application_id]}}
"""


def _quoted(text: str) -> str:
    """A YAML scalar in double quotes; back slashes are those of a Windows path."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
