"""The rows of Parquet files as entries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import polars as pl
import pyarrow as pa

from columnar.dedupe.entries import ENTRY, ENTRY_SCHEMA, PLACE, EntryBatch, EntryTable
from columnar.errors import JobError
from loaders.duckdb_engine import DuckDBEngine
from loaders.names import nearest
from loaders.parquet_rows import ParquetRows
from transforms.canonical import canonical_fingerprints
from transforms.documents import DOCUMENT
from transforms.duplicates import canonical_keys

# Rows that are looked at together.
_ROWS = 100_000
TABLE = "rows"


class ParquetEntries:
    """See Entries. pattern: a file, a folder or a pattern. key: columns. ignore: columns that are no content.

    Every row is an entry, whose source key is its file and its number there, from 0. closing: closed with it.
    """

    noun = "row"

    def __init__(
        self, engine: DuckDBEngine, pattern: str, *, key: Sequence[str], ignore: Sequence[str], closing: ExitStack
    ) -> None:
        self._closing = closing
        self._rows = ParquetRows(engine, pattern)
        self.described = pattern
        if not key:
            raise JobError(
                f"{pattern}: what makes two rows the same?",
                hint=f"name the columns with --key; {nearest('', self._rows.columns, 'column')}",
            )
        taken = [name for name in (ENTRY, PLACE) if name in self._rows.columns]
        if taken:
            raise JobError(f"{pattern} has a column {taken[0]}, which the analysis needs for itself")
        self.key = tuple(self.column(name) for name in key)
        left_out = frozenset({*self.key, *(self.column(name) for name in ignore)})
        self._left_out = left_out
        self.tables = (EntryTable(TABLE, tuple(self._rows.columns), left_out=left_out),)

    def column(self, name: str) -> str:
        """See Entries.column."""
        if name not in self._rows.columns:
            raise JobError(f"{self.described} has no column {name}", hint=nearest(name, self._rows.columns, "column"))
        return name

    def batches(self) -> Iterator[EntryBatch]:
        """See Entries.batches."""
        first = 0
        for file, number, rows in self._rows.batches(_ROWS):
            yield self._batch(rows, file, number, first)
            first += len(rows)

    def _batch(self, rows: pa.Table, file: Path, number: int, first: int) -> EntryBatch:
        count = len(rows)
        keys = canonical_keys(rows, self.key)
        compared = set(self._rows.columns) - self._left_out
        content = pa.nulls(count, pa.binary())
        if compared:
            ordinals = pa.array(range(count), pa.int64())
            table = rows.append_column(DOCUMENT, ordinals)
            content = canonical_fingerprints({TABLE: table}, count, without={TABLE: self._left_out}).cast(pa.binary())
        name = str(file)
        places = pl.select(pl.format("{}:{}", pl.lit(name), pl.int_range(number, number + count))).to_series()
        missing = f"NULL in the key ({', '.join(self.key)})"
        problem = pl.select(pl.when(pl.Series(keys).is_null()).then(pl.lit(missing))).to_series()
        entries = pa.table(
            {
                "entry": pa.array(range(first, first + count), pa.int64()),
                "key": keys,
                "source_key": places.to_arrow(),
                "origin": pa.array([name] * count, pa.string()),
                "content": content,
                "bytes_fingerprint": pa.nulls(count, pa.binary()),
                "bytes": pa.nulls(count, pa.int64()),
                "problem": problem.to_arrow(),
            }
        ).cast(ENTRY_SCHEMA)
        rows = rows.add_column(0, PLACE, pa.array([0] * count, pa.int64())).add_column(0, ENTRY, entries["entry"])
        return EntryBatch(entries, {TABLE: rows})

    def close(self) -> None:
        """See Entries.close."""
        self._rows.close()
        self._closing.close()
