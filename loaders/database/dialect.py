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
from loaders.errors import LoaderError
from loaders.sink import TableSpec


class ReadingDialect(Protocol):
    """How keys and documents are selected."""

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

    def ddl_type(self, kind: pa.DataType, *, length: int | None = None, key: bool = False) -> str:
        """The column type for an Arrow type. length: of text, in characters, where the contract limits it. key:
        whether it is part of a key, where some databases allow less. UsageError where it has none."""
        ...

    def fits(self, kind: pa.DataType, column: StoredColumn, *, length: int | None = None) -> bool:
        """Whether every value of the Arrow type is stored by that column as it is, without a lossy cast."""
        ...

    def statements(self, specs: Sequence[TableSpec], schema: str, there: Sequence[StoredTable] = ()) -> list[str]:
        """What makes these tables, in their order, schemas and sequences included; without semicolons. there: tables
        that exist and may be referred to."""
        ...

    def problems(self, specs: Sequence[TableSpec], schema: str) -> list[str]:
        """Why the database cannot make them."""
        ...


class WritingDialect(Protocol):
    """Staging, transactions, limits."""

    # Rows that one INSERT … SELECT may move: below what makes the server lock a whole table. 0: no limit.
    rows_per_statement: int

    def written_as(self, column: StoredColumn) -> pa.DataType:
        """The Arrow type that the bulk path takes for this column."""
        ...

    def from_staged(self, sql: str, column: StoredColumn) -> str:
        """The expression that turns a staged (or bound) value into the column's type; the value itself mostly."""
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
