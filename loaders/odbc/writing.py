"""How rows get into a database that is known by its ODBC driver alone: by bulk execution of an INSERT."""

from __future__ import annotations

import pyarrow as pa

from loaders.database.catalog import StoredColumn
from loaders.database.standard_writing import StandardWriting
from loaders.odbc.reading import AnsiReading


class AnsiWriting(StandardWriting):
    """See loaders.database.dialect.WritingDialect. A text for a column of another type is cast by the database."""

    temporary_tables = False

    def __init__(self, reading: AnsiReading) -> None:
        self._reading = reading

    def quote(self, identifier: str) -> str:
        """See ReadingDialect.quote."""
        return self._reading.quote(identifier)

    def written_as(self, column: StoredColumn) -> pa.DataType:
        """See WritingDialect.written_as."""
        kind = super().written_as(column)
        if pa.types.is_integer(kind):
            return pa.int64()
        if pa.types.is_timestamp(kind):
            return pa.string() if kind.tz else pa.timestamp("us")
        return kind if pa.types.is_floating(kind) or pa.types.is_date32(kind) else pa.string()

    def from_staged(self, sql: str, column: StoredColumn) -> str:
        """See WritingDialect.from_staged."""
        plain = self.written_as(column) != pa.string() or self._reading.is_text(column)
        return sql if plain else self._reading.of_text(sql, column.type)
