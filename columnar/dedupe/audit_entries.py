"""The documents of a job's audit files as entries: rows that runs left of them, with nothing else needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote

import polars as pl
import pyarrow as pa

from columnar.audit.folder import AuditFolder, chunk_of
from columnar.audit.trail import CHUNK, SOURCE_KEY
from columnar.dedupe.entries import ENTRY_SCHEMA, EntryBatch, EntryTable
from columnar.dedupe.job_entries import rows_of_entries
from columnar.errors import JobError
from loaders.names import nearest
from loaders.parquet_rows import column_names, whole_file
from transforms.canonical import canonical_fingerprints
from transforms.documents import DOCUMENT
from transforms.duplicates import root_keys
from transforms.shred.result import ROW_FIELDS

_LINEAGE = frozenset({*(field.name for field in ROW_FIELDS), SOURCE_KEY, CHUNK})
# What has the rows of all documents that can load; and, where no run left that, of those that were loaded.
_STAGES = ("extracted", "loaded")


def is_audit_folder(path: Path) -> bool:
    """Whether a folder has the audit files of a job."""
    return path.is_dir() and any(path.glob("run=*/stage=*"))


class AuditEntries:
    """See Entries. folder: a job's. key: columns as `table.column`, all of one table; columns of the same names in
    other tables are copies of them. ignore: columns that are no content.

    A document that several runs have read is an entry each time; its origin is the run.
    """

    noun = "document"

    def __init__(self, folder: Path, *, key: Sequence[str], ignore: Sequence[str]) -> None:
        self._folder = AuditFolder(folder)
        self._stage = next((stage for stage in _STAGES if any(folder.glob(f"run=*/stage={stage}"))), "")
        if not self._stage:
            raise JobError(
                f"{folder}: no run has left rows there", hint="in the job: audit: {stages: [extracted, duplicates]}"
            )
        self.described = f"the {self._stage} rows in {folder}"
        columns: dict[str, dict[str, None]] = {}
        for _, files in self._chunks():
            for table, file in files.items():
                columns.setdefault(table, {}).update(dict.fromkeys(column_names(file)))
        self._columns = {name: tuple(each for each in found if each not in _LINEAGE) for name, found in columns.items()}
        self._table, self._on = self._key(key)
        self.key = tuple(f"{self._table}.{column}" for column in self._on)
        left_out = {name: set(self._on) & set(found) for name, found in self._columns.items()}
        for each in ignore:
            table, column = self._named(each)
            left_out[table].add(column)
        self._left_out = left_out
        names = sorted(self._columns, key=lambda name: name != self._table)
        self.tables = tuple(EntryTable(name, self._columns[name], left_out=frozenset(left_out[name])) for name in names)

    def _chunks(self) -> Iterator[tuple[str, dict[str, Path]]]:
        """For each chunk of each run, oldest first: the run, and the file of each table."""
        for run, path in self._folder.runs().items():
            chunks: dict[int, dict[str, Path]] = {}
            for file in sorted(path.glob(f"stage={self._stage}/table=*/*.parquet")):
                chunk = chunk_of(file)
                if chunk is not None:
                    chunks.setdefault(chunk, {})[unquote(file.parent.name.partition("=")[2])] = file
            for chunk in sorted(chunks):
                yield run, chunks[chunk]

    def _key(self, key: Sequence[str]) -> tuple[str, tuple[str, ...]]:
        if not key:
            known = ", ".join(sorted(self._columns))
            raise JobError(
                "what makes two documents the same?",
                hint=f"name the columns as --key table.column; the tables: {known}",
            )
        named = [self._named(each) for each in key]
        if len({table for table, _ in named}) > 1:
            raise JobError(f"--key: {', '.join(key)} are not columns of one table")
        return named[0][0], tuple(column for _, column in named)

    def _named(self, name: str) -> tuple[str, str]:
        table, _, column = name.rpartition(".")
        if table not in self._columns:
            hint = nearest(table, sorted(self._columns), "table") if table else "write table.column"
            raise JobError(f"{self.described}: {name} names no table of it", hint=hint)
        if column not in self._columns[table]:
            raise JobError(
                f"table {table} has no column {column}", hint=nearest(column, self._columns[table], "column")
            )
        return table, column

    def column(self, name: str) -> str:
        """See Entries.column: `table.column`, or the column alone."""
        return self._named(f"{self._table}.{name.removeprefix(f'{self._table}.')}")[1]

    def batches(self) -> Iterator[EntryBatch]:
        """See Entries.batches: a chunk at a time."""
        first = 0
        for run, files in self._chunks():
            batch = self._batch({table: whole_file(file) for table, file in files.items()}, run, first)
            first += len(batch.entries)
            yield batch

    def _batch(self, files: dict[str, pa.Table], run: str, first: int) -> EntryBatch:
        told = pl.concat([pl.DataFrame(rows.select([DOCUMENT, SOURCE_KEY])) for rows in files.values()])
        documents = told.unique(DOCUMENT, keep="first").sort(DOCUMENT)
        tables = {name: _renumbered(rows, documents[DOCUMENT]) for name, rows in files.items()}
        count = documents.height
        ordinals = pa.array(range(count), pa.int64())
        content = canonical_fingerprints(tables, count, without=self._left_out).cast(pa.binary())
        found = root_keys(tables.get(self._table), self._on, ordinals)
        frame = pl.DataFrame({"document": pl.Series(ordinals)}).with_columns(
            source_key=documents[SOURCE_KEY], content=pl.Series(content, dtype=pl.Binary)
        )
        problems = pl.DataFrame(found.problems).select("document", problem=pl.format("{}: {}", "reason", "detail"))
        frame = frame.join(pl.DataFrame(found.keys), on="document", how="left", maintain_order="left")
        frame = frame.join(problems, on="document", how="left", maintain_order="left")
        entries = frame.select(
            entry=pl.col("document") + first,
            key="key",
            source_key="source_key",
            origin=pl.lit(run),
            content="content",
            bytes_fingerprint=pl.lit(None, pl.Binary),
            bytes=pl.lit(None, pl.Int64),
            problem="problem",
        )
        rows = {name: rows_of_entries(table, first) for name, table in tables.items()}
        return EntryBatch(entries.to_arrow().cast(ENTRY_SCHEMA), rows)

    def close(self) -> None:
        """See Entries.close: every file is closed once it is read."""


def _renumbered(rows: pa.Table, documents: pl.Series) -> pa.Table:
    """The rows with `_document` counting from 0 and without the other lineage."""
    places = pl.DataFrame({DOCUMENT: documents}).with_row_index("at")
    mine = pl.DataFrame(rows.select([DOCUMENT])).join(places, on=DOCUMENT, how="left", maintain_order="left")
    kept = rows.select([name for name in rows.column_names if name not in _LINEAGE])
    return kept.append_column(DOCUMENT, mine["at"].cast(pl.Int64).to_arrow())
