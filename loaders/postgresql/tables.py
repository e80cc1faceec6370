"""PostgreSQL's catalogue, and its CREATE statements."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from loaders.database.altered_values import CANONICAL_UUID, UNPADDED
from loaders.database.catalog import StoredColumn, StoredForeignKey, StoredTable
from loaders.database.catalog_rows import catalog_rows
from loaders.database.connection import Connection
from loaders.database.standard_tables import StandardTables
from loaders.postgresql.types import TYPES, arrow_type, fits, parts

_RELATION = (
    " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = CAST(? AS text) AND c.relname = CAST(? AS text) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')"
)
_COLUMNS = (
    " FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid"
    " LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"
    " LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation"
    " WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attrelid = CAST(CAST(? AS text) AS oid)"
)
# A value of a domain is stored and copied as its base is.
_TYPE = (
    "format_type(CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE a.atttypid END,"
    " CASE t.typtype WHEN 'd' THEN t.typtypmod ELSE a.atttypmod END)"
)
# Without those that cover some rows only, or expressions: they say nothing of all rows.
_KEYS = (
    " FROM pg_catalog.pg_index i WHERE i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL"
    " AND i.indrelid = CAST(CAST(? AS text) AS oid)"
)
_KEY_COLUMNS = (
    "(SELECT CAST(json_agg(a.attname ORDER BY k.place) AS text)"
    " FROM unnest(i.indkey) WITH ORDINALITY AS k(number, place)"
    " JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number WHERE k.place <= i.indnkeyatts)"
)
_FOREIGN_KEYS = (
    " FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_class r ON r.oid = c.confrelid"
    " JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace"
    " WHERE c.contype = 'f' AND c.conrelid = CAST(CAST(? AS text) AS oid)"
)
_FOREIGN_COLUMNS = (
    "(SELECT CAST(json_agg(a.attname ORDER BY k.place) AS text) FROM unnest(c.{0}) WITH ORDINALITY AS k(number, place)"
    " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.{1} AND a.attnum = k.number)"
)
_TRIGGERS = (
    " FROM pg_catalog.pg_trigger t WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND t.tgtype & 4 = 4"
    " AND t.tgtype & 1 = 1 AND t.tgrelid = CAST(CAST(? AS text) AS oid)"
)


class PostgreSQLTables(StandardTables):
    """See loaders.database.dialect.TableDialect. arrays: whether lists can be written."""

    database = "PostgreSQL"
    default_schema = "public"
    types = TYPES

    def __init__(self, *, arrays: bool = True) -> None:
        self._arrays = arrays

    def look_up(self, connection: Connection, schema: str, table: str) -> StoredTable | None:
        """See TableDialect.look_up."""
        relation = {"oid": "CAST(c.oid AS text)", "kind": "CAST(c.relkind AS text)"}
        found = catalog_rows(connection, relation, _RELATION, (schema, table))
        if not found:
            return None
        oid = found[0]["oid"]
        return StoredTable(
            schema,
            table,
            "table" if found[0]["kind"] in ("r", "p", "f") else "view",
            self._columns(connection, oid),
            tuple(self._keys(connection, oid)),
            tuple(self._foreign_keys(connection, oid)),
            tuple(
                row["name"] for row in catalog_rows(connection, {"name": "CAST(t.tgname AS text)"}, _TRIGGERS, (oid,))
            ),
        )

    def described(self, connection: Connection, relation: str) -> tuple[StoredColumn, ...]:
        """See TableDialect.described: by a view of this session alone."""
        name = "columnar_described"
        connection.run(f"CREATE OR REPLACE TEMPORARY VIEW {name} AS SELECT * FROM {relation}")
        try:
            oid = f"CAST(CAST(CAST('pg_temp.{name}' AS regclass) AS oid) AS text)"
            return self._columns(connection, catalog_rows(connection, {"oid": oid}, "")[0]["oid"])
        finally:
            connection.run(f"DROP VIEW {name}")

    def table_names(self, connection: Connection, schema: str) -> list[str]:
        """See TableDialect.table_names."""
        tail = (
            " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = CAST(? AS text) AND c.relkind IN ('r', 'p', 'f')"
        )
        rows = catalog_rows(connection, {"name": "CAST(c.relname AS text)"}, tail, (schema,), order="ORDER BY 1")
        return [row["name"] for row in rows]

    def _columns(self, connection: Connection, oid: str) -> tuple[StoredColumn, ...]:
        texts = {
            "name": "CAST(a.attname AS text)",
            "type": f"CAST({_TYPE} AS text)",
            "default": "coalesce(pg_get_expr(d.adbin, d.adrelid), '')",
            "generated": "CAST(a.attgenerated AS text)",
            "identity": "CAST(a.attidentity AS text)",
            "collation": "coalesce(CAST(l.collname AS text), '')",
        }
        integers = {
            "nullable": "CAST(NOT a.attnotnull AS integer)",
            "deterministic": "CAST(coalesce(l.collisdeterministic, true) AS integer)",
        }
        rows = catalog_rows(connection, texts, _COLUMNS, (oid,), integers=integers, order="ORDER BY a.attnum")
        return tuple(_column(row) for row in rows)

    def _keys(self, connection: Connection, oid: str) -> Iterator[tuple[str, ...]]:
        order = "ORDER BY NOT i.indisprimary, i.indexrelid"
        for row in catalog_rows(connection, {"columns": _KEY_COLUMNS}, _KEYS, (oid,), order=order):
            yield tuple(json.loads(row["columns"]))

    def _foreign_keys(self, connection: Connection, oid: str) -> Iterator[StoredForeignKey]:
        texts = {
            "columns": _FOREIGN_COLUMNS.format("conkey", "conrelid"),
            "schema": "CAST(n.nspname AS text)",
            "table": "CAST(r.relname AS text)",
            "references": _FOREIGN_COLUMNS.format("confkey", "confrelid"),
        }
        for row in catalog_rows(connection, texts, _FOREIGN_KEYS, (oid,), order="ORDER BY c.conname"):
            own, theirs = (tuple(json.loads(row[name])) for name in ("columns", "references"))
            yield StoredForeignKey(own, row["schema"], row["table"], theirs)

    def ddl_type(self, kind: pa.DataType, *, length: int | None = None, uuid: bool = False, key: bool = False) -> str:
        """See TableDialect.ddl_type."""
        if pa.types.is_list(kind) and self._arrays:
            return self.ddl_type(kind.value_type) + "[]"
        return "uuid" if uuid else super().ddl_type(kind, length=length, key=key)

    def fits(self, kind: pa.DataType, column: StoredColumn, *, length: int | None = None, uuid: bool = False) -> bool:
        """See TableDialect.fits."""
        if pa.types.is_list(kind) and not self._arrays:
            return False
        return fits(kind, column.type, length=length, uuid=uuid)


def _column(row: dict[str, Any]) -> StoredColumn:
    name, modifiers = parts(row["type"])
    computed = bool(row["generated"])
    return StoredColumn(
        row["name"],
        row["type"],
        arrow_type(row["type"]),
        nullable=bool(row["nullable"]),
        default="" if computed else row["default"],
        computed=computed,
        identity=bool(row["identity"]),
        collation=row["collation"],
        max_length=modifiers[0] if modifiers and "char" in name else None,
        exact=bool(row["deterministic"]) and name not in ("character", "bpchar", "citext"),
        kept=CANONICAL_UUID if name == "uuid" else UNPADDED if name in ("character", "bpchar") else "",
        verbatim=name not in ("character", "bpchar", "uuid"),
    )
