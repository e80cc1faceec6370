"""Keys in a table of one connection, with the types and collations of the columns that they are compared with."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import pyarrow as pa

from loaders.database.bulk import BulkConnection, BulkTarget
from loaders.database.catalog import StoredColumn
from loaders.database.dialect import Dialect
from loaders.database.standard_writing import ROW
from loaders.database.target_tables import TargetTables
from loaders.database.written_columns import written_rows
from loaders.errors import DataError

_ROW_COLUMN = StoredColumn(ROW, "bigint", pa.int64(), nullable=False)


class KeyTable:
    """Made, filled and dropped outside of transactions. place: its quoted name."""

    def __init__(self, dialect: Dialect, tables: TargetTables, place: str) -> None:
        self._dialect = dialect
        self._tables = tables
        self.place = place

    def make(self, connection: BulkConnection, name: str, keys: pa.Table) -> None:
        """Make it for keys of a table, numbered as they stand. Keys that the table would refuse are left out."""
        table, columns = self._tables.stored(name), self._tables.columns(name, keys.column_names)
        connection.run(self._dialect.writing.create_comparison(table, columns, self.place))
        numbers = pl.int_range(len(keys), eager=True).to_arrow()
        if len(keys):
            self._fill(connection, keys.append_column(ROW, numbers), columns)

    def drop(self, connection: BulkConnection) -> None:
        """Drop it."""
        connection.run(f"DROP TABLE {self.place}")

    def statement(self, columns: Sequence[StoredColumn]) -> str:
        """The INSERT of a key of these columns and its number."""
        writing, quote = self._dialect.writing, self._dialect.reading.quote
        all_columns = (*columns, _ROW_COLUMN)
        values = ", ".join(writing.from_staged("?", column) for column in all_columns)
        return f"INSERT INTO {self.place} ({', '.join(quote(each.name) for each in all_columns)}) VALUES ({values})"

    def _fill(self, connection: BulkConnection, keys: pa.Table, columns: Sequence[StoredColumn]) -> None:
        writing = self._dialect.writing
        names = tuple(column.name for column in (*columns, _ROW_COLUMN))
        kinds = [*((column, writing.written_as(column)) for column in columns), (_ROW_COLUMN, pa.int64())]
        schema, _, table = self.place.rpartition(".")
        target = BulkTarget(_bare(schema), _bare(table), names, self.statement(columns))
        if not self._taken(connection, target, keys, kinds) and len(keys) > 1:
            middle = len(keys) // 2
            self._fill(connection, keys.slice(0, middle), columns)
            self._fill(connection, keys.slice(middle), columns)

    def _taken(
        self,
        connection: BulkConnection,
        target: BulkTarget,
        keys: pa.Table,
        kinds: Sequence[tuple[StoredColumn, pa.DataType]],
    ) -> bool:
        """Whether none of the keys was refused; all of them are in the table then, and otherwise none."""
        try:
            written = written_rows(keys, kinds, target.table)
        except DataError:
            return False
        connection.begin()
        try:
            connection.insert(target, written)
        except DataError:
            connection.rollback()
            return False
        connection.commit()
        return True


def _bare(quoted: str) -> str:
    return quoted[1:-1] if quoted else ""
