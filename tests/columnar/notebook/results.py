"""Results of every kind out of a small job, and the same ones with other texts in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import columnar
from columnar.jobs.job_file import read_contract_file
from tests.columnar.cli.command import DOCUMENTS, execute, make_job

# Each wants out of where it stands, or is nothing that a browser can be sent.
HOSTILE = (
    "<script>document.title = 'owned'</script>",
    "'\"><img src=x onerror=\"document.title='owned'\">",
    "</style></td></table></div></details></pre><script>document.title = 'owned'</script>",
    "<!-- ]]> &lt; &#60; &amp;",
    "\x00\x1b[31m\u202e\ufffe\udcff\r",
)


class Shown(Protocol):
    """What a notebook asks of a result."""

    def _repr_html_(self) -> str: ...


def results(folder: Path) -> dict[str, Shown]:
    """One result of every kind. The source gains documents after the run, so that there is drift."""
    job = make_job(folder)
    plan = columnar.plan(job)
    run = columnar.run(job)
    execute(folder / "source.duckdb", "INSERT INTO docs VALUES (5, '<r id=\"50\"/>')")
    contract = read_contract_file(folder / "contract.yaml")
    retry_plan = columnar.plan_retry(job)
    columnar.coverage(job)
    execute(folder / "source.duckdb", 'INSERT INTO docs VALUES (6, \'<r id="60" new="1"/>\')')
    documents = [(f"{key}.xml", text) for key, text in DOCUMENTS.items()]
    report = columnar.check(contract, documents)
    return {
        "plan": plan,
        "run": run,
        "nothing to do": columnar.run(job),
        "status": columnar.status(job),
        "quarantine": columnar.quarantine(job),
        "document": columnar.quarantined_document(job, "5"),
        "check": report,
        "table": report.tables[0],
        "never ran": replace(columnar.status(job), generation=0),
        "refused": replace(plan, problems=("the target is another one",), notes=("a note",)),
        "no documents": columnar.check(contract, []),
        "retry plan": retry_plan,
        "retry": columnar.retry(job),
        "lint": columnar.lint(job),
        "analysis": columnar.analyze_duplicates(folder / "job.yaml", folder / "duplicates.duckdb"),
        "reconciliation": _meddled_with(job),
        "coverage": columnar.coverage(job),
        "purge plan": columnar.plan_purge(job, columnar.PurgeOptions(keys=("1",))),
        "purge": columnar.purge(job, columnar.PurgeOptions(keys=("1",))),
        "audit": _tampered(job),
    }


def _meddled_with(job: Path) -> columnar.Reconciliation:
    """What reconciling finds where a value of the target is not the source's."""
    execute(job.parent / "target.duckdb", "UPDATE thing SET name = 'meddled' WHERE id = 9")
    return columnar.reconcile(job)


def _tampered(job: Path) -> columnar.AuditReport:
    """What verifying finds where a file is not the one that was written."""
    next(job.parent.rglob("stage=quarantine/*.parquet")).write_bytes(b"another")
    return columnar.verify_audit(job)


def with_texts(value: Any, change: Callable[[str], str]) -> Any:
    """The same with every text that is not empty changed, however deep."""
    if isinstance(value, str):
        return change(value) if value else value
    if isinstance(value, list | tuple):
        return type(value)(with_texts(each, change) for each in value)
    if isinstance(value, dict):
        return {with_texts(key, change): with_texts(each, change) for key, each in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **dict(_changed(value, change)))
    return value


def _changed(value: Any, change: Callable[[str], str]) -> Iterator[tuple[str, Any]]:
    for field in fields(value):
        if field.init:
            yield field.name, with_texts(getattr(value, field.name), change)
