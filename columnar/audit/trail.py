"""Writing the audit files of a run's chunks: each durable before its chunk is committed, and named in its receipt."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pyarrow as pa

from columnar.audit.folder import STAGES, AuditFolder, chunk_files, chunk_of, stage_file
from columnar.audit.manifest import Manifest, ManifestFile
from columnar.audit.raw import RawFiles, RecordedDocuments
from columnar.audit.set_aside import set_aside
from columnar.audit.versions import versions
from columnar.bookkeeping.ledger import OUTCOMES
from columnar.bookkeeping.ranges import StoredRange
from columnar.bookkeeping.state import JobKey, JobState
from columnar.running.chunk import PreparedChunk
from columnar.running.decide import DecidedChunk, duplicates, quarantined
from columnar.running.identity import made_columns
from columnar.running.reading import Readable
from loaders.parquet_file import ParquetDraft, draft_of, file_sha256, make_durable, write_draft
from loaders.parquet_source import parquet_errors
from loaders.source import KeyRange
from transforms.documents import DOCUMENT

# Columns of lineage beside the shredder's own (_document, _row, _parent, _position, _line), by names that no column of
# a contract can have.
SOURCE_KEY, CHUNK = "_source_key", "_chunk"
# Stages that are written of every chunk, also where there are no rows.
_ALWAYS = ("raw", "extracted", "loaded")


@dataclass
class AuditTrail:
    """The audit files of one run.

    stages: those to write. raw: the documents that were recorded while they were read; None where `raw` is no stage.
    """

    folder: AuditFolder
    job: JobKey
    run: str
    contract: str
    stages: tuple[str, ...]
    raw: RawFiles | None = None
    _tried: set[int] = field(default_factory=set)

    def begin(self) -> None:
        """Mark the run's folder as one that is being written to."""
        with parquet_errors(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            self.marker.write_text("", encoding="utf-8")

    def end(self) -> None:
        """Take the mark away: all that the run wrote is published. A folder that stayed empty goes."""
        with parquet_errors(self.path):
            self.marker.unlink(missing_ok=True)
            if not any(self.path.iterdir()):
                self.path.rmdir()

    def recorded(self, source: Readable, chunks: Sequence[StoredRange] = ()) -> Readable:
        """The source, whose documents are recorded as they are read where `raw` is a stage. chunks: whose ranges are
        their numbers' already."""
        if self.raw is None:
            return source
        for each in chunks:
            self.raw.expect(each.chunk, each.range)
        return RecordedDocuments(source, self.raw)

    def expect(self, chunk: int, within: KeyRange) -> None:
        """A chunk's number that is known only now."""
        if self.raw is not None:
            self.raw.expect(chunk, within)

    @property
    def path(self) -> Path:
        """The run's own folder."""
        return self.folder.run(self.run)

    @property
    def marker(self) -> Path:
        """A file that is there while the run goes on; it names machine and process."""
        return self.path / f".running-{platform.node()}-{os.getpid()}"

    def write(
        self, prepared: PreparedChunk, decided: DecidedChunk, tables: Mapping[str, pa.Table]
    ) -> dict[str, str | None]:
        """Write a chunk's files and its manifest, and note the manifest in the receipt.

        tables: the rows as the target gets them. Returns the ledger's columns that name files. What an earlier try at
        the same chunk wrote is replaced.
        """
        chunk, receipt = prepared.chunk, prepared.receipt
        self._clear(chunk)
        with receipt.timed("audit"):
            files = list(self._write(prepared, decided, tables))
            receipt.audit = {}
            if files or set(self.stages) & set(_ALWAYS):
                manifest = Manifest(
                    job=self.job.job,
                    generation=self.job.generation,
                    run=self.run,
                    chunk=chunk,
                    contract=self.contract,
                    versions=versions(),
                    stages=self.stages,
                    documents={name: getattr(receipt, name) for name in ("documents", *OUTCOMES)},
                    files=tuple(files),
                )
                path = self.folder.manifest(self.run, chunk)
                write_draft(path, manifest.as_text())
                receipt.audit = {"manifest": self.folder.relative(path), "sha256": file_sha256(draft_of(path))}
                drafts = [self.path / each.path for each in files if each.stage != "raw"]
                make_durable([*drafts, path])
        by_stage = {each.stage: str(self.path / each.path) for each in files}
        return {f"{stage}_file": by_stage.get(stage) for stage in ("quarantine", "duplicates")}

    def _clear(self, chunk: int) -> None:
        """Remove what another try wrote, but for the raw documents: those are the same."""
        if chunk not in self._tried:
            self._tried.add(chunk)
            return
        for path in chunk_files(self.path):
            if chunk_of(path) == chunk and path.parent.name != "stage=raw":
                path.unlink()

    def _write(
        self, prepared: PreparedChunk, decided: DecidedChunk, tables: Mapping[str, pa.Table]
    ) -> Iterator[ManifestFile]:
        """Each file that was written: a draft still, but for the raw documents."""
        chunk = prepared.chunk
        for stage in (each for each in STAGES if each in self.stages):
            path = stage_file(self.path, stage, chunk)
            if stage == "raw":
                rows = self.raw.publish(prepared.chunk, path) if self.raw is not None else 0
                if rows:
                    yield manifest_file(path, self.path, stage, "", rows)
            elif stage in ("duplicates", "quarantine"):
                records = duplicates(decided.outcomes) if stage == "duplicates" else quarantined(decided.outcomes)
                if len(records):
                    numbers = pa.array([chunk] * len(records), pa.int64())
                    yield self._draft(path, stage, "", chunk, records.append_column("chunk", numbers))
            else:
                yield from self._write_tables(prepared, tables if stage == "loaded" else extracted(prepared), stage)

    def _write_tables(
        self, prepared: PreparedChunk, tables: Mapping[str, pa.Table], stage: str
    ) -> Iterator[ManifestFile]:
        keys = prepared.documents["source_key"]
        for name, rows in tables.items():
            if len(rows):
                path = stage_file(self.path, stage, prepared.chunk, name)
                yield self._draft(path, stage, name, prepared.chunk, with_lineage(rows, prepared.chunk, keys))

    def _draft(self, path: Path, stage: str, table: str, chunk: int, rows: pa.Table) -> ManifestFile:
        about = about_file(self.job, self.run, self.contract, stage, chunk, table)
        with ParquetDraft(path, rows.schema, metadata=about) as draft:
            draft.write(rows)
            draft.close()
        return manifest_file(path, self.path, stage, table, len(rows), written=draft.draft)


@contextmanager
def audit_trail(
    folder: AuditFolder, state: JobState, run: str, contract: str, stages: Sequence[str]
) -> Iterator[AuditTrail]:
    """The audit files of a run, while it goes on. What runs that were killed left is set aside before; what this one
    leaves when an error ends it, the next one sets aside."""
    trail = AuditTrail(folder, state.key, run, contract, tuple(stages))
    if "raw" in stages:
        about = about_file(state.key, run, contract, "raw")
        trail.raw = RawFiles(trail.path, about)
    if stages:
        set_aside(folder, state)
        trail.begin()
    yield trail
    if stages:
        trail.end()


def manifest_file(
    path: Path, run_folder: Path, stage: str, table: str, rows: int, *, written: Path | None = None
) -> ManifestFile:
    """A file as its manifest names it, by what was written. written: where it is, if not under its own name yet."""
    there = path if written is None else written
    return ManifestFile(
        path=path.relative_to(run_folder).as_posix(),
        stage=stage,
        table=table,
        rows=rows,
        bytes=there.stat().st_size,
        sha256=file_sha256(there),
    )


def about_file(
    job: JobKey, run: str, contract: str, stage: str, chunk: int | None = None, table: str = ""
) -> dict[str, str]:
    """What a file says of itself, in its metadata. chunk: None where that is not known yet."""
    about = {"job": job.job, "generation": str(job.generation), "run": run, "stage": stage}
    about |= {} if chunk is None else {"chunk": str(chunk)}
    about |= {"table": table} if table else {}
    about |= {"contract": contract} | {f"version.{name}": version for name, version in versions().items()}
    return {f"columnar.{name}": value for name, value in about.items()}


def with_lineage(rows: pa.Table, chunk: int, source_keys: pa.Array | pa.ChunkedArray) -> pa.Table:
    """Rows with what leads back to their documents. source_keys: of the chunk's documents, in their order."""
    keys = source_keys.combine_chunks() if isinstance(source_keys, pa.ChunkedArray) else source_keys
    of_rows = keys.take(rows[DOCUMENT].combine_chunks())
    rows = rows.append_column(SOURCE_KEY, of_rows)
    return rows.append_column(CHUNK, pl.repeat(chunk, len(rows), dtype=pl.Int64, eager=True).to_arrow())


def extracted(prepared: PreparedChunk) -> dict[str, pa.Table]:
    """The rows of every document that can load, before duplicates are decided; without the columns that the database
    makes, which have no value yet."""
    if prepared.plan is None:
        return {}
    made = made_columns(prepared.plan)
    return {name: rows.drop_columns(_there(made.get(name, {}), rows)) for name, rows in prepared.tables.items()}


def _there(names: Iterable[str], rows: pa.Table) -> list[str]:
    return [name for name in names if name in rows.column_names]
