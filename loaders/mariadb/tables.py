"""MariaDB's catalogue, and its CREATE statements."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import pyarrow as pa

from loaders.database.altered_values import CANONICAL_UUID, UNPADDED, one_of
from loaders.database.catalog import StoredColumn, StoredForeignKey, StoredTable
from loaders.database.catalog_rows import catalog_rows
from loaders.database.connection import Connection
from loaders.database.standard_tables import StandardTables
from loaders.errors import LoaderError, UsageError
from loaders.mariadb.reading import MARIADB_READING
from loaders.mariadb.types import MOST_BYTES, TEXTS, TYPES, UTC, arrow_type, fits, members, parts
from loaders.names import place
from loaders.sink import MadeColumnSpec, TableSpec

# Compares code points, and blanks at the end too: as exactly as the keys of documents are compared here. The collations
# that MariaDB chooses by itself ignore case and accents, `utf8mb4_bin` blanks at the end.
COLLATION = "utf8mb4_nopad_bin"
_OPTIONS = f" ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE={COLLATION}"
# Bytes of an index's columns, of a row without what is stored beside it (65,535, less some for other columns), of a
# character.
_MOST_KEY, _MOST_ROW, _CHARACTER = 3072, 60_000, 4
# Characters of a key's text where the contract sets no limit.
_KEY_LENGTH = 255
_MOST_VARCHAR = 16_383
_HERE = "table_schema = CASE ? WHEN '' THEN database() ELSE ? END"

# Ordered by the number of a value and compared by its text, or the other way round.
_BY_NUMBER = ("enum", "set", "bit")


class MariaDBTables(StandardTables):
    """See loaders.database.dialect.TableDialect. A schema is a database; '' is that of the connection."""

    database = "MariaDB"
    default_schema = ""
    types = TYPES

    def quote(self, identifier: str) -> str:
        """See ReadingDialect.quote."""
        return MARIADB_READING.quote(identifier)

    def look_up(self, connection: Connection, schema: str, table: str) -> StoredTable | None:
        """See TableDialect.look_up."""
        texts = {"schema": "table_schema", "name": "table_name", "type": "table_type", "engine": "coalesce(engine, '')"}
        tail = f" FROM information_schema.tables WHERE {_HERE} AND table_name = ?"
        found = catalog_rows(connection, texts, tail, (schema, schema, table))
        if not found:
            return None
        own = found[0]["schema"]
        return StoredTable(
            schema,
            found[0]["name"],
            _kind(found[0]["type"], found[0]["engine"]),
            self._columns(connection, own, table),
            tuple(self._keys(connection, own, table)),
            tuple(self._foreign_keys(connection, own, schema, table)),
            tuple(self._triggers(connection, own, table)),
        )

    def described(self, connection: Connection, relation: str) -> tuple[StoredColumn, ...]:
        """See TableDialect.described: by a view that is dropped at once, since MariaDB's catalogue does not list what
        belongs to one connection alone."""
        name = f"columnar_described_{secrets.token_hex(6)}"
        try:
            connection.run(f"CREATE VIEW {name} AS SELECT * FROM {relation}")
        except LoaderError as error:
            hint = "make a view of the query yourself, and name it as the source's `table`"
            raise UsageError(f"MariaDB tells the columns of a query by a view: {error.message}", hint=hint) from error
        try:
            own = catalog_rows(connection, {"name": "database()"}, "")[0]["name"]
            return self._columns(connection, own, name)
        finally:
            connection.run(f"DROP VIEW {name}")

    def table_names(self, connection: Connection, schema: str) -> list[str]:
        """See TableDialect.table_names."""
        tail = f" FROM information_schema.tables WHERE {_HERE} AND table_type <> 'VIEW'"
        rows = catalog_rows(connection, {"name": "table_name"}, tail, (schema, schema), order="ORDER BY table_name")
        return [row["name"] for row in rows]

    def _columns(self, connection: Connection, schema: str, table: str) -> tuple[StoredColumn, ...]:
        texts = {
            "name": "column_name",
            "type": "column_type",
            "nullable": "is_nullable",
            "default": "coalesce(column_default, '')",
            "extra": "extra",
            "collation": "coalesce(collation_name, '')",
            "comment": "column_comment",
            "generated": "is_generated",
        }
        tail = " FROM information_schema.columns WHERE table_schema = ? AND table_name = ?"
        rows = catalog_rows(connection, texts, tail, (schema, table), order="ORDER BY ordinal_position")
        return tuple(_column(row) for row in rows)

    def _keys(self, connection: Connection, schema: str, table: str) -> Iterator[tuple[str, ...]]:
        texts = {"index": "index_name", "name": "column_name", "part": "coalesce(CAST(sub_part AS CHAR), '')"}
        tail = " FROM information_schema.statistics WHERE table_schema = ? AND table_name = ? AND non_unique = 0"
        order = "ORDER BY index_name <> 'PRIMARY', index_name, seq_in_index"
        rows = catalog_rows(connection, texts, tail, (schema, table), order=order)
        for _, group in groupby(rows, lambda row: row["index"]):
            columns = list(group)
            if not any(row["part"] for row in columns):  # of a prefix: says nothing of whole values
                yield tuple(row["name"] for row in columns)

    def _foreign_keys(self, connection: Connection, own: str, schema: str, table: str) -> Iterator[StoredForeignKey]:
        texts = {
            "constraint": "constraint_name",
            "name": "column_name",
            "schema": "referenced_table_schema",
            "table": "referenced_table_name",
            "references": "referenced_column_name",
        }
        tail = (
            " FROM information_schema.key_column_usage"
            " WHERE table_schema = ? AND table_name = ? AND referenced_table_name IS NOT NULL"
        )
        order = "ORDER BY constraint_name, ordinal_position"
        rows = catalog_rows(connection, texts, tail, (own, table), order=order)
        for _, group in groupby(rows, lambda row: row["constraint"]):
            columns = list(group)
            other = schema if columns[0]["schema"] == own else columns[0]["schema"]
            names, references = (tuple(row[each] for row in columns) for each in ("name", "references"))
            yield StoredForeignKey(names, other, columns[0]["table"], references)

    def _triggers(self, connection: Connection, schema: str, table: str) -> Iterator[str]:
        tail = (
            " FROM information_schema.triggers"
            " WHERE event_object_schema = ? AND event_object_table = ? AND event_manipulation = 'INSERT'"
        )
        for row in catalog_rows(connection, {"name": "trigger_name"}, tail, (schema, table)):
            yield row["name"]

    def ddl_type(self, kind: pa.DataType, *, length: int | None = None, uuid: bool = False, key: bool = False) -> str:
        """See TableDialect.ddl_type."""
        if uuid:
            return "uuid"
        if pa.types.is_decimal128(kind) and kind.scale > 30:
            raise UsageError("MariaDB's decimals have at most 30 digits behind the point")
        return super().ddl_type(kind, length=length, key=key)

    def text_type(self, length: int | None, *, key: bool) -> str:
        """See StandardTables.text_type: an index needs a limit."""
        if length is None:
            return f"varchar({_KEY_LENGTH})" if key else "longtext"
        return f"varchar({length})" if length <= _MOST_VARCHAR else "longtext"

    def fits(self, kind: pa.DataType, column: StoredColumn, *, length: int | None = None, uuid: bool = False) -> bool:
        """See TableDialect.fits."""
        return fits(kind, column.type, length=length, uuid=uuid)

    def column_types(self, spec: TableSpec) -> dict[str, str]:
        """See StandardTables.column_types. A row is limited, so where texts with a limit take too much of it, the
        longest become texts that are stored beside it."""
        types = super().column_types(spec)
        keyed = {*spec.key, *(name for key in spec.foreign_keys for name in key.columns)}
        bytes_of = {name: _bytes(kind) for name, kind in types.items()}
        total = sum(bytes_of.values())
        for name in sorted(bytes_of, key=lambda each: -bytes_of[each]):
            if total <= _MOST_ROW:
                break
            if types[name].startswith("varchar") and name not in keyed:
                types[name] = "text"
                total -= bytes_of[name]
        return types

    def table_options(self) -> str:
        """See StandardTables.table_options."""
        return _OPTIONS

    def schema_statements(self, schema: str) -> list[str]:
        """See StandardTables.schema_statements."""
        return [f"CREATE DATABASE IF NOT EXISTS {self.quote(schema)}"] if schema else []

    def before_table(self, spec: TableSpec, schema: str) -> list[str]:
        """See StandardTables.before_table. Sequences, since AUTO_INCREMENT gives its numbers only to rows that are
        there."""
        sequences = [self._sequence(spec, column, schema) for column in spec.numbered]
        return [f"CREATE SEQUENCE IF NOT EXISTS {name}" for name in sequences]

    def column_line(self, spec: TableSpec, field: pa.Field, kind: str, schema: str) -> str:
        """See StandardTables.column_line."""
        line = super().column_line(spec, field, kind, schema)
        return f"{line} COMMENT '{UTC}'" if pa.types.is_timestamp(field.type) and field.type.tz else line

    def numbered(self, spec: TableSpec, column: str, schema: str) -> str:
        """See StandardTables.numbered."""
        return f"DEFAULT nextval({self._sequence(spec, column, schema)})"

    def _sequence(self, spec: TableSpec, column: str, schema: str) -> str:
        own, name = place(spec.name, schema)
        sequence = self.quote(f"{name}_{column}_seq"[-64:])
        return f"{self.quote(own)}.{sequence}" if own else sequence

    def table_problems(self, spec: TableSpec, schema: str) -> list[str]:
        """See StandardTables.table_problems."""
        problems = super().table_problems(spec, schema)
        if problems:
            return problems
        types = self.column_types(spec)
        for what, names in [("key", spec.key), *(("foreign key", key.columns) for key in spec.foreign_keys)]:
            size = sum(_bytes(types[name]) for name in names)
            if size > _MOST_KEY:
                problems.append(
                    f"{spec.name}: its {what} ({', '.join(names)}) may have {size:,} bytes, and MariaDB's have at most"
                    f" {_MOST_KEY:,}: limit its texts, as `string(100)`"
                )
        return problems

    def made_problems(self, spec: TableSpec, column: MadeColumnSpec) -> list[str]:
        """See StandardTables.made_problems."""
        if column.computed and not column.nullable:
            return [f"{spec.name}.{column.name} is computed, and MariaDB has no NOT NULL for such a column"]
        return super().made_problems(spec, column)


def _kind(table_type: str, engine: str) -> str:
    if table_type == "VIEW":
        return "view"
    if engine.lower() != "innodb":
        return f"table of the engine {engine}, which has no transactions"
    return "table"


def _column(row: dict[str, Any]) -> StoredColumn:
    name, modifiers, _ = parts(row["type"])
    collation, default = row["collation"], row["default"]
    return StoredColumn(
        row["name"],
        row["type"],
        arrow_type(row["type"], row["comment"]),
        nullable=row["nullable"] == "YES",
        default="" if default == "NULL" else default,
        computed=row["generated"] == "ALWAYS",
        identity="auto_increment" in row["extra"],
        collation=collation,
        max_length=modifiers[0] if modifiers and name in ("char", "varchar", "varbinary") else None,
        verbatim=name not in ("char", "enum", "uuid"),
        exact=name not in TEXTS or (collation.endswith("_nopad_bin") and name not in ("char", "uuid")),
        kept=_kept(name, row["type"]),
        max_bytes=MOST_BYTES.get(name),
        ordered=name not in _BY_NUMBER,
    )


def _kept(name: str, kind: str) -> str:
    if name == "enum":  # a text that is none of its members may be taken for the number of one
        return one_of(members(kind))
    return {"char": UNPADDED, "uuid": CANONICAL_UUID}.get(name, "")


def _bytes(kind: str) -> int:
    name, modifiers, _ = parts(kind)
    if name == "varchar":
        return modifiers[0] * _CHARACTER + 2
    return {"uuid": 16, "decimal": 17}.get(name, 8)
