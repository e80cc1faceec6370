"""A run as its user reads it: rates, the equation of conservation, and what to type next."""

from __future__ import annotations

import os
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

from columnar.job import Job, scheme_of, with_environment
from columnar.json_value import json_object
from columnar.prove import Proof
from columnar.run import Run


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


def next_commands(run: Run, job: Job, file: str) -> list[str]:
    """Commands that make sense after a run, ready to be typed. file: the job's file as the user named it."""
    commands: list[tuple[str, ...]] = [("columnar", "quarantine", "list", file)] if run.proof.quarantined else []
    if run.proof.pending + run.proof.uncovered:
        commands.append(("columnar", "run", file))
    commands.append(("columnar", "status", file))
    tables = [each.table for each in run.proof.tables if each.found] or [each.table for each in run.proof.tables]
    if tables:
        commands.append(_look_at(job, tables[0]))
    return [as_command(*each) for each in commands]


def _look_at(job: Job, table: str) -> tuple[str, ...]:
    url = with_environment(job.target.url)
    path = _shorter(job.path(url.partition(":")[2]))
    if scheme_of(url) == "parquet":
        files = path.replace(os.sep, "/").replace("'", "''")
        return "duckdb", "-c", f"FROM '{files}/publications/*/{table}.parquet' LIMIT 10"
    name = table if job.target.db_schema == "main" else f"{job.target.db_schema}.{table}"
    return "duckdb", path, f"FROM {name} LIMIT 10"


def _shorter(path: Path) -> str:
    """Relative to the current folder where it lies below it."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def as_command(*words: str) -> str:
    """Words as one line to type into the system's own shell."""
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)
