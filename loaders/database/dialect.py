"""What differs between databases, in one place for each: a folder of loaders named after it.

A dialect is four small parts, so that a file holds one concept: `reading` (how keys and documents are selected),
`tables` (the catalogue, types and CREATE statements), `writing` (staging, transactions, limits), and `faults` (what an
error of the driver means). All SQL has `?` for bound values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from loaders.database.catalog import StoredColumn, StoredTable
from loaders.database.connection import Connection
from loaders.database.select import Select, Selected
from loaders.errors import LoaderError
from loaders.sink import TableSpec


class ReadingDialect(Protocol):
    """How keys and documents are selected.

    integer: what a 64-bit integer is called in a CAST. cheap_lengths: whether the size of a document is known without
    reading it. utf16: whether `length` counts bytes of UTF-16 instead of UTF-8.
    """

    integer: str
    cheap_lengths: bool
    utf16: bool

    def quote(self, identifier: str) -> str:
        """An identifier, quoted; a name with a quote or NUL in it cannot break out."""
        ...

    def as_text(self, sql: str, column: StoredColumn) -> str:
        """A value of a column as text that `bound` makes the same value of, and that is equal where values are. For
        types of contracts it is the text that Arrow's cast reads."""
        ...

    def as_integer(self, sql: str, column: StoredColumn) -> str:
        """An integer or boolean as a 64-bit integer."""
        ...

    def is_integer(self, column: StoredColumn) -> bool:
        """Whether every value of a column is a 64-bit integer, so that it need not travel as text."""
        ...

    def bound(self, column: StoredColumn) -> str:
        """A `?` that is bound as text, with the exact type and collation of a key column, so that an index on it
        serves."""
        ...

    def document(self, sql: str, column: StoredColumn) -> str:
        """The document as text (XML cast to it), or as hexadecimal digits where it is binary."""
        ...

    def is_binary(self, column: StoredColumn) -> bool:
        """Whether a column holds bytes."""
        ...

    def is_text(self, column: StoredColumn) -> bool:
        """Whether a column holds text or XML."""
        ...

    def length(self, sql: str) -> str:
        """The size of a text expression in the units that a driver's buffer is measured in (bytes of UTF-8, or bytes
        of UTF-16 on SQL Server), as a 64-bit integer."""
        ...

    def utf8_bytes(self, sql: str) -> str:
        """The size of a document expression in bytes, at least about: what memory is divided by. DATALENGTH on SQL
        Server, OCTET_LENGTH elsewhere."""
        ...

    def first(self, rows: int, skip: int = 0) -> str:
        """A clause behind ORDER BY that keeps so many rows, after leaving out others."""
        ...

    def keys_digest(self, texts: Sequence[str]) -> str | None:
        """An aggregate that gives a text, the same for the same set of keys whatever their order; None where the
        database has nothing for it, and the keys have to be fetched."""
        ...


class TableDialect(Protocol):
    """The catalogue, types and CREATE statements."""

    default_schema: str

    def look_up(self, connection: Connection, schema: str, table: str) -> StoredTable | None:
        """A table or view as it is; None where there is none. The name is compared as the database does."""
        ...

    def described(self, connection: Connection, relation: str) -> tuple[StoredColumn, ...]:
        """The columns of any relation that can stand after FROM (a query in parentheses with an alias)."""
        ...

    def table_names(self, connection: Connection, schema: str) -> list[str]:
        """Every table of a schema: for 'did you mean'."""
        ...

    def ddl_type(self, kind: pa.DataType, *, length: int | None = None, uuid: bool = False, key: bool = False) -> str:
        """The column type for an Arrow type. length: of text, in characters, where the contract limits it. uuid: the
        text is one. key: whether it is part of a key, where some databases allow less. UsageError where it has none."""
        ...

    def fits(self, kind: pa.DataType, column: StoredColumn, *, length: int | None = None, uuid: bool = False) -> bool:
        """Whether the column stores every value of the Arrow type as it is, or refuses it: no lossy cast."""
        ...

    def statements(self, specs: Sequence[TableSpec], schema: str, there: Sequence[StoredTable] = ()) -> list[str]:
        """What makes these tables, in their order, schemas and sequences included; without semicolons. there: tables
        that exist and may be referred to."""
        ...

    def column_statement(self, spec: TableSpec, field: pa.Field, schema: str) -> str:
        """What adds one of its columns to a table that is there; without a semicolon."""
        ...

    def schema_statements(self, schema: str) -> list[str]:
        """What makes a schema, unless it is there; nothing for the default one."""
        ...

    def problems(self, specs: Sequence[TableSpec], schema: str) -> list[str]:
        """Why the database cannot make them."""
        ...


