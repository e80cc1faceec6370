"""Whether the audit files are those that were written, and add up to what the books of the target say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from columnar.audit.exported import Exported, read_list
from columnar.audit.folder import BY_TABLE, DRAFT, UNPUBLISHED, AuditFolder, audit_folder
from columnar.audit.manifest import Manifest, ManifestError, ManifestFile, read_manifest
from columnar.audit.raw import RECORDED
from columnar.bookkeeping.ledger import BEGUN, DOCUMENT
from columnar.bookkeeping.receipt import from_json
from columnar.bookkeeping.retried import is_purge
from columnar.bookkeeping.state import JobKey, JobState, Published, last_row
from columnar.bookkeeping.stored_json import stored_rows
from columnar.counted import counted
from columnar.errors import ExitCode
from columnar.jobs.job import Job
from columnar.json_value import json_object
from columnar.looking.look import look_at_sink, looking_engine
from loaders.errors import UnavailableError
from loaders.parquet_file import file_sha256
from loaders.parquet_source import parquet_errors
from loaders.sink import Sink


@dataclass(frozen=True, slots=True)
class AuditProblem:
    """Something wrong. kind: `missing`, `truncated`, `tampered` (other bytes than were written), `unreadable`, `extra`
    (a file that no manifest names), `count` (files of a chunk do not add up to its ledger row). file: below the job's
    audit folder."""

    kind: str
    file: str
    detail: str

    def __str__(self) -> str:
        return f"{self.file}: {self.kind}: {self.detail}"


@dataclass
class AuditReport:
    """What was read again.

    chunks: with a manifest; others: published chunks that left none. rows: by stage. unpublished: files of chunks that
    were never published, which were set aside. problems: what is wrong; empty where nothing is.
    """

    name: str
    folder: Path
    chunks: int = 0
    others: int = 0
    files: int = 0
    bytes: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    unpublished: int = 0
    problems: list[AuditProblem] = field(default_factory=list)

    @property
    def exit_code(self) -> ExitCode:
        """INTEGRITY where something is wrong."""
        return ExitCode.INTEGRITY if self.problems else ExitCode.CLEAN

    def as_dict(self) -> dict[str, object]:
        """For --json."""
        return json_object(self, exit_code=self.exit_code)

    def __repr__(self) -> str:
        return f"<AuditReport of job {self.name!r}: {self.files:,} files, {len(self.problems):,} problems>"

    def _repr_html_(self) -> str:
        """For notebooks."""
        from columnar.notebook.verify_html import verify_html

        return verify_html(self)


def verify_audit(job: Job, *, folder: Path | None = None) -> AuditReport:
    """Read every audit file of a job again: its checksum, its rows, and whether the files of each chunk add up to the
    chunk's ledger row, document by document. Nothing is changed.

    folder: of other files, such as an export; None: those of the job's own runs. What is trusted is the target, which
    holds the checksum of each manifest (of an export, its list).
    """
    files = AuditFolder(folder / job.name) if folder is not None else audit_folder(job)
    with looking_engine() as engine, closing(look_at_sink(job, engine)) as sink:
        last = last_row(sink, job.name) if all(sink.has(spec.name) for spec in BEGUN) else None
        keys = [JobKey(job.name, generation) for generation in range(1, last.generation + 1 if last else 1)]
        return _Verification(files, sink, keys).report(job.name)


class _Verification:
    """keys: the job in each of its generations."""

    def __init__(self, folder: AuditFolder, sink: Sink, keys: Sequence[JobKey]) -> None:
        self._folder = folder
        self._sink = sink
        self._keys = keys
        self._named: dict[str, set[str]] = {}  # by run
        self._left_out: set[str] = set()  # tables of which an export has not all that the ledger counts

    def report(self, name: str) -> AuditReport:
        self._report = AuditReport(name, self._folder.root)
        listed = read_list(self._folder.root)
        for key in self._keys:
            state = JobState(self._sink, key)
            self._null_chunks = {each.chunk for each in state.ranges() if each.range.null_keys}
            for chunk, published in sorted(state.published().items()):
                known = from_json(published.receipt).audit
                if listed is not None:
                    self._exported(key, published, listed.chunks.get((key.generation, chunk)))
                elif known:
                    self._chunk(key, published, known["manifest"], known["sha256"])
                elif chunk > 0 or not is_purge(published.keys):  # a purge has nothing to leave
                    self._report.others += 1
        for file in listed.others if listed is not None else ():
            run, _, rest = file.path.partition("/")
            self._named.setdefault(run.partition("=")[2], set()).add(rest)
            self._file(self._folder.root / file.path, file)
        for run, path in self._folder.runs().items():
            self._extra(path, self._named.get(run, set()))
        return self._report

    def _exported(self, key: JobKey, published: Published, exported: Exported | None) -> None:
        """A chunk of an export; one that was published after it is not in it."""
        if exported is None:
            self._report.others += 1
            return
        rows = {name: count - exported.left_out.get(name, 0) for name, count in published.rows.items()}
        self._left_out = set(exported.left_out)
        self._chunk(key, replace(published, rows=rows), exported.manifest, exported.sha256)
        self._left_out = set()

    def _chunk(self, key: JobKey, published: Published, name: str, sha256: str) -> None:
        path = self._folder.root / name
        self._named.setdefault(published.run, set()).add(name.partition("/")[2])
        manifest = self._manifest(path, name, sha256)
        if manifest is None:
            self._unvouched(path.parents[1], published, name)
            return
        self._report.chunks += 1
        whole = True
        for file in manifest.files:
            self._named[published.run].add(file.path)
            whole = self._file(path.parents[1] / file.path, file) and whole
        if whole:  # otherwise that they do not add up is no news
            for told in self._sums(manifest, key, published, path.parents[1]):
                self._tell("count", name, told)

    def _unvouched(self, run_folder: Path, published: Published, manifest: str) -> None:
        """The files of a chunk without a manifest: nothing is known of them, and they are told once."""
        name = f"{Path(manifest).stem}.parquet"
        paths = [path for folder in ("stage=*", "stage=*/table=*") for path in run_folder.glob(f"{folder}/{name}")]
        self._named[published.run].update(path.relative_to(run_folder).as_posix() for path in paths)
        if paths:
            self._tell("unreadable", manifest, f"nothing vouches for the {counted(len(paths), 'file')} of its chunk")

    def _manifest(self, path: Path, name: str, sha256: str) -> Manifest | None:
        if not path.is_file():
            self._tell("missing", name, "the target's books name this manifest")
            return None
        if file_sha256(path) != sha256:
            self._tell("tampered", name, "its checksum is not the one that the target's books hold")
        try:
            return read_manifest(path)
        except ManifestError as error:
            self._tell("unreadable", name, error.message)
            return None

    def _file(self, path: Path, file: ManifestFile) -> bool:
        """Whether a file is what its manifest says."""
        name = self._folder.relative(path)
        if not path.is_file():
            self._tell("missing", name, f"{file.rows:,} rows")
            return False
        size = path.stat().st_size
        self._report.files += 1
        self._report.bytes += size
        self._report.rows[file.stage] = self._report.rows.get(file.stage, 0) + file.rows
        if size < file.bytes and not _has_footer(path):
            self._tell("truncated", name, f"{size:,} bytes, {file.bytes:,} were written")
        elif file_sha256(path) != file.sha256:
            self._tell("tampered", name, "its checksum is not the manifest's")
        else:
            return self._readable(path, name, file)
        return False

    def _readable(self, path: Path, name: str, file: ManifestFile) -> bool:
        try:
            with parquet_errors(path), pq.ParquetFile(path) as parquet:
                rows = sum(len(batch) for batch in parquet.iter_batches(65_536)) if file.stage != "raw" else _rows(path)
        except UnavailableError as error:
            self._tell("unreadable", name, error.message)
            return False
        if rows != file.rows:
            self._tell("count", name, f"{rows:,} rows, the manifest says {file.rows:,}")
        return rows == file.rows

    def _sums(self, manifest: Manifest, key: JobKey, published: Published, folder: Path) -> Iterator[str]:
        """What of a chunk's files does not add up to its ledger row."""
        rows: dict[tuple[str, str], int] = {}
        for file in manifest.files:
            rows[file.stage, file.table] = rows.get((file.stage, file.table), 0) + file.rows
        for stage, said in (("duplicates", published.duplicate), ("quarantine", published.quarantined)):
            if stage in manifest.stages and rows.get((stage, ""), 0) != said:
                yield f"{rows.get((stage, ''), 0):,} rows of {stage}, the ledger says {said:,}"
        read = 0 if published.chunk in self._null_chunks else published.documents
        if "raw" in manifest.stages and rows.get(("raw", ""), 0) != read:
            yield f"{rows.get(('raw', ''), 0):,} raw documents, the ledger says {read:,}"
        if "loaded" not in manifest.stages:
            return
        tables = sorted({table for stage, table in rows if stage in BY_TABLE} | set(published.rows))
        for table in tables:
            there, said = rows.get(("loaded", table), 0), published.rows.get(table, 0)
            if there != said:
                yield f"{there:,} rows of {table}, the ledger says {said:,}"
            if "extracted" in manifest.stages and rows.get(("extracted", table), 0) < there:
                yield f"more rows of {table} were loaded than extracted"
        yield from self._documents(manifest, key, published, folder, tables)

    def _documents(
        self, manifest: Manifest, key: JobKey, published: Published, folder: Path, tables: list[str]
    ) -> Iterator[str]:
        """The same for each document: what the document table says of its rows."""
        where = {**key.columns(), "chunk": published.chunk}
        stored = self._sink.read(DOCUMENT.name, ["document", "rows"], where)
        said = pl.DataFrame({"document": pl.Series(stored["document"], dtype=pl.Int64)})
        said = said.with_columns(pl.DataFrame(stored_rows(stored["rows"], tables)) if len(stored) and tables else [])
        for file in manifest.files:
            if file.stage != "loaded" or file.table not in said.columns:
                continue
            with parquet_errors(folder / file.path):
                rows = pq.read_table(folder / file.path, columns=["_document"], partitioning=None)
            found = (
                pl.DataFrame(rows).group_by(pl.col("_document").alias("document")).agg(there=pl.len().cast(pl.Int64))
            )
            both = said.select("document", said=file.table).join(found, on="document", how="full", coalesce=True)
            both = both.fill_null(0)
            if file.table in self._left_out:
                both = both.filter(pl.col("there") > 0)
            wrong = both.filter(pl.col("said") != pl.col("there")).height
            if wrong:
                yield f"{wrong:,} documents have other rows of {file.table} than the document table says"

    def _extra(self, run_folder: Path, named: set[str]) -> None:
        """Files that no manifest names."""
        going_on = any(run_folder.glob(".running-*"))
        for path in sorted(each for each in run_folder.rglob("*") if each.is_file()):
            name = path.relative_to(run_folder).as_posix()
            if name in named or path.name.startswith(".running-"):
                continue
            if going_on or path.name.endswith((UNPUBLISHED, DRAFT, RECORDED)):
                self._report.unpublished += 1
            else:
                self._tell("extra", self._folder.relative(path), "no chunk of the target's books wrote it")

    def _tell(self, kind: str, file: str, detail: str) -> None:
        self._report.problems.append(AuditProblem(kind, file, detail))


def _has_footer(path: Path) -> bool:
    """Whether a file ends as Parquet does."""
    with parquet_errors(path), path.open("rb") as file:
        file.seek(-min(4, path.stat().st_size), 2)
        return file.read() == b"PAR1"


def _rows(path: Path) -> int:
    """From the footer: whole documents are large, and their bytes have been read for the checksum."""
    return int(pq.read_metadata(path).num_rows)
