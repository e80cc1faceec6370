"""The catalogue that the SQL standard describes, for a database that is known by its ODBC driver alone."""

from __future__ import annotations

import re
from typing import Any

import pyarrow as pa

from loaders.database.catalog import StoredColumn, StoredTable
from loaders.database.catalog_rows import catalog_rows
from loaders.database.connection import Connection
from loaders.database.standard_tables import StandardTables
from loaders.errors import LoaderError, UsageError
from loaders.odbc.reading import AnsiReading

_INTEGERS = {"smallint": pa.int16(), "integer": pa.int32(), "int": pa.int32(), "bigint": pa.int64()}
_PLAIN = {"double precision": pa.float64(), "double": pa.float64(), "float": pa.float64(), "date": pa.date32()}
_TYPES = {
    pa.int16(): "smallint",
    pa.int32(): "integer",
    pa.int64(): "bigint",
    pa.float64(): "double precision",
    pa.date32(): "date",
    pa.timestamp("us"): "timestamp",
}
_TEXTS = re.compile(r"char|text|clob|string", re.IGNORECASE)


class AnsiTables(StandardTables):
    """See loaders.database.dialect.TableDialect: of INFORMATION_SCHEMA."""

    database = "this database"
    types = _TYPES

    def __init__(self, reading: AnsiReading) -> None:
        self._reading = reading

    def quote(self, identifier: str) -> str:
        """See ReadingDialect.quote."""
        return self._reading.quote(identifier)

    def look_up(self, connection: Connection, schema: str, table: str) -> StoredTable | None:
        """See TableDialect.look_up. Without a schema, a table of any; keys are not looked for."""
        texts = {name: f"CAST({name} AS varchar(255))" for name in ("table_schema", "column_name", "data_type")}
        texts |= {"is_nullable": "CAST(is_nullable AS varchar(10))"}
        numbers = {
            name: f"COALESCE(CAST({name} AS bigint), -1)"
            for name in ("character_maximum_length", "numeric_precision", "numeric_scale")
        }
        tail = "FROM information_schema.columns WHERE table_name = ?" + (" AND table_schema = ?" if schema else "")
        values = (table, schema) if schema else (table,)
        try:
            rows = catalog_rows(connection, texts, tail, values, integers=numbers, order="ORDER BY ordinal_position")
        except UsageError as error:
            raise UsageError(f"{self.database} describes no tables: {error.message}") from error
        if not rows:
            return None
        if len({row["table_schema"] for row in rows}) > 1:
            raise UsageError(f"there is more than one table {table}", hint="write it as schema.table")
        return StoredTable(rows[0]["table_schema"], table, "view", tuple(map(_column, rows)))

    def described(self, connection: Connection, relation: str) -> tuple[StoredColumn, ...]:
        """See TableDialect.described: the standard has no way."""
        raise UsageError(
            "of a database that is not known here, columns of a query cannot be found out",
            hint="name a table or a view, with table: in the job's source",
        )

    def table_names(self, connection: Connection, schema: str) -> list[str]:
        """See TableDialect.table_names."""
        tail = "FROM information_schema.tables" + (" WHERE table_schema = ?" if schema else "")
        try:
            rows = catalog_rows(
                connection, {"name": "CAST(table_name AS varchar(255))"}, tail, (schema,) if schema else ()
            )
        except LoaderError:  # they are for a hint
            return []
        return sorted(row["name"] for row in rows)

    def fits(self, kind: pa.DataType, column: StoredColumn, *, length: int | None = None, uuid: bool = False) -> bool:
        """See TableDialect.fits: for the same type, and for text that is not longer."""
        if pa.types.is_string(kind):
            wanted = 36 if uuid else length
            enough = column.max_length is None or (wanted is not None and wanted <= column.max_length)
            return bool(column.arrow == kind) and enough
        return bool(column.arrow == kind)


def _column(row: dict[str, Any]) -> StoredColumn:
    kind, length = row["data_type"].lower(), row["character_maximum_length"]
    precision, scale = row["numeric_precision"], row["numeric_scale"]
    arrow = _INTEGERS.get(kind) or _PLAIN.get(kind)
    if kind in ("numeric", "decimal"):
        kind = f"decimal({precision},{max(scale, 0)})"
        arrow = pa.decimal128(precision, max(scale, 0)) if 0 < precision <= 38 else None
    elif _TEXTS.search(kind):
        arrow = pa.string()
        kind = f"{kind}({length})" if length > 0 and "char" in kind else kind
    elif kind.startswith("timestamp") or kind == "datetime":
        arrow = pa.timestamp("us")
    limit = length if length > 0 else None
    return StoredColumn(row["column_name"], kind, arrow, row["is_nullable"].upper() != "NO", max_length=limit)
