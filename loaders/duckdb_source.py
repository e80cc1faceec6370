"""Documents in a DuckDB table, view or query."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from loaders.duckdb_engine import DuckDBEngine, duckdb_errors, first_row
from loaders.duckdb_keys import DuckDBKeys
from loaders.errors import MemoryLimitError, UsageError
from loaders.names import nearest
from loaders.source import NULL_KEYS, UNREADABLE, Key, KeyColumn, KeyRange, RangeCut, RangeKeys, ReadLimits
from loaders.sql import quote, range_condition

# Keys whose documents are measured to estimate the mean.
_SAMPLE = 32
# DuckDB's ZSTD packs 2,048 strings into one frame, so a range of 20 documents reads at 6 MB/s where one of 500 reads at
# 135 and the whole at 327 (documents of 200 KB): such a column is read a whole range at a time.
_PACKED = "ZSTD"


@dataclass(frozen=True, slots=True)
class DuckDBSourceOptions:
    """Where the documents are: a `table` (or view; `schema.table`) or a `query`, its `key` columns, and the column of
    the `document`."""

    path: Path
    key: tuple[str, ...]
    document: str
    table: str | None = None
    query: str | None = None


class DuckDBSource:
    """See loaders.source.Source. Reads by key range; one snapshot a range."""

    def __init__(self, engine: DuckDBEngine, options: DuckDBSourceOptions) -> None:
        self._engine = engine
        self._options = options
        self._catalog = engine.attach(options.path, read_only=True)
        self._cursor = self._new_cursor()
        if options.query is not None:
            self._relation = f"({options.query.strip().rstrip(';')}\n) AS source"
            self._name = f"{options.path.name} (query)"
        else:
            table = options.table or ""
            self._relation = ".".join(quote(part) for part in table.split("."))
            self._name = f"{options.path.name}: {table}"
        columns = self._describe()
        self._keys = DuckDBKeys(self._cursor, self._relation, self._key_columns(columns), self._name)
        self._binary = columns[options.document].upper() == "BLOB"
        self._packed = options.table is not None and self._is_packed()
        self._mean: int | None = None

    @property
    def identity(self) -> str:
        """See Source.identity."""
        what = self._options.table or "query:" + hashlib.sha256((self._options.query or "").encode()).hexdigest()[:16]
        return f"duckdb:{self._options.path.resolve()}#{what}({','.join(self._options.key)})->{self._options.document}"

    @property
    def key(self) -> tuple[KeyColumn, ...]:
        """See Source.key."""
        return self._keys.key

    def notes(self) -> list[str]:
        """See Source.notes."""
        if not self._packed:
            return []
        return [
            f"{self._name}: DuckDB packed the documents with ZSTD, which it can only read some 2,048 at a time: slower,"
            " and with memory for so many; PRAGMA force_compression='uncompressed' before filling the table avoids it"
        ]

    def document_bytes(self) -> int:
        """See Source.document_bytes."""
        if self._mean is None:
            with duckdb_errors(self._name):
                self._mean = self._measure()
        return self._mean

    def _measure(self) -> int:
        names = ", ".join(quote(part.name) for part in self.key)
        known = f"FROM {self._relation} WHERE {range_condition(self.key, KeyRange())[0]}"
        spread = (
            f"SELECT {self._keys.texts} FROM"
            f" (SELECT {names}, row_number() OVER () AS n, count(*) OVER () AS total {known})"
            f" WHERE n % greatest(1, total // {_SAMPLE}) = 0 LIMIT {_SAMPLE}"
        )
        keys = self._cursor.execute(f"SELECT {self._keys.texts} {known} LIMIT 8" if self._packed else spread).fetchall()
        lengths = [length for key in keys if (length := self._largest_of(key)) is not None]
        return max(1, sum(lengths) // max(1, len(lengths)))

    def _largest_of(self, key: Key) -> int | None:
        """The size of a key's largest document; None where there is not the memory to find out. One key at a time:
        DuckDB reads a whole vector of documents for a list of them."""
        condition, values = range_condition(self.key, KeyRange(key, key, low_inclusive=True))
        sql = f"SELECT max({self._length()}) FROM {self._relation} WHERE {condition}"
        try:
            with duckdb_errors(self._name):
                found = first_row(self._cursor, sql, values)
        except MemoryLimitError:
            return None
        return int(found[0] or 0) if found else 0

    def rank(self, keys: Sequence[Key]) -> list[int]:
        """See Source.rank."""
        return self._keys.rank(keys)

    def key_at(self, within: KeyRange, rows: int) -> Key | None:
        """See Source.key_at."""
        return self._keys.key_at(within, rows)

    def cut(self, gap: KeyRange, *, rows: int, total_bytes: int) -> Iterator[RangeCut]:
        """See Source.cut: the size of a document is estimated, since measuring each means reading each."""
        if gap == NULL_KEYS:
            return iter(())
        return self._keys.cut(gap, rows=max(1, min(rows, total_bytes // self.document_bytes())))

    def count(self, ranges: Sequence[KeyRange]) -> list[int]:
        """See Source.count."""
        return self._keys.count(ranges)

    def measure(self, ranges: Sequence[KeyRange]) -> list[RangeKeys]:
        """See Source.measure."""
        return self._keys.measure(ranges)

    @contextmanager
    def read(self, within: KeyRange, limits: ReadLimits) -> Iterator[_DuckDBRead]:
        """See Source.read."""
        cursor = self._new_cursor()
        try:
            with duckdb_errors(self._name):
                cursor.execute("BEGIN TRANSACTION")
            yield _DuckDBRead(self, cursor, within, limits)
        finally:
            cursor.close()

    def close(self) -> None:
        """See Source.close."""
        self._cursor.close()

    def _new_cursor(self) -> duckdb.DuckDBPyConnection:
        cursor = self._engine.cursor()
        cursor.execute(f"USE {self._catalog}")
        return cursor

    def _length(self) -> str:
        return ("octet_length(" if self._binary else "strlen(") + quote(self._options.document) + ")"

    def _describe(self) -> dict[str, str]:
        try:
            with duckdb_errors(self._name):
                rows = self._cursor.execute(f"DESCRIBE SELECT * FROM {self._relation}").fetchall()
        except UsageError as error:
            if self._options.table is None:
                raise
            tables = [row[0] for row in self._cursor.execute("SHOW TABLES").fetchall()]
            raise UsageError(str(error), hint=nearest(self._options.table, tables, "table")) from error
        columns = {row[0]: row[1] for row in rows}
        for wanted in (*self._options.key, self._options.document):
            if wanted not in columns:
                raise UsageError(f"{self._name} has no column {wanted}", hint=nearest(wanted, list(columns), "column"))
        kind = columns[self._options.document].upper()
        if kind not in ("VARCHAR", "BLOB"):
            raise UsageError(
                f"{self._name}: the document column {self._options.document} is {kind}, neither text nor binary"
            )
        return columns

    def _key_columns(self, columns: dict[str, str]) -> tuple[KeyColumn, ...]:
        if not self._options.key:
            raise UsageError(f"{self._name}: the job names no key columns", hint="add key: [column, …] to the source")
        return tuple(KeyColumn(name, columns[name]) for name in self._options.key)

    def _is_packed(self) -> bool:
        literal = self._relation.replace("'", "''")
        try:
            rows = self._cursor.execute(
                f"SELECT DISTINCT compression FROM pragma_storage_info('{literal}') WHERE column_name = ?",
                [self._options.document],
            ).fetchall()
        except duckdb.Error:  # a view has no storage of its own
            return False
        return any(_PACKED in row[0].upper() for row in rows)


class _DuckDBRead:
    """One range in one snapshot."""

    def __init__(
        self, source: DuckDBSource, cursor: duckdb.DuckDBPyConnection, within: KeyRange, limits: ReadLimits
    ) -> None:
        self._source = source
        self._cursor = cursor
        self._limits = limits
        self._within = within
        self.keys: pa.Table = source._keys.ordered(cursor, within)
        self.found = source._keys.measure([within], cursor)[0]

    def batches(self) -> Iterator[pa.RecordBatch]:
        """See RangeRead.batches: parts of the range, each of about batch_bytes, fewer rows where documents are larger
        than those before or the engine's memory says so."""
        source, total = self._source, len(self.keys)
        rows = total if source._packed else max(1, self._limits.batch_bytes // source.document_bytes())
        start, low, inclusive = 0, self._within.low, self._within.low_inclusive
        while start < total:
            rows = min(rows, total - start)
            stop = self._end_of_key(start + rows - 1)
            part = KeyRange(low, self._key(stop - 1), low_inclusive=inclusive)
            try:
                got = 0
                for batch in self._read(part):
                    got += batch.nbytes
                    yield batch
            except MemoryLimitError:
                if source._packed:  # a small document cannot be read without its large neighbours: none is to blame
                    raise
                self._begin_again()
                if rows > 1:
                    rows = max(1, rows // 4)
                    continue
                yield from self._unread(start, stop)
            else:
                rows = self._next_rows(stop - start, got)
            start, low, inclusive = stop, part.high, False

    def _next_rows(self, rows: int, got: int) -> int:
        """How many rows to ask for, after so many had `got` bytes: towards batch_bytes, growing at most fourfold."""
        wanted = self._limits.batch_bytes
        if wanted // 4 <= got <= wanted * 2:
            return rows
        return max(1, min(rows * 4, rows * wanted // max(1, got)))

    def _unread(self, start: int, stop: int) -> Iterator[pa.RecordBatch]:
        """Rows whose document the engine has no memory for: without it, and with a size that says so."""
        keys = self.keys.slice(start, stop - start).combine_chunks()
        columns = {name: keys[name].combine_chunks() for name in keys.column_names}
        columns["document"] = pa.nulls(len(keys), pa.binary() if self._source._binary else pa.string())
        columns["document_bytes"] = pa.array([UNREADABLE] * len(keys), pa.int64())
        yield pa.RecordBatch.from_pydict(columns)

    def _begin_again(self) -> None:
        """The error ended the transaction, and with it the snapshot. Whoever reads compares the rows with the listed
        keys, so a source that changed in between is noticed."""
        with duckdb_errors(self._source._name):
            self._cursor.execute("ROLLBACK")
            self._cursor.execute("BEGIN TRANSACTION")

    def _read(self, part: KeyRange) -> Iterator[pa.RecordBatch]:
        source = self._source
        condition, values = range_condition(source.key, part)
        document, length = quote(source._options.document), source._length()
        query = (
            f"SELECT {source._keys.texts},"
            f" CASE WHEN {length} <= {self._limits.document_bytes} THEN {document} END AS document,"
            f" CAST({length} AS BIGINT) AS document_bytes FROM {source._relation} WHERE {condition}"
        )
        with duckdb_errors(source._name):
            if source._packed:
                yield from self._cursor.sql(query, params=values).to_arrow_reader(
                    max(1, self._limits.batch_bytes // source.document_bytes())
                )
            else:  # whole before any of it is handed on, so that it can be read again with fewer rows
                yield from self._cursor.sql(query, params=values).to_arrow_table().to_batches()

    def _key(self, row: int) -> Key:
        return tuple(column[row].as_py() for column in self.keys.columns)

    def _end_of_key(self, row: int) -> int:
        """The first row after those that share this row's key."""
        key, row = self._key(row), row + 1
        while row < len(self.keys) and self._key(row) == key:
            row += 1
        return row
