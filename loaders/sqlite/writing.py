"""How rows get into SQLite: by bulk execution of an INSERT, inside the transaction."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from loaders.database.catalog import StoredColumn, StoredTable
from loaders.database.standard_writing import ROW, StandardWriting

# Bytes out of hexadecimal digits, which SQLite has a function for only since 3.41: each from the place that its two
# digits have in the list of all bytes, a part of the digits at a time, since taking one from a long value copies it.
# The driver ends a text at a NUL byte, so bytes cannot be bound as they are.
_DIGITS = "CAST('123456789abcdef' AS BLOB)"
_BYTES = "X'" + bytes(range(256)).hex() + "'"
_PART = 2048
_UNHEX = (
    "(WITH RECURSIVE h(v) AS MATERIALIZED (SELECT CAST({0} AS BLOB)),"
    f" n(k) AS (SELECT 1 UNION ALL SELECT k + 2 FROM n WHERE k + 2 < {_PART}),"
    f" p(i, part) AS (SELECT 1, substr(v, 1, {_PART}) FROM h UNION ALL"
    f" SELECT i + {_PART}, substr(v, i + {_PART}, {_PART}) FROM p, h WHERE i + {_PART} <= length(v))"
    " SELECT CASE WHEN (SELECT v IS NULL FROM h) THEN NULL ELSE CAST(coalesce(group_concat(substr("
    f"{_BYTES}, 16 * instr({_DIGITS}, substr(part, k, 1)) + instr({_DIGITS}, substr(part, k + 1, 1)) + 1, 1)"
    ", ''), '') AS BLOB) END FROM p LEFT JOIN n ON k < length(part))"
)


class SQLiteWriting(StandardWriting):
    """See loaders.database.dialect.WritingDialect."""

    def written_as(self, column: StoredColumn) -> pa.DataType:
        """See WritingDialect.written_as."""
        kind = super().written_as(column)
        if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
            return pa.int64()
        return kind if pa.types.is_floating(kind) else pa.string()

    def from_staged(self, sql: str, column: StoredColumn) -> str:
        """See WritingDialect.from_staged."""
        kind = super().written_as(column)
        if pa.types.is_binary(kind):
            return _UNHEX.format(sql)
        return f"{sql} || 'Z'" if pa.types.is_timestamp(kind) and kind.tz else sql

    def delete(self, table: StoredTable, names: Sequence[str], keys: str) -> str:
        """See WritingDialect.delete: from the keys to the rows, so that an index serves."""
        equal = " AND ".join(f"k.{self.quote(name)} = t.{self.quote(name)}" for name in names)
        found = f"SELECT t.rowid FROM {keys} k CROSS JOIN {self.named(table)} t ON {equal}"
        return f"DELETE FROM {self.named(table)} WHERE rowid IN ({found})"

    def create_comparison(self, table: StoredTable, columns: Sequence[StoredColumn], name: str) -> str:
        """See WritingDialect.create_comparison: `CREATE TABLE AS` would lose collations."""
        lines = [f"{ROW} bigint"]
        for column in columns:
            collation = f" COLLATE {column.collation}" if column.collation else ""
            lines.append(f"{self.quote(column.name)} {column.type}{collation}")
        return f"CREATE TEMPORARY TABLE {name} (" + ", ".join(lines) + ")"
