"""SQL Server's catalogue, and what makes tables there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import pyarrow as pa

from loaders.database.catalog import StoredColumn, StoredForeignKey, StoredTable
from loaders.database.catalog_rows import catalog_rows
from loaders.database.connection import Connection
from loaders.database.expression import expression_problem
from loaders.database.standard_tables import StandardTables
from loaders.errors import UsageError
from loaders.mssql import catalog_sql as sql
from loaders.mssql.key_types import CLUSTERED, NONCLUSTERED, key_bytes, limited
from loaders.mssql.statement import literal, quote
from loaders.mssql.types import TYPES, arrow_type, fits, sql_type
from loaders.names import place
from loaders.sink import ForeignKeySpec, MadeColumnSpec, TableSpec

_LONGEST = 4000  # UTF-16 units of nvarchar(n)


class MssqlTables(StandardTables):
    """See loaders.database.dialect.TableDialect."""

    database = "SQL Server"
    default_schema = "dbo"
    types = TYPES

    def quote(self, identifier: str) -> str:
        """See ReadingDialect.quote."""
        return quote(identifier)

    def look_up(self, connection: Connection, schema: str, table: str) -> StoredTable | None:
        """See TableDialect.look_up."""
        relation = {"id": "CAST(o.object_id AS bigint)"}
        rows = catalog_rows(connection, sql.RELATION_TEXTS, sql.RELATION, (schema, table), integers=relation)
        if not rows:
            return None
        found, number = rows[0], (rows[0]["id"],)
        triggers = {"name": "CAST(t.name AS nvarchar(128))"}
        return StoredTable(
            found["schema"],
            found["name"],
            "table" if found["kind"] == "U" else "view",
            self._columns(connection, number),
            tuple(_keys(connection, number)),
            tuple(_foreign_keys(connection, number)),
            tuple(
                row["name"]
                for row in catalog_rows(connection, triggers, sql.TRIGGERS, number, order=" ORDER BY t.name")
            ),
        )

    @staticmethod
    def _columns(connection: Connection, number: tuple[int]) -> tuple[StoredColumn, ...]:
        rows = catalog_rows(
            connection,
            sql.COLUMN_TEXTS,
            sql.COLUMNS,
            number,
            integers=sql.COLUMN_INTEGERS,
            order=" ORDER BY c.column_id",
        )
        return tuple(_column(row, _whole_type(row), row["default"]) for row in rows)

    def described(self, connection: Connection, relation: str) -> tuple[StoredColumn, ...]:
        """See TableDialect.described."""
        tail = sql.DESCRIBED.format(literal(f"SELECT * FROM {relation}"))
        rows = catalog_rows(
            connection,
            sql.DESCRIBED_TEXTS,
            tail,
            integers=sql.DESCRIBED_INTEGERS,
            order=" ORDER BY r.column_ordinal",
        )
        if wrong := next((row["error"] for row in rows if row["error"]), ""):
            raise UsageError(f"{relation}: {wrong}", hint="try the query in SQL Server Management Studio")
        return tuple(_column(row, row["type"], "") for row in rows)

    def table_names(self, connection: Connection, schema: str) -> list[str]:
        """See TableDialect.table_names."""
        names = {"name": "CAST(t.name AS nvarchar(128))"}
        return [row["name"] for row in catalog_rows(connection, names, sql.TABLES, (schema,), order=" ORDER BY t.name")]

    def ddl_type(self, kind: pa.DataType, *, length: int | None = None, uuid: bool = False, key: bool = False) -> str:
        """See TableDialect.ddl_type."""
        if uuid:
            return "uniqueidentifier"
        if key and pa.types.is_binary(kind):
            return f"varbinary({CLUSTERED})"
        return super().ddl_type(kind, length=length, key=key)

    def text_type(self, length: int | None, *, key: bool) -> str:
        """See StandardTables.text_type. A contract counts characters, NVARCHAR units of UTF-16: one or two for each."""
        longest = CLUSTERED // 2 if key else _LONGEST
        if length is not None and (key or 2 * length <= longest):
            return f"nvarchar({min(2 * length, longest)})"
        return f"nvarchar({longest})" if key else "nvarchar(max)"

    def fits(self, kind: pa.DataType, column: StoredColumn, *, length: int | None = None, uuid: bool = False) -> bool:
        """See TableDialect.fits."""
        return fits(kind, column, length=length, uuid=uuid)

    def schema_statements(self, schema: str) -> list[str]:
        """See StandardTables.schema_statements: CREATE SCHEMA has to be alone in its batch."""
        if schema == self.default_schema:
            return []
        return [f"IF SCHEMA_ID({literal(schema)}) IS NULL EXEC({literal('CREATE SCHEMA ' + quote(schema))})"]

    def before_table(self, spec: TableSpec, schema: str) -> list[str]:
        """See StandardTables.before_table: sequences give their numbers out before rows are inserted."""
        made = []
        for column in spec.numbered:
            name = _sequence(spec, column, schema)
            sequence = f"CREATE SEQUENCE {name} AS bigint START WITH 1 INCREMENT BY 1"
            made.append(f"IF OBJECT_ID({literal(name)}, N'SO') IS NULL {sequence}")
        return made

    def numbered(self, spec: TableSpec, column: str, schema: str) -> str:
        """See StandardTables.numbered."""
        return f"DEFAULT (NEXT VALUE FOR {_sequence(spec, column, schema)})"

    def named(self, table: str, schema: str) -> str:
        """See StandardTables.named: with the schema always, since that of a user may be another than dbo."""
        own, name = place(table, schema)
        return f"{quote(own)}.{quote(name)}"

    def table_statement(
        self, spec: TableSpec, specs: Sequence[TableSpec], schema: str, there: Sequence[StoredTable] = ()
    ) -> str:
        """See StandardTables.table_statement."""
        types = self.key_types(spec, specs, schema, there)
        lines = [self.column_line(spec, field, types[field.name], schema) for field in spec.schema]
        lines += [f"{quote(column.name)} {self.made_column(column)}" for column in spec.made]
        if spec.key:
            wide = key_bytes([types[name] for name in spec.key]) > CLUSTERED
            lines.append(f"PRIMARY KEY {'NONCLUSTERED ' if wide else ''}({self._list(spec.key)})")
        lines += [self._reference(key, specs, schema, there) for key in spec.foreign_keys]
        return f"CREATE TABLE {self.named(spec.name, schema)} (\n  " + ",\n  ".join(lines) + "\n)"

    def key_types(
        self,
        spec: TableSpec,
        specs: Sequence[TableSpec],
        schema: str,
        there: Sequence[StoredTable] = (),
        seen: tuple[str, ...] = (),
    ) -> dict[str, str]:
        """The type of every column of a table. Columns of a foreign key have exactly the type of those that they refer
        to, which SQL Server insists on."""
        own = {
            field.name: self.ddl_type(field.type, length=spec.length(field.name), uuid=field.name in spec.uuids)
            for field in spec.schema
        }
        taken: dict[str, str] = {}
        for key in spec.foreign_keys:
            theirs = self._types_of(key, specs, schema, there, (*seen, spec.name))
            pairs = zip(key.columns, key.references, strict=True)
            taken |= {column: theirs[name] for column, name in pairs if name in theirs}
        types = own | taken
        keyed = {name: types[name] for name in spec.key if name in types}
        open_ended = [name for name, kind in keyed.items() if name not in taken and _has_no_limit(kind)]
        return types | limited(keyed, open_ended)

    def _types_of(
        self,
        key: ForeignKeySpec,
        specs: Sequence[TableSpec],
        schema: str,
        there: Sequence[StoredTable],
        seen: tuple[str, ...],
    ) -> Mapping[str, str]:
        other = place(key.table, schema)
        stored = next((table for table in there if (table.schema, table.name) == other), None)
        if stored is not None:
            return {column.name: column.type for column in stored.columns}
        spec = next((each for each in specs if place(each.name, schema) == other), None)
        return {} if spec is None or spec.name in seen else self.key_types(spec, specs, schema, there, seen)

    def column_line(self, spec: TableSpec, field: pa.Field, kind: str, schema: str) -> str:
        """See StandardTables.column_line: what a column may be is said, and not left to a setting of the session."""
        line = super().column_line(spec, field, kind, schema)
        return line if line.endswith("NOT NULL") else f"{line} NULL"

    def made_column(self, column: MadeColumnSpec) -> str:
        """See StandardTables.made_column."""
        if column.computed:
            return f"AS ({column.computed})" + ("" if column.nullable else " PERSISTED NOT NULL")
        return super().made_column(column)

    def made_problems(self, spec: TableSpec, column: MadeColumnSpec) -> list[str]:
        """See StandardTables.made_problems: the type of a computed column is that of its expression."""
        if not column.computed:
            return super().made_problems(spec, column)
        wrong = expression_problem(column.computed)
        return [f"{spec.name}.{column.name}: its SQL is more than an expression: {wrong}"] if wrong else []

    def problems(self, specs: Sequence[TableSpec], schema: str) -> list[str]:
        """See TableDialect.problems."""
        problems = super().problems(specs, schema)
        if not problems:
            problems += [wrong for spec in specs if (wrong := self._key_problem(spec, specs, schema))]
        return problems

    def _key_problem(self, spec: TableSpec, specs: Sequence[TableSpec], schema: str) -> str:
        types = self.key_types(spec, specs, schema)
        size = key_bytes([types[name] for name in spec.key if name in types])
        if size <= NONCLUSTERED:
            return ""
        return f"{spec.name}: its key may take {size:,} bytes, and an index of SQL Server takes {NONCLUSTERED:,}"


def _sequence(spec: TableSpec, column: str, schema: str) -> str:
    own, name = place(spec.name, schema)
    return f"{quote(own)}.{quote(f'{name}_{column}_seq')}"


def _has_no_limit(kind: str) -> bool:
    stored = sql_type(kind)
    return (stored.is_wide or stored.is_binary) and stored.length is None


def _whole_type(row: Mapping[str, Any]) -> str:
    """The type with its modifiers, out of what sys.columns says: sizes are in bytes, -1 for (max)."""
    name, size = str(row["type"]), int(row["size"])
    if name in ("char", "varchar", "binary", "varbinary"):
        return f"{name}({'max' if size < 0 else size})"
    if name in ("nchar", "nvarchar"):
        return f"{name}({'max' if size < 0 else size // 2})"
    if name in ("decimal", "numeric"):
        return f"{name}({row['precision']},{row['scale']})"
    return f"{name}({row['scale']})" if name in ("datetime2", "datetimeoffset", "time") else name


def _column(row: Mapping[str, Any], kind: str, default: str) -> StoredColumn:
    stored = sql_type(kind)
    text = stored.is_wide or stored.is_narrow
    return StoredColumn(
        row["name"],
        kind,
        arrow_type(kind),
        nullable=bool(row["nullable"]),
        default="" if row["computed"] else default,
        computed=bool(row["computed"]) or stored.name in ("timestamp", "rowversion"),
        identity=bool(row["identity"]),
        collation=row["collation"],
        max_length=stored.length if text or stored.is_binary else None,
        # Blanks at the end never count, nor zero bytes; case and accents by collation; a UUID has no case.
        verbatim=stored.name not in ("char", "nchar", "binary", "uniqueidentifier", "xml"),
        exact=not (text or stored.is_binary or stored.name == "uniqueidentifier"),
    )


def _keys(connection: Connection, number: tuple[int]) -> Iterator[tuple[str, ...]]:
    rows = catalog_rows(connection, sql.KEY_TEXTS, sql.KEYS, number, integers=sql.KEY_INTEGERS, order=sql.KEYS_ORDER)
    for _, columns in groupby(rows, key=lambda row: row["index"]):
        yield tuple(row["column"] for row in columns)


def _foreign_keys(connection: Connection, number: tuple[int]) -> Iterator[StoredForeignKey]:
    rows = catalog_rows(
        connection,
        sql.FOREIGN_KEY_TEXTS,
        sql.FOREIGN_KEYS,
        number,
        integers=sql.FOREIGN_KEY_INTEGERS,
        order=sql.FOREIGN_KEYS_ORDER,
    )
    for _, group in groupby(rows, key=lambda row: row["key"]):
        columns = list(group)
        first = columns[0]
        own, theirs = (tuple(row[name] for row in columns) for name in ("column", "references"))
        yield StoredForeignKey(own, first["schema"], first["table"], theirs)
