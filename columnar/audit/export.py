"""Audit files made from what the target holds now, for jobs whose runs left none, or not these."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pyarrow as pa

from columnar.audit.exported import LIST, Exported
from columnar.audit.folder import AuditFolder, stage_file
from columnar.audit.manifest import Manifest, ManifestFile
from columnar.audit.trail import CHUNK, SOURCE_KEY, about_file, manifest_file
from columnar.audit.versions import versions
from columnar.bookkeeping.books import Books, read_books
from columnar.bookkeeping.ledger import DOCUMENT, LEDGER, OUTCOMES
from columnar.bookkeeping.retried import retries
from columnar.bookkeeping.state import JobKey, JobState, Published
from columnar.bookkeeping.stored_json import stored_rows
from columnar.errors import JobError
from columnar.jobs.job import Job
from columnar.jobs.job_file import read_plan
from columnar.json_value import json_object
from columnar.lineage.current import CurrentDocuments
from columnar.lineage.links import DocumentLink, document_links, keys_in_table
from columnar.looking.fitting import fitting
from columnar.looking.look import look_at_sink, looking_engine
from columnar.running.decide import DuplicateRule
from columnar.running.duplicate_keys import duplicate_rule
from columnar.running.target_specs import target_specs, with_home_schema
from loaders.named_sink import named_sink
from loaders.parquet_file import ParquetDraft, file_sha256, write_durably, write_text_durably
from loaders.parquet_source import parquet_errors
from loaders.sink import Sink

STAGES = ("duplicates", "quarantine", "loaded")
# Documents whose rows are fetched at once: each time, the target looks through its tables once.
_AT_ONCE = 20_000
_RECORDS = {
    "duplicates": (
        "duplicate",
        ("document", "source_key", "root_key", "class", "place", "winner", "rule", "fingerprint"),
    ),
    "quarantine": (
        "quarantined",
        ("document", "source_key", "reason", "line", "column", "detail", "fingerprint", "bytes"),
    ),
}
# Rows of tables from which nothing leads to a document are in no run.
_NO_RUN = "unknown"


@dataclass
class Export:
    """What was written. rows: by stage. sha256: of the list of all files, `export.json`: keep it elsewhere, and nobody
    changes a file unnoticed. notes: what is not as in the files of a run."""

    name: str
    folder: Path
    files: int = 0
    bytes: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    sha256: str = ""
    notes: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        """For --json."""
        return json_object(self)

    def __repr__(self) -> str:
        return f"<Export of job {self.name!r}: {self.files:,} files in {self.folder}>"


def export_job(job: Job, folder: Path, *, stages: Sequence[str] = STAGES) -> Export:
    """Write the audit files of everything that the books and tables of a job's target hold now.

    folder: gets a folder with the job's name, in the layout of the runs' own audit files, which has another name until
    it is complete; JobError where there is one already. stages: some of STAGES; the others are known to a run only.
    The target is not changed.
    """
    unknown = [stage for stage in stages if stage not in STAGES]
    if unknown:
        raise JobError(f"a target does not know the stage {unknown[0]}", hint=f"it knows {', '.join(STAGES)}")
    root = folder.absolute() / job.name
    if root.exists() and not (root.is_dir() and not any(root.iterdir())):
        raise JobError(f"there is something in {root} already", hint="name another folder")
    files = AuditFolder(root.with_name(f"{job.name}.{os.getpid()}.draft"))
    plan = with_home_schema(read_plan(job), job.target.db_schema)
    rule = duplicate_rule(job.duplicates, plan)
    with looking_engine() as engine, closing(look_at_sink(job, engine)) as opened:
        sink = named_sink(opened, target_specs(plan))
        last = read_books(sink, job.name)
        if not last.generation:
            raise JobError(f"job {job.name!r} never ran: there is nothing to export", hint="`columnar run` begins it")
        exporting = _Exporting(sink, files, document_links(plan, rule), rule, tuple(stages), Export(job.name, root))
        try:
            with fitting(sink, plan):
                for generation in range(1, last.generation + 1):
                    exporting.generation(JobKey(job.name, generation))
                done = exporting.finish()
            with parquet_errors(root):
                files.root.replace(root)
        finally:
            shutil.rmtree(files.root, ignore_errors=True)
        return done


@dataclass
class _Exporting:
    sink: Sink
    folder: AuditFolder
    links: dict[str, DocumentLink]
    rule: DuplicateRule
    stages: tuple[str, ...]
    done: Export
    _chunks: list[Exported] = field(default_factory=list)
    _rest: dict[str, int] = field(default_factory=dict)  # rows by table that no document is known of

    def generation(self, key: JobKey) -> None:
        """Every published chunk of one."""
        published = sorted(JobState(self.sink, key).published().values(), key=lambda each: each.chunk)
        read = self.sink.read(LEDGER.name, ["chunk", "contract"], key.columns())
        contracts = dict(zip(read["chunk"].to_pylist(), read["contract"].to_pylist(), strict=True))
        books = Books(key.job, key.generation, retries=tuple(retries(published)))
        documents = CurrentDocuments(self.sink, books)
        for group in _groups(published):
            self._group(key, group, contracts, documents)

    def _group(
        self, key: JobKey, group: list[Published], contracts: dict[int, str], documents: CurrentDocuments
    ) -> None:
        files: dict[int, list[ManifestFile]] = {each.chunk: [] for each in group}
        for stage in (each for each in self.stages if each != "loaded"):
            for each in group:
                files[each.chunk] += self._records(key, each, contracts[each.chunk], stage)
        loaded = pl.DataFrame()
        if "loaded" in self.stages:
            now = documents.of_chunks([each.chunk for each in group])
            loaded = now.filter((pl.col("outcome") == "loaded") & pl.col("root_key").is_not_null())
            for link in self.links.values():
                if link.leads and not link.shared:
                    for chunk, file in self._rows(key, group, contracts, link, loaded):
                        files[chunk].append(file)
        for each in group:
            self._manifest(key, each, contracts[each.chunk], files[each.chunk], loaded)

    def _records(self, key: JobKey, published: Published, contract: str, stage: str) -> Iterator[ManifestFile]:
        outcome, columns = _RECORDS[stage]
        where = {**key.columns(), "chunk": published.chunk, "outcome": outcome}
        rows = self.sink.read(DOCUMENT.name, [*columns, "chunk"], where)
        if len(rows):
            run_folder = self.folder.run(published.run)
            path = stage_file(run_folder, stage, published.chunk)
            about = about_file(key, published.run, contract, stage, published.chunk)
            write_durably(path, rows.sort_by("document"), metadata=about)
            yield self._written(path, run_folder, stage, "", len(rows))

    def _rows(
        self,
        key: JobKey,
        group: list[Published],
        contracts: dict[int, str],
        link: DocumentLink,
        loaded: pl.DataFrame,
    ) -> Iterator[tuple[int, ManifestFile]]:
        """The rows of one table, a file for each chunk."""
        columns = [column.name for column in link.table.columns]
        keys = keys_in_table(loaded["root_key"].to_list(), link, self.rule)
        known = loaded.select("root_key", "chunk", "document", "source_key").unique("root_key")
        parts: dict[int, list[pl.DataFrame]] = {}
        schema: pa.Schema | None = None
        for batch in self.sink.select(link.table.name, columns, keys) if len(keys) else ():
            rows = pa.Table.from_batches([batch])
            schema = schema or rows.schema
            of_rows = pl.DataFrame({"root_key": pl.Series(link.root_keys(rows, self.rule))})
            of_rows = of_rows.join(known, on="root_key", how="left", maintain_order="left")
            frame = pl.DataFrame(rows).with_columns(
                of_rows["chunk"].alias(CHUNK), of_rows["document"].alias("_document")
            )
            frame = frame.with_columns(of_rows["source_key"].alias(SOURCE_KEY))
            for chunk, part in frame.partition_by(CHUNK, as_dict=True).items():
                parts.setdefault(chunk[0], []).append(part)
        for each in group:
            if each.chunk in parts and schema is not None:
                order = ["_document", *(name for name in link.table.key if name in columns)]
                frame = pl.concat(parts.pop(each.chunk)).sort(order, maintain_order=True)
                yield each.chunk, self._table_file(key, each, contracts[each.chunk], link.table.name, frame, schema)

    def _table_file(
        self, key: JobKey, each: Published, contract: str, table: str, frame: pl.DataFrame, schema: pa.Schema
    ) -> ManifestFile:
        lineage = [pa.field("_document", pa.int64()), pa.field(SOURCE_KEY, pa.string()), pa.field(CHUNK, pa.int64())]
        whole = pa.schema([lineage[0], *schema, *lineage[1:]])
        rows = frame.select(whole.names).to_arrow().cast(whole)
        run_folder = self.folder.run(each.run)
        path = stage_file(run_folder, "loaded", each.chunk, table)
        write_durably(path, rows, metadata=about_file(key, each.run, contract, "loaded", each.chunk, table))
        return self._written(path, run_folder, "loaded", table, len(rows))

    def _manifest(
        self, key: JobKey, each: Published, contract: str, files: list[ManifestFile], loaded: pl.DataFrame
    ) -> None:
        manifest = Manifest(
            job=key.job,
            generation=key.generation,
            run=each.run,
            chunk=each.chunk,
            contract=contract,
            versions=versions(),
            stages=self.stages,
            documents={name: getattr(each, name) for name in ("documents", *OUTCOMES)},
            files=tuple(files),
        )
        path = self.folder.manifest(each.run, each.chunk)
        write_text_durably(path, manifest.as_text())
        gone = {}
        if "loaded" in self.stages:
            there = {file.table: file.rows for file in files if file.stage == "loaded"}
            mine = stored_rows(loaded.filter(pl.col("chunk") == each.chunk)["rows"].to_arrow(), list(each.rows))
            for table, rows in each.rows.items():
                link = self.links.get(table)
                if link is None or not link.leads or link.shared:
                    self._rest[table] = self._rest.get(table, 0) + rows
                    gone[table] = rows
                else:
                    still = int(pl.Series(mine[table]).sum())
                    gone[table] = rows - still
                    if there.get(table, 0) != still:
                        told = f"{there.get(table, 0):,} rows of {table} are in the target"
                        self.done.notes.append(f"chunk {each.chunk}: {told}, the books say {still:,}")
        left_out = {table: rows for table, rows in gone.items() if rows}
        self._chunks.append(
            Exported(key.generation, each.chunk, self.folder.relative(path), file_sha256(path), left_out)
        )

    def finish(self) -> Export:
        """Write what belongs to no chunk, and the list of everything."""
        others = [self._rest_of(table) for table in self._rest] if "loaded" in self.stages else []
        listed = {
            "export": 1,
            "job": self.done.name,
            "target": self.sink.identity,
            "exported_at": datetime.now(UTC).isoformat(),
            "versions": versions(),
            "chunks": [each.as_json() for each in self._chunks],
            "others": [file for file in others if file is not None],
        }
        path = self.folder.root / LIST
        write_text_durably(path, json.dumps(listed, indent=1) + "\n")
        self.done.sha256 = file_sha256(path)
        return self.done

    def _rest_of(self, table: str) -> dict[str, object] | None:
        """All rows of a table from which nothing leads to a document, in one file."""
        link = self.links.get(table)
        if link is None or not self.sink.has(table):
            self.done.notes.append(f"{table} is no table of the contract any more: its rows are not exported")
            return None
        run_folder = self.folder.run(_NO_RUN)
        path = stage_file(run_folder, "loaded", 0, table)
        draft: ParquetDraft | None = None
        for batch in self.sink.stream(table, [column.name for column in link.table.columns], {}):
            rows = pa.Table.from_batches([batch])
            draft = draft or ParquetDraft(path, rows.schema)
            draft.write(rows)
        if draft is None:
            return None
        draft.finish()
        self.done.notes.append(f"nothing leads from rows of {table} to their documents: they are in one file")
        file = self._written(path, run_folder, "loaded", table, draft.rows)
        return json_object(file, path=self.folder.relative(path))

    def _written(self, path: Path, run_folder: Path, stage: str, table: str, rows: int) -> ManifestFile:
        file = manifest_file(path, run_folder, stage, table, rows)
        self.done.files += 1
        self.done.bytes += file.bytes
        self.done.rows[stage] = self.done.rows.get(stage, 0) + rows
        return file


def _groups(published: list[Published]) -> Iterator[list[Published]]:
    """Chunks that are exported together."""
    group: list[Published] = []
    for each in published:
        if group and sum(one.documents for one in group) + each.documents > _AT_ONCE:
            yield group
            group = []
        group.append(each)
    if group:
        yield group
