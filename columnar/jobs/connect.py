"""From a job's URLs to its source and its target."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import psutil

from columnar.errors import JobError
from columnar.jobs.job import SOURCES, TARGETS, Job
from columnar.jobs.url import DATABASES, scheme_of, with_environment
from loaders.archive_source import ArchiveSource, ArchiveSourceOptions
from loaders.duckdb_engine import DuckDBEngine
from loaders.duckdb_sink import DuckDBSink
from loaders.duckdb_source import DuckDBSource, DuckDBSourceOptions
from loaders.errors import UnavailableError, UsageError
from loaders.folder_source import FolderSource, FolderSourceOptions
from loaders.parquet_sink import ParquetSink
from loaders.parquet_source import ParquetSource, ParquetSourceOptions
from loaders.sink import Sink
from loaders.source import Source

# What a source is where it is no server.
_FILES = {
    "duckdb": "database file",
    "sqlite": "database file",
    "folder": "folder",
    "zip": "zip archive",
    "tar": "tar archive",
}
# What the driver of a source or target may take for its buffers where no run says how much.
_DRIVER_MEMORY = 64_000_000


def open_source(job: Job, engine: DuckDBEngine, *, memory: int = 0) -> Source:
    """The job's source. Where it is the target too, open that first: it is opened for writing.

    memory: bytes for a driver's buffers; 0 for some.
    """
    url = with_environment(job.source.url)
    scheme, rest = scheme_of(url), url.partition(":")[2]
    spec = job.source
    if scheme in DATABASES:
        from columnar.jobs.databases import open_database_source

        return open_database_source(job, memory=memory or _DRIVER_MEMORY)
    if scheme == "duckdb":
        return DuckDBSource(
            engine, DuckDBSourceOptions(job.path(rest), spec.key, spec.document, spec.table, spec.query)
        )
    if scheme == "parquet":
        return ParquetSource(engine, ParquetSourceOptions(str(job.base / rest), spec.key, spec.document))
    if scheme == "folder":
        return FolderSource(FolderSourceOptions(job.path(rest), spec.pattern))
    if scheme == "zip":
        return ArchiveSource(ArchiveSourceOptions(job.path(rest), "zip", spec.pattern))
    if scheme == "tar":
        return ArchiveSource(ArchiveSourceOptions(job.path(rest), "tar", spec.pattern))
    raise JobError(f"source: there is no backend for {scheme}:", hint="the backends are: " + ", ".join(SOURCES))


def check_source_exists(job: Job) -> None:
    """UsageError for a database file, folder or archive that is not there; asked before an empty target is made."""
    scheme, _, rest = with_environment(job.source.url).partition(":")
    path = job.path(rest)
    what = _FILES.get(scheme)
    if what is not None and not path.exists():
        raise UsageError(f"there is no {what} {path}", hint="check the path in the job's source")


def is_one_file(job: Job) -> bool:
    """Whether the job's source and its target are one DuckDB file, which has to be opened for writing first."""
    ends = [with_environment(each.url).partition(":") for each in (job.source, job.target)]
    return len({(scheme, job.path(rest).resolve()) for scheme, _, rest in ends if scheme == "duckdb"}) == 1 and all(
        scheme == "duckdb" for scheme, _, _ in ends
    )


def drivers_of(job: Job) -> int:
    """How many of the job's source and target are reached over a driver."""
    return sum(scheme_of(each.url) in DATABASES for each in (job.source, job.target))


def open_sink(job: Job, engine: DuckDBEngine, *, memory: int = 0) -> Sink:
    """The job's target. memory: bytes for a driver's buffers; 0 for some."""
    url = with_environment(job.target.url)
    scheme = scheme_of(url)
    if scheme in DATABASES:
        from columnar.jobs.databases import open_database_sink

        return open_database_sink(job, memory=memory or _DRIVER_MEMORY)
    path = job.path(url.partition(":")[2])
    if scheme == "duckdb":
        return DuckDBSink(engine, path, schema=job.target.db_schema)
    if scheme == "parquet":
        return ParquetSink(path)
    raise JobError(f"target: there is no backend for {scheme}:", hint="the backends are: " + ", ".join(TARGETS))


def open_engine(workspace: Path, *, memory: int, threads: int) -> DuckDBEngine:
    """The embedded engine, which spills to a folder of this process in the workspace."""
    return DuckDBEngine(memory_bytes=memory, spill=workspace / f"spill-{os.getpid()}", threads=threads)


def make_workspace(path: Path) -> Path:
    """The workspace's folder, made if missing; what processes that are gone had spilled is removed."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        for spill in path.glob("spill-*"):
            owner = spill.name.removeprefix("spill-")
            if owner.isdecimal() and (int(owner) == os.getpid() or not psutil.pid_exists(int(owner))):
                shutil.rmtree(spill, ignore_errors=True)
        if not os.access(path, os.W_OK):
            raise PermissionError(13, "permission denied")
    except OSError as error:
        hint = "set workspace: in the job to a folder that can be written to"
        raise UnavailableError(f"workspace {path}: {error.strerror or error}", hint=hint) from error
    return path
