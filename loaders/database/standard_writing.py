"""INSERTs and staging as the SQL standard has them; a dialect overrides what its database does otherwise."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from loaders.database.catalog import StoredColumn, StoredTable
from loaders.database.select import Select, Selected, integers
from loaders.errors import UsageError
from loaders.sql import quote

# The column of a staging table that numbers its rows.
ROW = "columnar_row"


class StandardWriting:
    """See loaders.database.dialect.WritingDialect. What a driver takes as it is, is written as it is."""

    strategies: tuple[str, ...] = ("direct",)
    rows_per_statement = 0
    name_length = 63
    count = "count(*)"
    integer = "bigint"  # in a CAST
    temporary_tables = True
    temporary_name = "columnar_compared"
    overriding = ""  # what lets an INSERT bring values for an identity that the database always makes

    def quote(self, identifier: str) -> str:
        """See ReadingDialect.quote."""
        return quote(identifier)

    def session(self) -> Sequence[str]:
        """See WritingDialect.session."""
        return ()

    def written_as(self, column: StoredColumn) -> pa.DataType:
        """See WritingDialect.written_as."""
        if column.arrow is None:
            raise UsageError(f"column {column.name} is {column.type}, which nothing can be loaded into")
        return column.arrow

    def from_staged(self, sql: str, column: StoredColumn) -> str:
        """See WritingDialect.from_staged."""
        return sql

    def staged_type(self, column: StoredColumn) -> str:
        """See WritingDialect.staged_type."""
        return column.type

    def around(self, table: StoredTable, columns: Sequence[StoredColumn]) -> tuple[Sequence[str], Sequence[str]]:
        """See WritingDialect.around."""
        return (), ()

    def insert(self, table: StoredTable, columns: Sequence[StoredColumn]) -> str:
        """See WritingDialect.insert."""
        into = f"INSERT INTO {self.named(table)}"
        if not columns:
            return f"{into} DEFAULT VALUES"
        values = ", ".join(self.from_staged("?", column) for column in columns)
        return f"{into} ({self._names(columns)}){self.overriding} VALUES ({values})"

    def move(self, table: StoredTable, columns: Sequence[StoredColumn], staged: str, first: int, last: int) -> str:
        """See WritingDialect.move."""
        values = ", ".join(self.from_staged(self.quote(column.name), column) for column in columns)
        into = f"INSERT INTO {self.named(table)} ({self._names(columns)}){self.overriding}"
        rows = f"{ROW} BETWEEN {int(first)} AND {int(last)}"
        return f"{into} SELECT {values} FROM {staged} WHERE {rows} ORDER BY {ROW}"

    def create_staging(self, staged: str, columns: Sequence[StoredColumn]) -> str:
        """See WritingDialect.create_staging."""
        lines = [f"{ROW} bigint PRIMARY KEY"]
        lines += [f"{self.quote(column.name)} {self.staged_type(column)} NULL" for column in columns]
        return f"CREATE TABLE {staged} (" + ", ".join(lines) + ")"

    def create_comparison(self, table: StoredTable, columns: Sequence[StoredColumn], name: str) -> str:
        """See WritingDialect.create_comparison."""
        names = self._names(columns)
        row = f"SELECT CAST(0 AS {self.integer}) AS {ROW}"
        rows = f"SELECT {ROW}, {names} FROM ({row}) n, {self.named(table)} WHERE 1 = 0"
        return f"CREATE TEMPORARY TABLE {name} AS {rows}"

    def temporary(self, suffix: str) -> str:
        """See WritingDialect.temporary."""
        return self.quote(self.temporary_name + suffix)

    def delete(self, table: StoredTable, names: Sequence[str], keys: str) -> str:
        """See WritingDialect.delete."""
        own = self.named(table)
        equal = " AND ".join(f"k.{self.quote(name)} = {own}.{self.quote(name)}" for name in names)
        return f"DELETE FROM {own} WHERE EXISTS (SELECT 1 FROM {keys} k WHERE {equal})"

    def lock(self, name: str) -> Selected:
        """See WritingDialect.lock."""
        raise UsageError("this database has no locks of a connection, so rows cannot be staged")

    def unlock(self, name: str) -> Selected:
        """See WritingDialect.unlock."""
        raise UsageError("this database has no locks of a connection, so rows cannot be staged")

    def inserted(self, table: StoredTable) -> Select | None:
        """See WritingDialect.inserted."""
        if not table.triggers:
            return None
        return integers([("n", self.count)], f" FROM {self.named(table)}")

    def next_values(self, table: StoredTable, column: StoredColumn, count: int) -> Select | None:
        """See WritingDialect.next_values."""
        return None

    def named(self, table: StoredTable) -> str:
        """A table with its schema, quoted."""
        name = self.quote(table.name)
        return f"{self.quote(table.schema)}.{name}" if table.schema else name

    def _names(self, columns: Sequence[StoredColumn]) -> str:
        return ", ".join(self.quote(column.name) for column in columns)
