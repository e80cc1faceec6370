"""CREATE statements as the SQL standard has them; a dialect overrides what its database does otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from loaders.database.catalog import StoredTable
from loaders.database.expression import expression_problem
from loaders.errors import UsageError
from loaders.names import place
from loaders.sink import ForeignKeySpec, MadeColumnSpec, TableSpec
from loaders.sql import quote


class StandardTables:
    """The half of loaders.database.dialect.TableDialect that makes tables.

    database: its name for people. default_schema: of tables that do not name theirs. types: column types by Arrow type.
    """

    database = ""
    default_schema = ""
    types: Mapping[pa.DataType, str] = {}

    def quote(self, identifier: str) -> str:
        """See ReadingDialect.quote."""
        return quote(identifier)

    def ddl_type(self, kind: pa.DataType, *, length: int | None = None, uuid: bool = False, key: bool = False) -> str:
        """See TableDialect.ddl_type."""
        if pa.types.is_string(kind):
            return self.text_type(length, key=key)
        if pa.types.is_decimal128(kind):
            return f"decimal({kind.precision},{kind.scale})"
        if kind not in self.types:
            raise UsageError(f"{self.database} has no type for {kind}")
        return self.types[kind]

    def text_type(self, length: int | None, *, key: bool) -> str:
        """The type of a text of at most so many characters."""
        return "text" if length is None else f"varchar({length})"

    def statements(self, specs: Sequence[TableSpec], schema: str, there: Sequence[StoredTable] = ()) -> list[str]:
        """See TableDialect.statements."""
        schemas = dict.fromkeys(place(spec.name, schema)[0] for spec in specs)
        made = [statement for each in schemas for statement in self.schema_statements(each)]
        for spec in specs:
            made += self.before_table(spec, schema)
            made.append(self.table_statement(spec, specs, schema, there))
        return made

    def schema_statements(self, schema: str) -> list[str]:
        """What makes a schema, unless it is there."""
        return [] if schema == self.default_schema else [f"CREATE SCHEMA IF NOT EXISTS {self.quote(schema)}"]

    def before_table(self, spec: TableSpec, schema: str) -> list[str]:
        """What a table needs to be there before it: sequences."""
        return []

    def table_statement(
        self, spec: TableSpec, specs: Sequence[TableSpec], schema: str, there: Sequence[StoredTable] = ()
    ) -> str:
        """CREATE TABLE alone. specs, there: with the tables that its foreign keys refer to."""
        types = self.column_types(spec)
        lines = [self.column_line(spec, field, types[field.name], schema) for field in spec.schema]
        lines += [f"{self.quote(column.name)} {self.made_column(column)}" for column in spec.made]
        if spec.key:
            lines.append(f"PRIMARY KEY ({self._list(spec.key)})")
        lines += [self._reference(key, specs, schema, there) for key in spec.foreign_keys]
        return (
            f"CREATE TABLE {self.named(spec.name, schema)} (\n  " + ",\n  ".join(lines) + "\n)" + self.table_options()
        )

    def column_statement(self, spec: TableSpec, field: pa.Field, schema: str) -> str:
        """See TableDialect.column_statement: without COLUMN, which not every database knows there."""
        line = self.column_line(spec, field, self.column_types(spec)[field.name], schema)
        return f"ALTER TABLE {self.named(spec.name, schema)} ADD {line}"

    def table_options(self) -> str:
        """What stands behind the columns."""
        return ""

    def named(self, table: str, schema: str) -> str:
        """A table's name, quoted; the schema is left out where it is the database's own."""
        own, name = place(table, schema)
        return self.quote(name) if own == self.default_schema else f"{self.quote(own)}.{self.quote(name)}"

    def column_types(self, spec: TableSpec) -> dict[str, str]:
        """The type of every column of a table."""
        keyed = {*spec.key, *(name for key in spec.foreign_keys for name in key.columns)}
        return {
            field.name: self.ddl_type(
                field.type, length=spec.length(field.name), uuid=field.name in spec.uuids, key=field.name in keyed
            )
            for field in spec.schema
        }

    def column_line(self, spec: TableSpec, field: pa.Field, kind: str, schema: str) -> str:
        """One column of CREATE TABLE."""
        numbered = self.numbered(spec, field.name, schema) if field.name in spec.numbered else ""
        required = "" if field.nullable and field.name not in (*spec.key, *spec.numbered) else "NOT NULL"
        return " ".join(part for part in (self.quote(field.name), kind, numbered, required) if part)

    def numbered(self, spec: TableSpec, column: str, schema: str) -> str:
        """What makes a column an identity that rows may bring a value for."""
        return "GENERATED BY DEFAULT AS IDENTITY"

    def made_column(self, column: MadeColumnSpec) -> str:
        """The rest of the line of a column that the database fills."""
        kind = self.ddl_type(column.type) if column.type is not None else ""
        required = "" if column.nullable else " NOT NULL"
        if column.computed:
            return f"{kind} GENERATED ALWAYS AS ({column.computed}) STORED{required}"
        return kind + (f" DEFAULT ({column.default})" if column.default else "") + required

    def _reference(
        self, key: ForeignKeySpec, specs: Sequence[TableSpec], schema: str, there: Sequence[StoredTable]
    ) -> str:
        """The columns stand in the order of the other table's key: some databases match them by place."""
        pairs = dict(zip(key.references, key.columns, strict=True))
        references = self._key_order(key, specs, schema, there)
        columns = [pairs[name] for name in references]
        other = f"{self.named(key.table, schema)} ({self._list(references)})"
        return f"FOREIGN KEY ({self._list(columns)}) REFERENCES {other}"

    def _key_order(
        self, key: ForeignKeySpec, specs: Sequence[TableSpec], schema: str, there: Sequence[StoredTable]
    ) -> tuple[str, ...]:
        other = place(key.table, schema)
        keys = [spec.key for spec in specs if place(spec.name, schema) == other]
        keys += [each for table in there if (table.schema, table.name) == other for each in table.keys]
        return next((each for each in keys if set(each) == set(key.references)), key.references)

    def _list(self, names: Sequence[str]) -> str:
        return ", ".join(self.quote(name) for name in names)

    def problems(self, specs: Sequence[TableSpec], schema: str) -> list[str]:
        """See TableDialect.problems."""
        return [problem for spec in specs for problem in self.table_problems(spec, schema)]

    def table_problems(self, spec: TableSpec, schema: str) -> list[str]:
        """Why the database cannot make this table, whatever else is there."""
        problems = []
        for field in spec.schema:
            try:
                self.ddl_type(field.type, length=spec.length(field.name), uuid=field.name in spec.uuids)
            except UsageError as error:
                problems.append(f"{spec.name}.{field.name}: {error.message}")
        for column in spec.made:
            problems += self.made_problems(spec, column)
        return problems

    def made_problems(self, spec: TableSpec, column: MadeColumnSpec) -> list[str]:
        """Why a column that the database fills cannot be made."""
        where = f"{spec.name}.{column.name}"
        if column.type is None:
            return [f"{where} has no type in the contract's target, so it cannot be made"]
        wrong = expression_problem(column.computed or column.default)
        return [f"{where}: its SQL is more than an expression: {wrong}"] if wrong else []
