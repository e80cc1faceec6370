"""The library's front door: what the commands do, as functions."""

from __future__ import annotations

from pathlib import Path

from columnar.job import Job
from columnar.job_file import read_job, read_plan
from columnar.options import RunOptions
from columnar.run import Run, run_job


def run(job: Job | str | Path, options: RunOptions | None = None) -> Run:
    """Run a job and return what it did.

    job: a Job, or the path of a job file.
    Raises ContractError for a wrong contract, IntegrityError (exit code 5) where the proof does not hold, and the errors of
    columnar.errors and loaders.errors otherwise; what was published stays, and the same call continues.
    """
    if not isinstance(job, Job):
        job = read_job(Path(job))
    return run_job(job, read_plan(job), options)
