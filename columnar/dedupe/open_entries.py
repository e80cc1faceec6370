"""From what a user names to entries: a job file, a job's audit folder, or Parquet files."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from columnar.checking.trial import is_job
from columnar.dedupe.audit_entries import AuditEntries, is_audit_folder
from columnar.dedupe.entries import Entries
from columnar.dedupe.job_entries import JobEntries
from columnar.dedupe.options import AnalyzeOptions
from columnar.dedupe.parquet_entries import ParquetEntries
from columnar.errors import JobError
from columnar.jobs.job_file import read_job
from columnar.jobs.options import RunOptions
from columnar.looking.look import looking_engine
from columnar.running.budget import default_memory

# How the names of job files end.
JOBS = (".yaml", ".yml", ".json")
# Of the memory budget: what reads Parquet files.
_READING = 20


def open_entries(source: str | Path, options: AnalyzeOptions) -> Entries:
    """The entries of a source; JobError where it is none."""
    path = Path(source)
    if path.suffix.lower() in JOBS:
        if path.is_file() and not is_job(path):
            raise JobError(f"{path} is a contract: it has no documents", hint="name a job, or Parquet files")
        run = RunOptions(memory=options.memory, workers=options.workers)
        return JobEntries(read_job(path), run, key=options.key, ignore=options.ignore)
    if is_audit_folder(path):
        return AuditEntries(path, key=options.key, ignore=options.ignore)
    stack = ExitStack()
    try:
        memory = options.memory or default_memory()
        engine = stack.enter_context(looking_engine(memory * _READING // 100))
        return ParquetEntries(engine, str(source), key=options.key, ignore=options.ignore, closing=stack)
    except BaseException:
        stack.close()
        raise