class WritingDialect(Protocol):
    """Bulk inserts, staging, locks, values that the database makes."""

    # How rows can be published, the default first: `direct`, `staged`; see loaders.database.database_sink.
    strategies: tuple[str, ...]

    # Rows that one INSERT … SELECT may move: below what makes the server lock a whole table. 0: no limit.
    rows_per_statement: int

    # How long the name of a table may be, in characters.
    name_length: int

    # The number of rows of a group, as a 64-bit integer.
    count: str

    # Whether `create_comparison` makes a table of the connection alone; otherwise it needs a name of its own.
    temporary_tables: bool

    def session(self) -> Sequence[str]:
        """What is run on every new connection: settings without which the server would change values silently."""
        ...

    def written_as(self, column: StoredColumn) -> pa.DataType:
        """The Arrow type that the bulk path takes for this column; see loaders.database.written_columns."""
        ...

    def from_staged(self, sql: str, column: StoredColumn) -> str:
        """The expression that turns a staged or bound value, of the type that `written_as` says, into the column's
        type; the value itself mostly."""
        ...

    def staged_type(self, column: StoredColumn) -> str:
        """The type of its column in a staging table: what `written_as` arrives in."""
        ...

    def around(self, table: StoredTable, columns: Sequence[StoredColumn]) -> tuple[Sequence[str], Sequence[str]]:
        """What is run before and after these columns are inserted, where one is an identity; mostly nothing."""
        ...

    def insert(self, table: StoredTable, columns: Sequence[StoredColumn]) -> str:
        """INSERT of one row of `?`; of a row of defaults where there are no columns."""
        ...

    def move(self, table: StoredTable, columns: Sequence[StoredColumn], staged: str, first: int, last: int) -> str:
        """INSERT … SELECT of the staged rows whose `columnar_row` is from first to last, in this order. staged: the
        quoted name of the staging table, whose columns have the names of the target's."""
        ...

    def create_staging(self, staged: str, columns: Sequence[StoredColumn]) -> str:
        """CREATE TABLE of a staging table: `columnar_row`, a 64-bit integer key, and columns that may all be NULL."""
        ...

    def create_comparison(self, table: StoredTable, columns: Sequence[StoredColumn], name: str) -> str:
        """CREATE of a table with `columnar_row`, a 64-bit integer, and columns of the target's own types and
        collations: what values look like to the target."""
        ...

    def temporary(self, suffix: str) -> str:
        """The quoted name of a table of the connection alone: some databases know one by its first character or its
        schema."""
        ...

    def delete(self, table: StoredTable, names: Sequence[str], keys: str) -> str:
        """DELETE of the rows that equal a row of the table `keys` (its quoted name) in these columns. Of a table that
        refers to itself it may leave rows that others refer to: it is run until nothing is deleted."""
        ...

    def lock(self, name: str) -> Selected:
        """An integer, 1 where this connection now holds the lock of that name until it is closed, 0 where another
        does."""
        ...

    def unlock(self, name: str) -> Selected:
        """An integer, 1 where the lock is free again."""
        ...

    def inserted(self, table: StoredTable) -> Select | None:
        """How many rows of the table this transaction has inserted, or how many there are, in a column `n`: where the
        bulk path would not notice that a trigger leaves rows out. None where it would, or none can."""
        ...

    def next_values(self, table: StoredTable, column: StoredColumn, count: int) -> Select | None:
        """So many values that the database makes for a column, one a row, in a column `made`; None where it cannot
        make them before their rows are inserted."""
        ...


class FaultDialect(Protocol):
    """What an error of the driver means."""

    def error(self, what: str, error: BaseException) -> LoaderError:
        """One of loaders.errors, by SQLSTATE and the server's own number where there is one; the message without
        secrets, with a hint. what: the table, source or step in question."""
        ...


@dataclass(frozen=True)
class Dialect:
    """All of it. name: the backend's, as in URLs."""

    name: str
    reading: ReadingDialect
    tables: TableDialect
    writing: WritingDialect
    faults: FaultDialect
