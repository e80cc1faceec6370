"""SQLite's catalogue, and its CREATE statements."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import pyarrow as pa

from loaders.database.catalog import StoredColumn, StoredForeignKey, StoredTable
from loaders.database.catalog_rows import catalog_rows
from loaders.database.connection import Connection
from loaders.database.standard_tables import StandardTables
from loaders.names import place
from loaders.sink import TableSpec
from loaders.sqlite.types import DECIMAL, TYPES, arrow_type, fits

_UNIQUE = (
    ' FROM pragma_index_list(?) AS l, pragma_index_xinfo(l.name) AS i WHERE l."unique" = 1 AND l.partial = 0'
    " AND i.key = 1"
)


class SQLiteTables(StandardTables):
    """See loaders.database.dialect.TableDialect. A file has one schema."""

    database = "SQLite"
    default_schema = "main"
    types = TYPES

    def look_up(self, connection: Connection, schema: str, table: str) -> StoredTable | None:
        """See TableDialect.look_up: SQLite does not tell upper from lower case."""
        tail = " FROM sqlite_master WHERE lower(name) = lower(?) AND type IN ('table', 'view')"
        found = catalog_rows(connection, {"name": "name", "type": "type"}, tail, (table,))
        if not found or schema.lower() != self.default_schema:
            return None
        name = found[0]["name"]
        columns, primary = self._columns(connection, name)
        keys = [primary, *self._unique(connection, name)] if primary else list(self._unique(connection, name))
        return StoredTable(
            schema,
            name,
            found[0]["type"],
            columns,
            tuple(dict.fromkeys(keys)),
            tuple(self._foreign_keys(connection, schema, name, primary)),
            tuple(self._triggers(connection, name)),
        )

    def described(self, connection: Connection, relation: str) -> tuple[StoredColumn, ...]:
        """See TableDialect.described: by a view of this connection alone."""
        name = "columnar_described"
        connection.run(f"CREATE TEMPORARY VIEW {name} AS SELECT * FROM {relation}")
        try:
            return self._columns(connection, name)[0]
        finally:
            connection.run(f"DROP VIEW {name}")

    def table_names(self, connection: Connection, schema: str) -> list[str]:
        """See TableDialect.table_names."""
        tail = " FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~'"
        return [row["name"] for row in catalog_rows(connection, {"name": "name"}, tail, order="ORDER BY name")]

    def _columns(self, connection: Connection, table: str) -> tuple[tuple[StoredColumn, ...], tuple[str, ...]]:
        """The columns, and those of the primary key."""
        texts = {"name": "name", "type": "type", "default": "coalesce(dflt_value, '')"}
        integers = {"required": '"notnull"', "key": "pk", "hidden": "hidden"}
        tail = " FROM pragma_table_xinfo(?)"
        rows = catalog_rows(connection, texts, tail, (table,), integers=integers, order="ORDER BY cid")
        collations = self._collations(connection, table)
        keyed = sorted((row for row in rows if row["key"]), key=lambda row: row["key"])
        alias = keyed[0]["name"] if len(keyed) == 1 and keyed[0]["type"].upper() == "INTEGER" else None
        columns = [_column(row, collations.get(row["name"], "BINARY"), is_rowid=row["name"] == alias) for row in rows]
        return tuple(columns), tuple(row["name"] for row in keyed)

    def _collations(self, connection: Connection, table: str) -> dict[str, str]:
        """Of the columns of keys: how the key compares them."""
        rows = catalog_rows(connection, {"name": "i.name", "collation": "i.coll"}, _UNIQUE, (table,))
        return {row["name"]: row["collation"] for row in rows if row["collation"] != "BINARY"}

    def _unique(self, connection: Connection, table: str) -> Iterator[tuple[str, ...]]:
        texts = {"index": "l.name", "name": "coalesce(i.name, '')"}
        rows = catalog_rows(connection, texts, _UNIQUE, (table,), order="ORDER BY l.seq, i.seqno")
        for _, group in groupby(rows, lambda row: row["index"]):
            names = tuple(row["name"] for row in group)
            if all(names):  # an expression has none
                yield names

    def _foreign_keys(
        self, connection: Connection, schema: str, table: str, primary: tuple[str, ...]
    ) -> Iterator[StoredForeignKey]:
        texts = {"table": '"table"', "name": '"from"', "references": "coalesce(\"to\", '')", "id": "CAST(id AS TEXT)"}
        tail = " FROM pragma_foreign_key_list(?)"
        rows = catalog_rows(connection, texts, tail, (table,), order="ORDER BY id, seq")
        for _, group in groupby(rows, lambda row: row["id"]):
            columns = list(group)
            names = tuple(row["name"] for row in columns)
            references = tuple(row["references"] for row in columns)
            # Without names it means the primary key, which is told for a table that refers to itself.
            yield StoredForeignKey(names, schema, columns[0]["table"], references if all(references) else primary)

    def _triggers(self, connection: Connection, table: str) -> Iterator[str]:
        tail = (
            " FROM sqlite_master WHERE type = 'trigger' AND lower(tbl_name) = lower(?) AND upper(sql) LIKE '%INSERT%'"
        )
        for row in catalog_rows(connection, {"name": "name"}, tail, (table,)):
            yield row["name"]

    def ddl_type(self, kind: pa.DataType, *, length: int | None = None, uuid: bool = False, key: bool = False) -> str:
        """See TableDialect.ddl_type."""
        if pa.types.is_decimal128(kind):
            return f"{DECIMAL}({kind.precision},{kind.scale})"
        return "uuid" if uuid else super().ddl_type(kind, length=length, key=key)

    def fits(self, kind: pa.DataType, column: StoredColumn, *, length: int | None = None, uuid: bool = False) -> bool:
        """See TableDialect.fits."""
        return fits(kind, column.type, uuid=uuid)

    def schema_statements(self, schema: str) -> list[str]:
        """See StandardTables.schema_statements: there are none to make."""
        return []

    def column_types(self, spec: TableSpec) -> dict[str, str]:
        """See StandardTables.column_types: SQLite numbers what is called INTEGER and is the key."""
        return super().column_types(spec) | dict.fromkeys(spec.numbered, "INTEGER")

    def numbered(self, spec: TableSpec, column: str, schema: str) -> str:
        """See StandardTables.numbered."""
        return ""

    def table_problems(self, spec: TableSpec, schema: str) -> list[str]:
        """See StandardTables.table_problems."""
        problems = super().table_problems(spec, schema)
        if place(spec.name, schema)[0] != self.default_schema:
            problems.append(f"{spec.name}: a SQLite file has no schemas")
        problems += [
            f"{spec.name}.{name}: SQLite numbers a column only where it alone is the key"
            for name in spec.numbered
            if spec.key != (name,)
        ]
        return problems


def _column(row: dict[str, Any], collation: str, *, is_rowid: bool) -> StoredColumn:
    return StoredColumn(
        row["name"],
        row["type"],
        arrow_type(row["type"]),
        nullable=not row["required"] and not row["key"],
        default=row["default"],
        computed=row["hidden"] in (2, 3),
        identity=is_rowid,
        collation="" if collation == "BINARY" else collation,
        exact=collation == "BINARY",
        holds_nan=False,
    )
