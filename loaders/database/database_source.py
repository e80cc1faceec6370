"""Documents in a table, view or query of any database that is reached over a driver."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from loaders.database.catalog import StoredColumn, StoredTable
from loaders.database.connection import Connection
from loaders.database.connection_pool import ConnectionPool
from loaders.database.dialect import Dialect
from loaders.database.key_ranges import KeyRanges
from loaders.database.range_reading import DatabaseRead, DocumentColumn
from loaders.database.select import Select, Selected
from loaders.errors import UsageError
from loaders.names import nearest, place
from loaders.source import NULL_KEYS, Key, KeyColumn, KeyRange, RangeCut, RangeKeys, ReadLimits

# How much longer than the mean documents are expected to be, before any was seen: a snapshot that cannot be shared is
# of a connection with buffers for them.
_LONGER = 4
# Documents at either end of the keys that are measured to estimate the mean.
_SAMPLE = 32


@dataclass(frozen=True)
class DatabaseSourceOptions:
    """Where the documents are: a `table` (or view; `schema.table`) or a `query`, its `key` columns, and the column of
    the `document`.

    connect: opens a connection at each call. memory: bytes that one connection may take for buffers. identity: see
    Source.identity.
    """

    dialect: Dialect
    connect: Callable[[], Connection]
    key: tuple[str, ...]
    document: str
    identity: str
    memory: int
    table: str | None = None
    query: str | None = None


class DatabaseSource:
    """See loaders.source.Source. Reads by key range, in one snapshot a range where the database has snapshots.

    Its methods may be called by several threads at once: each call has a connection of its own, taken from a pool.
    """

    def __init__(self, options: DatabaseSourceOptions) -> None:
        self._options = options
        self._dialect = options.dialect
        self._pool = ConnectionPool(options.connect)
        self._name = options.table or "query"
        try:
            with self._pool.connection() as connection:
                self._table = self._look_up(connection)
                relation = self._relation()
                described = (
                    options.dialect.tables.described(connection, relation)
                    if self._table is None
                    else self._table.columns
                )
            columns = {column.name: column for column in described}
            self._check(columns)
        except BaseException:
            self._pool.close()
            raise
        key = tuple(columns[name] for name in options.key)
        self._keys = KeyRanges(options.dialect.reading, relation, key, self._name)
        self._document = DocumentColumn(options.dialect.reading, columns[options.document])
        self._longest = 0
        self._mean: int | None = None

    @property
    def identity(self) -> str:
        """See Source.identity."""
        return self._options.identity

    @property
    def key(self) -> tuple[KeyColumn, ...]:
        """See Source.key."""
        return self._keys.key

    def notes(self) -> list[str]:
        """See Source.notes."""
        if self._table is None or self._table.kind != "table":
            return []
        if any(set(unique) <= set(self._options.key) for unique in self._table.keys):
            return []
        names = ", ".join(self._options.key)
        return [
            f"{self._name}: neither a primary key nor a unique constraint is on ({names}); without an index that begins"
            " with these columns, the database reads the whole table for each chunk"
        ]

    def document_bytes(self) -> int:
        """See Source.document_bytes: of those with the first and the last keys."""
        if self._mean is None:
            with self._pool.connection() as connection:
                self._mean = self._measure_documents(connection)
        return self._mean

    def rank(self, keys: Sequence[Key]) -> list[int]:
        """See Source.rank."""
        if not keys:
            return []
        with self._pool.connection() as connection:
            return self._keys.rank(connection, keys)

    def key_at(self, within: KeyRange, rows: int) -> Key | None:
        """See Source.key_at."""
        with self._pool.connection() as connection:
            return self._keys.key_at(connection, within, rows)

    def cut(self, gap: KeyRange, *, rows: int, total_bytes: int) -> Iterator[RangeCut]:
        """See Source.cut: by the sizes of documents where the database knows them without reading them, else by their
        mean."""
        if gap == NULL_KEYS:
            return iter(())
        size = self._document.size if self._document.size_is_cheap else None
        if size is None:
            rows = max(1, min(rows, total_bytes // self.document_bytes()))
        with self._pool.connection() as connection:
            return iter(list(self._keys.cut(connection, gap, rows=rows, total_bytes=total_bytes, size=size)))

    def count(self, ranges: Sequence[KeyRange]) -> list[int]:
        """See Source.count."""
        with self._pool.connection() as connection:
            return [self._keys.count(connection, each) for each in ranges]

    def measure(self, ranges: Sequence[KeyRange]) -> list[RangeKeys]:
        """See Source.measure."""
        with self._pool.connection() as connection:
            return [self._keys.measure(connection, each) for each in ranges]

    @contextmanager
    def read(self, within: KeyRange, limits: ReadLimits) -> Iterator[DatabaseRead]:
        """See Source.read: in one transaction, which ends with the reading."""
        mean = self.document_bytes()
        longest = max(self._longest, _LONGER * mean * self._document.units)
        with self._pool.connection() as connection:
            read = DatabaseRead(connection, self._keys, self._document, within, limits, longest=longest, mean=mean)
            try:
                yield read
            finally:
                self._longest = max(self._longest, read.longest)
                connection.rollback()

    def close(self) -> None:
        """See Source.close."""
        self._pool.close()

    def _look_up(self, connection: Connection) -> StoredTable | None:
        """The table as it is; None for a query."""
        if self._options.table is None:
            return None
        tables = self._dialect.tables
        schema, name = place(self._options.table, tables.default_schema)
        found = tables.look_up(connection, schema, name)
        if found is None:
            hint = nearest(name, tables.table_names(connection, schema), "table")
            raise UsageError(f"there is no table {self._options.table}", hint=hint)
        return found

    def _relation(self) -> str:
        if self._options.query is not None:
            return f"({self._options.query.strip().rstrip(';')}\n) source"
        quote, found = self._dialect.reading.quote, self._table
        if found is None or not found.schema:
            return ".".join(quote(part) for part in (self._options.table or "").split("."))
        # With its schema, in which it was looked up: that of whoever connects may be another.
        return f"{quote(found.schema)}.{quote(found.name)}"

    def _check(self, columns: dict[str, StoredColumn]) -> None:
        if not self._options.key:
            raise UsageError(f"{self._name}: the job names no key columns", hint="add key: [column, …] to the source")
        for wanted in (*self._options.key, self._options.document):
            if wanted not in columns:
                raise UsageError(f"{self._name} has no column {wanted}", hint=nearest(wanted, list(columns), "column"))
        for column in (columns[name] for name in self._options.key):
            if not column.ordered:
                raise UsageError(
                    f"{self._name}: key column {column.name} is {column.type}, which this database orders in one way"
                    " and compares in another",
                    hint="name another column, or read by a query that makes a text of it, or a number of bits:"
                    f" SELECT CAST({column.name} AS CHAR(255)) AS {column.name}, … or {column.name} + 0 AS …",
                )
        document, reading = columns[self._options.document], self._dialect.reading
        if not reading.is_text(document) and not reading.is_binary(document):
            raise UsageError(
                f"{self._name}: the document column {document.name} is {document.type}, neither text nor binary"
            )

    def _measure_documents(self, connection: Connection) -> int:
        tail, values = self._keys.tail(KeyRange())
        names = [self._dialect.reading.quote(name) for name in self._options.key]
        sizes = []
        for direction in ("", " DESC"):
            order = "ORDER BY " + ", ".join(name + direction for name in names)
            order += " " + self._dialect.reading.first(_SAMPLE)
            size = Selected("size", self._document.size, pa.int64())
            sizes.append(connection.table(Select((size,), tail, values, order))["size"])
        mean = pc.mean(pa.chunked_array([chunk for column in sizes for chunk in column.chunks], pa.int64())).as_py()
        return max(1, int(mean or 0))
