"""Calling the command line in this process and in one of its own, on a small job that a test makes for itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from typer.testing import CliRunner

from columnar.cli.app import app

REPOSITORY = Path(__file__).resolve().parents[3]
CONTRACT = """\
version: 1
root: r
tables:
  thing:
    rows: /r
    key: [id]
    columns:
      id: {path: "@id", type: int64, nullable: false}
      name: {path: n, type: string(20), trim: true}
  item:
    rows: /r/k/x
    parent: thing
    columns:
      v: {path: "@v", type: int32, on_invalid: null}
"""
JOB = """\
name: small
source: {url: "duckdb:source.duckdb", table: docs, key: [id]}
contract: contract.yaml
target: {url: "duckdb:target.duckdb", create: true}
"""
# Two in quarantine, one duplicate, seven that load.
DOCUMENTS = {
    1: '<r id="1"><n> padded </n><k><x v="1"/><x v="2"/></k></r>',
    2: '<r id="2"><n>two</n><k><x v="many"/></k></r>',
    3: '<r id="3"><n>three</n></r>',
    4: '<r id="3"><n>three again</n></r>',
    5: '<r id="5">\n <n>bad</m>\n</r>',
    6: "<z/>",
    7: '<r id="7"><n>seven</n></r>',
    8: '<r id="8"><n>eight</n></r>',
    9: '<r id="9"><n>nine</n></r>',
    10: '<r id="10"><n>ten</n></r>',
}


@dataclass(frozen=True)
class Result:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        return dict(json.loads(self.out))


def columnar(*words: object) -> Result:
    """Run a command in this process."""
    result = CliRunner().invoke(app, [str(word) for word in words], prog_name="columnar")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Result(result.exit_code, result.stdout, result.stderr)


def command(*words: object) -> list[str]:
    """The same in a process of its own."""
    return [sys.executable, "-m", "columnar", *map(str, words)]


def environment(**more: str) -> dict[str, str]:
    """The environment of such a process, wherever it runs."""
    return {**os.environ, "PYTHONPATH": str(REPOSITORY), "PYTHONUTF8": "1", **more}


def in_process(*words: object, folder: Path | None = None, **more: str) -> Result:
    """Run a command in a process of its own, to its end."""
    done = subprocess.run(
        command(*words),
        cwd=folder,
        env=environment(**more),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return Result(done.returncode, done.stdout, done.stderr)


def make_job(
    folder: Path, documents: dict[int, str | None] | None = None, *, job: str = JOB, contract: str = CONTRACT
) -> Path:
    """A source, a contract and a job in a folder; returns the job's file."""
    write_source(folder, DOCUMENTS if documents is None else documents)
    (folder / "contract.yaml").write_text(contract, encoding="utf-8")
    (folder / "job.yaml").write_text(job, encoding="utf-8")
    return folder / "job.yaml"


def write_source(folder: Path, documents: dict[int, Any]) -> None:
    with duckdb.connect(folder / "source.duckdb") as source:
        source.execute("CREATE TABLE IF NOT EXISTS docs (id BIGINT, document VARCHAR)")
        for key, document in documents.items():
            source.execute("INSERT INTO docs VALUES (?, ?)", [key, document])


def execute(file: Path, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
    """A statement in a DuckDB file."""
    with duckdb.connect(file) as connection:
        return connection.execute(sql, list(values)).fetchall()
