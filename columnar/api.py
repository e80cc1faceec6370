"""The library's front door: what the commands do, as functions. A job is a Job, or the path of a job file."""

from __future__ import annotations

from pathlib import Path

from columnar.jobs.job import Job
from columnar.jobs.job_file import read_job, read_plan
from columnar.jobs.options import RunOptions
from columnar.looking.quarantine import QuarantineList, ShownDocument, list_quarantine, show_quarantined
from columnar.looking.status import JobStatus, job_status
from columnar.running.plan_run import RunPlan, plan_run
from columnar.running.run import Run, run_job


def run(job: Job | str | Path, options: RunOptions | None = None) -> Run:
    """Run a job and return what it did.

    job: a Job, or the path of a job file.
    Raises ContractError for a wrong contract, IntegrityError (exit code 5) where the proof does not hold, and otherwise
    the errors of columnar.errors and loaders.errors; what was published stays, and the same call continues.
    """
    job = _job(job)
    return run_job(job, read_plan(job), options)


def plan(job: Job | str | Path, options: RunOptions | None = None) -> RunPlan:
    """What `run` with the same options would do. Nothing is made or changed, not even an empty target."""
    return plan_run(_job(job), options)


def status(job: Job | str | Path) -> JobStatus:
    """How far a job is. Nothing is changed."""
    return job_status(_job(job))


def quarantine(job: Job | str | Path, *, reason: str | None = None, limit: int = 100) -> QuarantineList:
    """The documents in quarantine, in the source's order of chunks. reason: only those; limit: at most so many."""
    return list_quarantine(_job(job), reason=reason, limit=limit)


def quarantined_document(job: Job | str | Path, source_key: str) -> ShownDocument:
    """One document in quarantine, with its lines around the place, read again from the source."""
    return show_quarantined(_job(job), source_key)


def _job(job: Job | str | Path) -> Job:
    return job if isinstance(job, Job) else read_job(Path(job))
