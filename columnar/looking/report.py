"""A run as its user reads it: rates, the equation of conservation, and what to type next."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from columnar.bookkeeping.prove import Drift, Proof
from columnar.counted import counted, plural
from columnar.jobs.databases import address_of
from columnar.jobs.job import Job
from columnar.jobs.url import DATABASES, scheme_of, with_environment
from columnar.json_value import json_object
from columnar.looking.client_command import client_command
from columnar.looking.status import JobStatus
from columnar.program import as_command, interpreter, program, shorter
from columnar.running.retry import Retry
from columnar.running.run import Run
from loaders.duckdb_ddl import DEFAULT_SCHEMA
from loaders.names import place
from loaders.sql import quote


@dataclass(frozen=True, slots=True)
class Equation:
    """The source's documents and where they are. not_read: in no published chunk yet. drift: documents that came into
    ranges after these were read (below zero: that went)."""

    source: int
    loaded: int
    empty: int
    duplicate: int
    quarantined: int
    not_read: int
    drift: int

    @property
    def holds(self) -> bool:
        """Whether both sides are the same number."""
        read = self.loaded + self.empty + self.duplicate + self.quarantined
        return self.source == read + self.not_read + self.drift


def equation(proof: Proof) -> Equation:
    """The conservation of documents, from what a run counted at its end."""
    return Equation(
        source=proof.source,
        loaded=proof.loaded,
        empty=proof.empty,
        duplicate=proof.duplicate,
        quarantined=proof.quarantined,
        not_read=proof.pending + proof.uncovered,
        drift=sum(each.now - each.read for each in proof.drift),
    )


def rates(run: Run) -> tuple[float, float]:
    """Documents and bytes a second, of this run alone."""
    duration = max(run.seconds, 1e-9)
    return run.receipt.documents / duration, run.receipt.bytes / duration


def run_as_dict(run: Run, job: Job, file: str) -> dict[str, object]:
    """A run as `columnar run --json` prints it."""
    documents, size = rates(run)
    return json_object(
        run,
        equation=equation(run.proof),
        documents_per_second=round(documents, 3),
        bytes_per_second=round(size),
        next=next_commands(run, job, file),
        exit_code=run.exit_code,
    )


def retry_as_dict(retry: Retry, job: Job, file: str) -> dict[str, object]:
    """A retry as `columnar quarantine retry --json` prints it: as a run, and with what is told of retries only."""
    mine = json_object(retry)
    mine.pop("run")
    return run_as_dict(retry.run, job, file) | mine


def next_commands(run: Run, job: Job, file: str) -> list[str]:
    """Commands that make sense after a run, ready to be typed. file: the job's file as the user named it."""
    proof, keyed = run.proof, run.rule.used
    left = proof.pending + proof.uncovered
    commands = [*_next(file, proof.quarantined, left, again=keyed and bool(unread(proof.drift)))]
    commands.append(as_command(*program(), "status", file))
    tables = [each.table for each in proof.tables if each.found] or [each.table for each in proof.tables]
    look = _look_at(job, tables[0]) if tables else ""
    return commands + ([look] if look else [])


def next_of_status(status: JobStatus, job: Job, file: str) -> list[str]:
    """The same for a job as its books say it is."""
    left = status.chunks_pending + (status.remaining or 0)
    again = job.duplicates is not None and bool(unread(status.drift))
    return _next(file, status.receipt.quarantined, left, again=again)


def _next(file: str, quarantined: int, left: int, *, again: bool) -> list[str]:
    words: list[tuple[str, ...]] = [("quarantine", "list", file)] if quarantined else []
    words += [("run", file)] if left else []
    words += [("run", file, "--new-generation")] if again and not left else []
    return [as_command(*program(), *each) for each in words]


def unread(drift: Sequence[Drift]) -> str:
    """What the source holds in chunks that are done and no run of this generation will read; '' where that is nothing.
    What is gone is nothing to read."""
    came = sum(max(0, each.now - each.read) for each in drift)
    changed = sum(each.now == each.read for each in drift)
    parts = [f"{counted(came, 'document')} came into chunks that are done"] if came else []
    are = plural(changed, "is", "are")
    parts += [f"documents changed in {counted(changed, 'chunk')} that {are} done"] if changed else []
    return " and ".join(parts)


def unread_told(drift: Sequence[Drift], *, keyed: bool, quarantined: bool = False) -> str:
    """That, and what to do about it. keyed: whether duplicates are told by anything but the source key. quarantined:
    whether documents are in quarantine, which may be those that changed."""
    what = unread(drift)
    if not what:
        return ""
    again = quarantined and any(each.now == each.read for each in drift)
    retry = "; what of it is in quarantine, `quarantine retry` reads" if again else ""
    if not keyed:
        return f"{what}: no run reads that again; load into another target, since nothing tells duplicates here{retry}"
    all_again = "it reads everything again, what is loaded counts as duplicate"
    return f"{what}: only --new-generation reads that; {all_again}{retry}"


def _look_at(job: Job, table: str) -> str:
    """The first rows of a table: by the database's own command. For files that is DuckDB's, where it is there, else its
    library, which is always; '' for a database that is known by its driver alone."""
    url = with_environment(job.target.url)
    schema, name = place(table, job.target.db_schema)
    if scheme_of(url) in DATABASES:
        return client_command(address_of(job.target, job), schema, name)
    path = shorter(job.path(url.partition(":")[2])).replace("\\", "/")
    shell = shutil.which("duckdb") is not None
    if scheme_of(url) == "parquet":
        files = f"{path}/publications/*/{table}.parquet"
        if shell:
            return as_command("duckdb", "-c", "FROM '{}' LIMIT 10".format(files.replace("'", "''")))
        return _python(f"duckdb.read_parquet({files!r}).limit(10).show()")
    sql = f"FROM {_name(name) if schema == DEFAULT_SCHEMA else f'{_name(schema)}.{_name(name)}'} LIMIT 10"
    if shell:
        return as_command("duckdb", path, sql)
    return _python(f"duckdb.connect({path!r}, read_only=True).sql({sql!r}).show()")


def _python(statement: str) -> str:
    return as_command(interpreter(), "-c", f"import duckdb; {statement}")


def _name(name: str) -> str:
    """Quoted only where SQL would take it for something else."""
    with duckdb.connect(":memory:") as connection:
        word = "SELECT count(*) FROM duckdb_keywords() WHERE keyword_category <> 'unreserved' AND keyword_name = ?"
        found = connection.execute(word, [name.lower()]).fetchone()
    return quote(name) if found != (0,) or not name.isidentifier() else name
