"""How rows get into PostgreSQL behind an ODBC connection string: by an INSERT whose parameters are bound in columns."""

from __future__ import annotations

import pyarrow as pa

from loaders.database.catalog import StoredColumn
from loaders.postgresql.types import parts
from loaders.postgresql.writing import PostgreSQLWriting

# A cast to one of these would cut a text that is too long; assigning it is refused.
_CUT = ("character varying", "character", "bpchar", "text", "citext")


class PostgreSQLParameterWriting(PostgreSQLWriting):
    """See loaders.database.dialect.WritingDialect. Every parameter has a type of its own, since the driver asks the
    server for it, and turbodbc writes garbage where it differs."""

    def written_as(self, column: StoredColumn) -> pa.DataType:
        """See WritingDialect.written_as."""
        kind = column.arrow if column.arrow is not None else pa.string()
        if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
            return pa.int64()
        return kind if pa.types.is_floating(kind) else pa.string()

    def from_staged(self, sql: str, column: StoredColumn) -> str:
        """See WritingDialect.from_staged."""
        kind = self.written_as(column)
        if pa.types.is_integer(kind):
            number = f"CAST({sql} AS bigint)"
            return f"({number} <> 0)" if column.type == "boolean" else number
        if pa.types.is_floating(kind):
            return f"CAST({sql} AS double precision)"
        text = f"CAST({sql} AS text)"
        if column.type == "bytea":
            return f"decode({text}, 'hex')"
        if column.arrow is not None and pa.types.is_timestamp(column.arrow) and column.arrow.tz:
            text = f"({text} || '+00')"
        return text if parts(column.type)[0] in _CUT else f"CAST({text} AS {column.type})"

    def staged_type(self, column: StoredColumn) -> str:
        """See WritingDialect.staged_type."""
        kind = self.written_as(column)
        return "bigint" if pa.types.is_integer(kind) else "double precision" if pa.types.is_floating(kind) else "text"
