"""Whether a job can run: its files, its source and its target."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from columnar.counted import counted, plural
from columnar.examining.examine_machine import disk
from columnar.examining.finding import Finding, fail, ok, warn
from columnar.jobs.job import Job
from columnar.jobs.job_file import read_job, read_plan
from columnar.jobs.url import DATABASES, scheme_of, with_environment
from columnar.looking.look import look_at_source
from columnar.running.plan_run import RunPlan, plan_run
from columnar.sizes import show_size
from loaders.source import EVERYTHING, KeyRange, ReadLimits, Source
from transforms.contract.target_tables import target_tables

# Keys looked at for being unique: enough to meet a mistake in the choice of columns, few enough for any memory.
_KEYS_LOOKED_AT = 1_000_000


def examine_job(file: Path) -> Iterator[Finding]:
    """Findings about a job; the first thing that keeps the others from being looked at ends them, by its error."""
    job = read_job(file)
    yield ok("job", f"{job.name}, in {file}")
    contract = read_plan(job)
    tables = target_tables(contract)
    columns = sum(len(table.columns) for table in tables)
    counts = f"{counted(len(tables), 'table')}, {counted(columns, 'column')}"
    yield ok("contract", f"{counts}, {contract.sha256[:12]}")
    yield from _folders(job)
    planned = plan_run(job)
    yield from _source(job, planned)
    yield from _target(planned)


def _folders(job: Job) -> Iterator[Finding]:
    """Where the run writes. The target is only opened for writing by a run."""
    workspace = job.path(job.workspace)
    yield _writable("workspace", workspace, "set workspace: in the job to a folder that can be written to")
    yield disk("workspace", workspace)
    url = with_environment(job.target.url)
    in_file = scheme_of(url) in ("duckdb", "sqlite")
    if scheme_of(url) in DATABASES and not in_file:
        return  # a server writes where it wants
    target = job.path(url.partition(":")[2])
    if in_file and target.is_file():
        yield _opens(target)
    else:
        folder = target.parent if in_file else target
        yield _writable("target", folder, "correct the target's url, or the rights of that folder")
    yield disk("target", target)


def _writable(area: str, folder: Path, hint: str) -> Finding:
    """By a file that is gone again at once, in the folder or the one it would be made in."""
    existing = folder
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:
        return fail(area, f"{folder} cannot be written to: {error.strerror or error}", hint)
    return ok(area, f"{folder} can be {'written to' if existing == folder else 'made'}")


def _opens(file: Path) -> Finding:
    try:
        with file.open("r+b"):
            pass
    except OSError as error:
        return fail(
            "target", f"{file} cannot be written to: {error.strerror or error}", "correct the rights of the file"
        )
    return ok("target", f"{file} can be written to")


def _source(job: Job, planned: RunPlan) -> Iterator[Finding]:
    source = planned.source
    size = f", {show_size(source.document_bytes)} each on average" if source.documents else ""
    yield ok("source", f"{counted(source.documents, 'document')}{size}")
    for note in source.notes:
        yield warn("source", note, "docs/guarantees.md tells what it means for a run")
    if source.null_keys:
        have = plural(source.null_keys, "has a NULL key and goes", "have a NULL key and go")
        yield warn("key", f"{counted(source.null_keys, 'row')} {have} to quarantine", "give each a key")
    with look_at_source(job) as opened:
        yield _unique(opened)


def _unique(source: Source) -> Finding:
    """Whether the key tells rows apart, among the first ones."""
    last = source.key_at(EVERYTHING, _KEYS_LOOKED_AT)
    names = ", ".join(part.name for part in source.key)
    with source.read(KeyRange(None, last), ReadLimits(1, 1)) as read:
        keys = pl.DataFrame(read.keys)
    rows = counted(keys.height, "row")
    looked = f"the first {rows}" if last is not None else f"all {rows}" if keys.height != 1 else "the only row"
    shared = keys.filter(keys.is_duplicated()) if keys.width and keys.height else keys.clear()
    if not shared.height:
        return ok("key", f"({names}) tells {looked} apart")
    example = ", ".join(str(part) for part in shared.row(0))
    return warn(
        "key",
        f"{shared.height:,} of {looked} share their key ({names}) with another, such as {example}",
        "name more columns in the source's key: different documents under one key go to quarantine",
    )


def _target(planned: RunPlan) -> Iterator[Finding]:
    for problem in planned.problems:
        yield fail("target", problem, "`columnar plan --ddl` prints the tables as the contract wants them")
    for note in planned.notes:
        yield warn("target", note, "docs/contract.md tells what a key is, docs/job.md what duplicates are")
    there, known = sum(table.exists for table in planned.tables), len(planned.tables)
    if not planned.problems:
        rest = "" if there == known else f"; a run makes the {plural(known - there, 'other', 'others')}"
        fit = plural(known, "table is there and fits", "tables are there and fit")
        yield ok("target", f"{there} of {known} {fit}{rest}")
