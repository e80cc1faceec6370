"""The library's front door: what the commands do, as functions. A job is a Job, or the path of a job file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from columnar.audit.export import STAGES as EXPORTED
from columnar.audit.export import Export, export_job
from columnar.audit.verify import AuditReport
from columnar.audit.verify import verify_audit as verify_job_audit
from columnar.dedupe.analyze import Analysis, analyze
from columnar.dedupe.explain import Explanation
from columnar.dedupe.explain import explain as explain_cluster
from columnar.dedupe.options import AnalyzeOptions
from columnar.explaining.explain import explain_row
from columnar.explaining.explained import ExplainedRow
from columnar.jobs.job import Job
from columnar.jobs.job_file import read_job, read_plan
from columnar.jobs.options import RunOptions
from columnar.looking.quarantine import QuarantineList, ShownDocument, list_quarantine, show_quarantined
from columnar.looking.status import JobStatus, job_status
from columnar.purging.options import PurgeOptions
from columnar.purging.purge import Purge, PurgePlan, purge_job
from columnar.purging.purge import plan_purge as plan_purge_job
from columnar.reconciling.options import ReconcileOptions
from columnar.reconciling.reconcile import reconcile_job
from columnar.reconciling.report import Reconciliation
from columnar.running.plan_run import RunPlan, plan_run
from columnar.running.retry import Retry, RetryPlan, retry_job
from columnar.running.retry import plan_retry as plan_retry_job
from columnar.running.retry_selection import RetryOptions
from columnar.running.run import Run, run_job
from columnar.surveying.coverage import CoverageOptions, CoverageReport, survey_job


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


def retry(job: Job | str | Path, options: RetryOptions | None = None) -> Retry:
    """Read documents in quarantine again, by the contract and from the source as they are now, and load those that can
    be: exactly once, and with the books proved at the end. The others are not read.

    Raises as `run` does, and JobError for a reason, a key or a run of which nothing is in quarantine.
    """
    job = _job(job)
    return retry_job(job, read_plan(job), options)


def plan_retry(job: Job | str | Path, options: RetryOptions | None = None) -> RetryPlan:
    """What `retry` with the same options would read again. Nothing is changed."""
    job = _job(job)
    return plan_retry_job(job, read_plan(job), options)


def analyze_duplicates(
    source: str | Path, file: str | Path = "duplicates.duckdb", options: AnalyzeOptions | None = None
) -> Analysis:
    """Find duplicates and conflicts, and put them into a DuckDB file with views. No target is needed or touched.

    source: a job file, a job's audit folder, or Parquet files: one, a folder or a pattern. file: replaced where it is
    there.
    """
    return analyze(source, file, options)


def explain_duplicate(file: str | Path, key: str) -> Explanation:
    """Who wins of all that have a key, by which rule, who loses, and where they differ.

    file: of `analyze_duplicates`; or a job's, for what its runs made of the key.
    """
    return explain_cluster(file, key)


def verify_audit(job: Job | str | Path, *, folder: str | Path | None = None) -> AuditReport:
    """Read every audit file of a job again, and compare it with its manifest, and the manifests with the target's
    books. folder: that of an export, instead of the job's own. Nothing is changed."""
    return verify_job_audit(_job(job), folder=None if folder is None else Path(folder))


def explain(job: Job | str | Path, table: str, key: str, column: str | None = None) -> ExplainedRow:
    """Where a row of the target comes from: its document, and of each value (or of one column's) the line, the path,
    the text that stands there, and every conversion that changed it. Nothing is changed.

    key: the values of the table's key with commas between them, or `column=value`. JobError where there is no such row,
    or nothing leads from it to a document.
    """
    return explain_row(_job(job), table, key, column)


def reconcile(job: Job | str | Path, options: ReconcileOptions | None = None) -> Reconciliation:
    """Compare the source of a job with its target, as both are now: counts, keys, and the values of a sample or of
    everything, made anew by the reference shredder. Nothing is changed."""
    return reconcile_job(_job(job), options)


def export(job: Job | str | Path, folder: str | Path, *, stages: Sequence[str] = EXPORTED) -> Export:
    """Write audit files of what a job's target holds now into a folder: the same as those of its runs, and a list of
    them with its checksum. stages: `duplicates`, `quarantine`, `loaded`. The target is not changed."""
    return export_job(_job(job), Path(folder), stages=stages)


def coverage(job: Job | str | Path, options: CoverageOptions | None = None) -> CoverageReport:
    """Which attributes and texts of a job's documents its contract reads, and what is new in them since the last time.
    The target is not changed; the survey is kept beside the job's audit files."""
    return survey_job(_job(job), options)


def purge(job: Job | str | Path, options: PurgeOptions) -> Purge:
    """Delete the rows of a run's, a chunk's or listed documents from the target, children first, and put the documents
    into quarantine as `purged`; the next `run` loads them anew. Whatever ends it, the same call completes it.

    Raises as `run` does, and JobError for documents of which nothing is known.
    """
    return purge_job(_job(job), options)


def plan_purge(job: Job | str | Path, options: PurgeOptions) -> PurgePlan:
    """What `purge` with the same options would do. Nothing is changed."""
    return plan_purge_job(_job(job), options)


def _job(job: Job | str | Path) -> Job:
    return job if isinstance(job, Job) else read_job(Path(job))
