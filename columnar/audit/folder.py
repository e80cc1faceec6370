"""Where a job's audit files are.

    ROOT/run=ID/stage=loaded/table=application/chunk-000000001.parquet
    ROOT/run=ID/stage=quarantine/chunk-000000001.parquet
    ROOT/run=ID/manifest/chunk-000000001.json

ROOT is a folder for each job. Names of folders are those of a Hive partition, so that DuckDB, Polars and pyarrow find
run, stage and table in them. What a file was that no ledger row names is told by UNPUBLISHED at the end of its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from columnar.jobs.job import Job

# In the order in which a document goes through them. raw: as read. extracted: the rows that the contract makes of each
# document that can load, before duplicates are decided. duplicates, quarantine: one row a document that was not
# loaded. loaded: the rows as the target got them.
STAGES = ("raw", "extracted", "duplicates", "quarantine", "loaded")
# Stages with one file a table.
BY_TABLE = ("extracted", "loaded")
UNPUBLISHED = ".unpublished"
DRAFT = ".draft"
_CHUNK = re.compile(r"chunk-(-?\d+)\.(?:parquet|json)")


@dataclass(frozen=True, slots=True)
class AuditFolder:
    """The audit files of one job."""

    root: Path

    def run(self, run: str) -> Path:
        """The folder of a run."""
        return self.root / f"run={run}"

    def runs(self) -> dict[str, Path]:
        """The folder of every run that left one, oldest first."""
        found = sorted(self.root.glob("run=*")) if self.root.is_dir() else []
        return {path.name.partition("=")[2]: path for path in found if path.is_dir()}

    def manifest(self, run: str, chunk: int) -> Path:
        """The manifest of a chunk."""
        return self.run(run) / "manifest" / f"chunk-{chunk:09d}.json"

    def relative(self, path: Path) -> str:
        """A path as manifests and messages name it."""
        return path.relative_to(self.root).as_posix()


def audit_folder(job: Job) -> AuditFolder:
    """Where a job's files go: below the folder that it names, or below its workspace."""
    if job.audit.folder is None:
        return AuditFolder(job.path(job.workspace) / job.name / "audit")
    return AuditFolder(job.path(job.audit.folder) / job.name)


def stage_file(run_folder: Path, stage: str, chunk: int, table: str = "") -> Path:
    """The file of a chunk in one stage. table: for those of BY_TABLE."""
    folder = run_folder / f"stage={stage}"
    if table:
        folder = folder / f"table={quote(table, safe='')}"
    return folder / f"chunk-{chunk:09d}.parquet"


def chunk_of(path: Path) -> int | None:
    """The chunk whose file or manifest this is; None for others."""
    found = _CHUNK.fullmatch(path.name)
    return int(found[1]) if found else None


def chunk_files(run_folder: Path) -> Iterator[Path]:
    """Every file and manifest of a run's chunks."""
    for pattern in ("stage=*/*.parquet", "stage=*/table=*/*.parquet", "manifest/*.json"):
        yield from sorted(run_folder.glob(pattern))
