"""The tables of a target as its catalogue has them, looked up once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pyarrow as pa

from loaders.database.catalog import StoredColumn, StoredTable
from loaders.database.connections import Connections
from loaders.database.dialect import Dialect
from loaders.database.select import Selected
from loaders.errors import UsageError
from loaders.insert_order import in_groups
from loaders.names import nearest, place
from loaders.sink import ForeignKeySpec, Part, TableSpec


class TargetTables:
    """Finds tables by their names in a contract. schema: of those that do not name theirs."""

    def __init__(self, dialect: Dialect, connections: Connections, schema: str) -> None:
        self._dialect = dialect
        self._connections = connections
        self.schema = schema
        self.specs: dict[str, TableSpec] = {}
        self._stored: dict[str, StoredTable] = {}

    def look_up(self, name: str) -> StoredTable | None:
        """A table as it is now."""
        with self._connections.reading() as connection:
            found = self._dialect.tables.look_up(connection, *place(name, self.schema))
        if found is not None:
            self._stored[name] = found
        return found

    def stored(self, name: str) -> StoredTable:
        """A table as it was when it was first looked at; UsageError where there is none."""
        found = self._stored.get(name) or self.look_up(name)
        if found is None:
            raise UsageError(
                f"there is no table {name}", hint=nearest(place(name, self.schema)[1], self.names(), "table")
            )
        return found

    def names(self) -> list[str]:
        """The tables of the schema."""
        with self._connections.reading() as connection:
            return self._dialect.tables.table_names(connection, self.schema)

    def prepared(self, specs: Sequence[TableSpec]) -> None:
        """Remember what is loaded into tables that are there, and look at them anew."""
        for spec in specs:
            self.specs[spec.name] = spec
            self._stored.pop(spec.name, None)

    def columns(self, name: str, names: Sequence[str]) -> tuple[StoredColumn, ...]:
        """Some columns of a table; UsageError where it lacks one."""
        table = self.stored(name)
        found = [table.column(each) for each in names]
        for each, column in zip(names, found, strict=True):
            if column is None:
                hint = nearest(each, [other.name for other in table.columns], "column")
                raise UsageError(f"table {name} has no column {each}", hint=hint)
        return tuple(column for column in found if column is not None)

    def kind(self, name: str, column: StoredColumn) -> pa.DataType:
        """The Arrow type that a column is read as: the table's own, but a boolean and a zoned time where that is what
        was loaded, since some databases keep them as a number and as a time in UTC."""
        spec = self.specs.get(name)
        wanted = spec.schema.field(column.name).type if spec and column.name in spec.schema.names else pa.null()
        if column.arrow is None:  # lists are read as the database writes them
            return wanted if pa.types.is_decimal(wanted) or pa.types.is_integer(wanted) else pa.string()
        if pa.types.is_boolean(wanted) or pa.types.is_timestamp(wanted):
            return wanted
        return wanted if pa.types.is_integer(wanted) and pa.types.is_boolean(column.arrow) else column.arrow

    def selected(self, name: str, column: StoredColumn, sql: str = "") -> Selected:
        """A column as it is read: integers and booleans as 64-bit integers. sql: the column, where its name does not
        suffice."""
        reading = self._dialect.reading
        sql = sql or reading.quote(column.name)
        kind = self.kind(name, column)
        column = replace(column, arrow=kind)
        if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
            return Selected(column.name, reading.as_integer(sql, column), pa.int64())
        return Selected(column.name, reading.as_text(sql, column), kind)

    def quoted(self, name: str) -> str:
        """A table with its schema, quoted."""
        quote = self._dialect.reading.quote
        schema, table = place(name, self.schema)
        return f"{quote(schema)}.{quote(table)}" if schema else quote(table)

    def groups(self, part: Part) -> Iterator[pa.Table]:
        """The rows of a part as one INSERT after the other takes them."""
        if not len(part.rows):
            return
        stored, spec = self.stored(part.table), self.specs.get(part.table)
        own = [
            ForeignKeySpec(key.columns, part.table, key.references)
            for key in stored.foreign_keys
            if (key.schema, key.table) == (stored.schema, stored.name)
        ]
        given = [key for key in own if {*key.columns, *key.references} <= set(part.rows.column_names)]
        yield from in_groups(part.rows, given, spec.omitted if spec else ())
