"""From a command's options to a job and what a run is told."""

from __future__ import annotations

from pathlib import Path

from columnar.jobs.job import Job
from columnar.jobs.job_file import read_job
from columnar.jobs.key_text import key_parts, parse_where_key
from columnar.jobs.options import RunOptions
from columnar.sizes import parse_size


def job_of(file: Path, workspace: Path | None = None) -> Job:
    """The job of a file, with another workspace if one is named; that one is relative to the current folder."""
    job = read_job(file)
    return job if workspace is None else job.model_copy(update={"workspace": str(workspace.absolute())})


def options_of(
    job: Job,
    *,
    limit: int | None = None,
    where_key: str | None = None,
    memory: str | None = None,
    workers: int | None = None,
    shredder: str | None = None,
    max_quarantine: int | None = None,
    new_generation: bool = False,
    moved: bool = False,
) -> RunOptions:
    """The options of a run; JobError for a range or a size that is none."""
    return RunOptions(
        limit=limit,
        where_key=parse_where_key(where_key, key_parts(job)) if where_key is not None else (None, None),
        memory=parse_size(memory) if memory is not None else None,
        workers=workers,
        shredder=shredder,
        max_quarantine=max_quarantine,
        new_generation=new_generation,
        moved=moved,
    )
