"""The catalogue that the SQL standard describes, for a database that is known by its ODBC driver alone."""

from __future__ import annotations

import re
from typing import Any

import pyarrow as pa

from loaders.database.catalog import StoredColumn, StoredTable
from loaders.database.catalog_rows import catalog_rows
from loaders.database.connection import Connection
from loaders.database.standard_tables import StandardTables
from loaders.errors import LoaderError, UnavailableError, UsageError
from loaders.odbc.reading import AnsiReading

_INTEGERS = {
    "tinyint": pa.int8(),
    "smallint": pa.int16(),
    "integer": pa.int32(),
    "int": pa.int32(),
    "bigint": pa.int64(),
}
_PLAIN = {"double precision": pa.float64(), "double": pa.float64(), "float": pa.float64(), "date": pa.date32()}
_TYPES = {
    pa.bool_(): "smallint",
    pa.int8(): "smallint",
    pa.int16(): "smallint",
    pa.int32(): "integer",
    pa.int64(): "bigint",
    pa.float64(): "double precision",
    pa.date32(): "date",
    pa.time64("us"): "time(6)",
    pa.timestamp("us"): "timestamp(6)",
    pa.timestamp("us", "UTC"): "timestamp(6)",  # in UTC
}
_KEYS = "constraint_type IN ('PRIMARY KEY', 'UNIQUE')"
# Of a key's text that has no limit.
_KEY = "varchar(255)"
_TEXTS = re.compile(r"char|text|clob|string", re.IGNORECASE)


class AnsiTables(StandardTables):
    """See loaders.database.dialect.TableDialect: of INFORMATION_SCHEMA. Times with a zone are kept in UTC, booleans as
    numbers."""

    database = "this database"
    types = _TYPES

    def __init__(self, reading: AnsiReading) -> None:
        self._reading = reading

    def quote(self, identifier: str) -> str:
        """See ReadingDialect.quote."""
        return self._reading.quote(identifier)

    def look_up(self, connection: Connection, schema: str, table: str) -> StoredTable | None:
        """See TableDialect.look_up. Without a schema, a table of any. What the database numbers or fills by itself is
        not known, so that nothing is required."""
        short, integer = self._reading.asked.text.format(255), self._reading.integer
        texts = {name: f"CAST({name} AS {short})" for name in ("table_schema", "column_name", "data_type")}
        numbers = {
            name: f"COALESCE(CAST({name} AS {integer}), -1)"
            for name in ("character_maximum_length", "numeric_precision", "numeric_scale", "datetime_precision")
        }
        tail = "FROM information_schema.columns WHERE table_name = ?" + (" AND table_schema = ?" if schema else "")
        values = (table, schema) if schema else (table,)
        try:
            rows = catalog_rows(connection, texts, tail, values, integers=numbers, order="ORDER BY ordinal_position")
        except (UsageError, UnavailableError) as error:  # drivers have no common state for what is not there
            hint = "a database that is not known by name needs an INFORMATION_SCHEMA: docs/databases.md"
            raise UsageError(f"{self.database} describes no tables: {error.message}", hint=hint) from error
        if not rows:
            return None
        if len({row["table_schema"] for row in rows}) > 1:
            raise UsageError(f"there is more than one table {table}", hint="write it as schema.table")
        schema = rows[0]["table_schema"]
        kind = self._told(connection, "table_type", "tables", schema, table)
        return StoredTable(
            schema,
            table,
            "view" if any("view" in each.lower() for each in kind) else "table",
            tuple(map(_column, rows)),
            self._keys(connection, schema, table),
        )

    def _keys(self, connection: Connection, schema: str, table: str) -> tuple[tuple[str, ...], ...]:
        names = self._told(connection, "constraint_name", "table_constraints", schema, table, _KEYS)
        return tuple(
            tuple(self._told(connection, "column_name", "key_column_usage", schema, table, "constraint_name = ?", name))
            for name in names
        )

    def _told(
        self, connection: Connection, column: str, of: str, schema: str, table: str, where: str = "1 = 1", *values: str
    ) -> list[str]:
        """A column of a part of the catalogue that some databases lack."""
        tail = f"FROM information_schema.{of} WHERE table_schema = ? AND table_name = ? AND {where}"
        order = "ORDER BY ordinal_position" if of == "key_column_usage" else f"ORDER BY {column}"
        text = {"told": f"CAST({column} AS {self._reading.asked.text.format(255)})"}
        try:
            rows = catalog_rows(connection, text, tail, (schema, table, *values), order=order)
        except (UsageError, UnavailableError):
            return []
        return [row["told"] for row in rows]

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
                connection,
                {"name": f"CAST(table_name AS {self._reading.asked.text.format(255)})"},
                tail,
                (schema,) if schema else (),
            )
        except LoaderError:  # they are for a hint
            return []
        return sorted(row["name"] for row in rows)

    def fits(self, kind: pa.DataType, column: StoredColumn, *, length: int | None = None, uuid: bool = False) -> bool:
        """See TableDialect.fits: for the same type, an integer that is not smaller, and text that may not be longer."""
        if pa.types.is_string(kind):
            wanted = 36 if uuid else length
            enough = column.max_length is None or wanted is None or wanted <= column.max_length
            return bool(column.arrow == kind) and enough
        if column.arrow is not None and pa.types.is_integer(column.arrow):
            wide = pa.types.is_integer(kind) and kind.bit_width <= column.arrow.bit_width
            return bool(wide or pa.types.is_boolean(kind))
        if pa.types.is_timestamp(kind) and kind.tz is not None:
            return bool(column.arrow == kind or column.arrow == pa.timestamp("us"))
        return bool(column.arrow == kind)

    def text_type(self, length: int | None, *, key: bool) -> str:
        """See StandardTables.text_type."""
        return _KEY if key and length is None else super().text_type(length, key=key)


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
        arrow = pa.timestamp("us", "UTC" if kind.endswith("with time zone") else None)
    elif kind.startswith("time"):
        arrow = pa.time64("us")
    digits = row["datetime_precision"]
    if arrow is not None and pa.types.is_temporal(arrow) and kind.isalpha() and kind != "date" and digits > 0:
        kind = f"{kind}({digits})"
    limit = length if length > 0 else None
    return StoredColumn(row["column_name"], kind, arrow, nullable=True, max_length=limit)
