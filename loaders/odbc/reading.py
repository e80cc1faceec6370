"""How keys and documents are selected from a database that is known by its ODBC driver alone: by the standard."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from loaders.database.catalog import StoredColumn
from loaders.odbc.asked_database import AskedDatabase

_LONG = 8000
# Enough for what is no text: a decimal of 38 digits, a time.
_SHORT = 100


class AnsiReading:
    """See loaders.database.dialect.ReadingDialect. asked: what the database says of itself."""

    cheap_lengths = False
    utf16 = False

    def __init__(self, asked: AskedDatabase) -> None:
        self.asked = asked
        self.integer = asked.integer

    def quote(self, identifier: str) -> str:
        """See ReadingDialect.quote."""
        if "\0" in identifier:
            raise ValueError("an identifier cannot hold a NUL character")
        opening, closing = self.asked.quotes[0], self.asked.quotes[1]
        return opening + identifier.replace(closing, closing * 2) + closing

    def as_text(self, sql: str, column: StoredColumn) -> str:
        """See ReadingDialect.as_text."""
        return sql if self.is_text(column) else f"CAST({sql} AS {self.asked.text.format(_SHORT)})"

    def as_integer(self, sql: str, column: StoredColumn) -> str:
        """See ReadingDialect.as_integer."""
        return f"CAST({sql} AS {self.integer})"

    def is_integer(self, column: StoredColumn) -> bool:
        """See ReadingDialect.is_integer."""
        return column.arrow is not None and pa.types.is_signed_integer(column.arrow)

    def bound(self, column: StoredColumn) -> str:
        """See ReadingDialect.bound."""
        if self.is_text(column):
            return f"CAST(? AS {self.asked.text.format(column.max_length or _LONG)})"
        return self.of_text("?", self.integer if self.is_integer(column) else column.type)

    def of_text(self, sql: str, kind: str) -> str:
        """A value out of its text. The inner CAST makes a parameter a text to the driver: turbodbc stores other values
        where it is told of a number."""
        return f"CAST(CAST({sql} AS {self.asked.text.format(_SHORT)}) AS {kind})"

    def document(self, sql: str, column: StoredColumn) -> str:
        """See ReadingDialect.document."""
        return sql

    def is_binary(self, column: StoredColumn) -> bool:
        """See ReadingDialect.is_binary: nothing in the standard makes digits of bytes."""
        return False

    def is_text(self, column: StoredColumn) -> bool:
        """See ReadingDialect.is_text."""
        return any(part in column.type.lower() for part in ("char", "text", "clob", "string"))

    def length(self, sql: str) -> str:
        """See ReadingDialect.length."""
        return f"CAST({self.asked.length.format(sql)} AS {self.integer})"

    def utf8_bytes(self, sql: str) -> str:
        """See ReadingDialect.utf8_bytes."""
        return self.length(sql)

    def first(self, rows: int, skip: int = 0) -> str:
        """See ReadingDialect.first."""
        return self.asked.paging.format(int(rows), int(skip))

    def keys_digest(self, texts: Sequence[str]) -> str | None:
        """See ReadingDialect.keys_digest: no hash is common to all."""
        return None
