"""How keys and documents are selected from PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from loaders.database.catalog import StoredColumn
from loaders.sql import quote


class PostgreSQLReading:
    """See loaders.database.dialect.ReadingDialect. Texts of values are those of the session settings in `connect`."""

    integer = "bigint"
    cheap_lengths = True  # the size of a value that is stored out of line stands in its pointer
    utf16 = False

    def quote(self, identifier: str) -> str:
        """See ReadingDialect.quote."""
        return quote(identifier)

    def as_text(self, sql: str, column: StoredColumn) -> str:
        """See ReadingDialect.as_text."""
        if self.is_binary(column):
            return f"encode({sql}, 'hex')"
        if column.type == "real":  # its own text has the digits of a real, which are another float64
            sql = f"CAST({sql} AS double precision)"
        return f"CAST({sql} AS text)"

    def as_integer(self, sql: str, column: StoredColumn) -> str:
        """See ReadingDialect.as_integer."""
        return f"CAST(CAST({sql} AS integer) AS bigint)" if column.type == "boolean" else f"CAST({sql} AS bigint)"

    def is_integer(self, column: StoredColumn) -> bool:
        """See ReadingDialect.is_integer."""
        return column.arrow is not None and pa.types.is_signed_integer(column.arrow)

    def bound(self, column: StoredColumn) -> str:
        """See ReadingDialect.bound: a text for each type, so that drivers that ask for types of parameters agree."""
        if self.is_binary(column):
            return "decode(CAST(? AS text), 'hex')"
        return f"CAST(CAST(? AS text) AS {column.type})"

    def document(self, sql: str, column: StoredColumn) -> str:
        """See ReadingDialect.document."""
        return self.as_text(sql, column)

    def is_binary(self, column: StoredColumn) -> bool:
        """See ReadingDialect.is_binary."""
        return column.type == "bytea"

    def is_text(self, column: StoredColumn) -> bool:
        """See ReadingDialect.is_text."""
        name = column.type.partition("(")[0]
        return name in ("text", "xml", "character varying", "character", "citext", "json", "jsonb", "bpchar")

    def length(self, sql: str) -> str:
        """See ReadingDialect.length."""
        return f"CAST(octet_length({sql}) AS bigint)"

    def utf8_bytes(self, sql: str) -> str:
        """See ReadingDialect.utf8_bytes."""
        return self.length(sql)

    def first(self, rows: int, skip: int = 0) -> str:
        """See ReadingDialect.first."""
        return f"LIMIT {int(rows)} OFFSET {int(skip)}"

    def keys_digest(self, texts: Sequence[str]) -> str | None:
        """See ReadingDialect.keys_digest: a sum, in which equal keys do not cancel out, of hashes of bytes."""
        key = " || chr(31) || ".join(f"coalesce({text}, '')" for text in texts)
        return f'CAST(sum(hashtextextended(({key}) COLLATE "C", 0)) AS text)'


POSTGRESQL_READING = PostgreSQLReading()
