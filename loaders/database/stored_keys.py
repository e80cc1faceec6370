"""What keys are to the target: its own columns compare them, by their collations, padding, scale and rounding."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from loaders.database.bulk import BulkConnection
from loaders.database.catalog import StoredColumn, StoredTable
from loaders.database.dialect import Dialect
from loaders.database.key_table import KeyTable
from loaders.database.select import Select, Selected
from loaders.database.standard_writing import ROW
from loaders.database.target_tables import TargetTables

_FIRST, _THERE = "columnar_first", "columnar_there"


class StoredKeys:
    """Asks the target for the form of keys that stands for all that are equal to it: that of the row which is there,
    else of the first one that brings it."""

    def __init__(self, dialect: Dialect, tables: TargetTables) -> None:
        self._dialect = dialect
        self._tables = tables

    def is_plain(self, name: str, schema: pa.Schema) -> bool:
        """Whether keys are equal to the target only where they are the same here, so that it need not be asked."""
        spec = self._tables.specs.get(name)
        uuids = spec.uuids if spec is not None else ()
        columns = self._tables.columns(name, schema.names)
        return all(column.exact or column.name in uuids for column in columns)

    def compared(self, connection: BulkConnection, name: str, rows: pa.Table, place: str) -> pa.Table:
        """The rows as the target has them, NULL where it refuses one. place: the quoted name of a table that is made
        for it, and dropped."""
        table, columns = self._tables.stored(name), self._tables.columns(name, rows.column_names)
        key_table = KeyTable(self._dialect, self._tables, place)
        key_table.make(connection, name, rows)
        try:
            found = connection.table(self.select(name, table, columns, place))
        finally:
            key_table.drop(connection)
        return self._as_told(name, columns, found, len(rows))

    def select(self, name: str, table: StoredTable, columns: Sequence[StoredColumn], place: str) -> Select:
        """What is asked of the target: each key beside the first one equal to it, and beside the row that is there."""
        quote = self._dialect.reading.quote
        names = [quote(column.name) for column in columns]
        listed = ", ".join(f"c.{each}" for each in names)
        equal = " AND ".join(f"t.{each} = c.{each}" for each in names)
        integer = self._dialect.reading.integer
        selected = [
            Selected(ROW, f"c.{ROW}", pa.int64()),
            Selected(_FIRST, f"min(c.{ROW}) OVER (PARTITION BY {listed})", pa.int64()),
            Selected(_THERE, f"CAST(CASE WHEN t.{names[0]} IS NULL THEN 0 ELSE 1 END AS {integer})", pa.int64()),
        ]
        for alias in "ct":
            for column, quoted in zip(columns, names, strict=True):
                each = self._tables.selected(name, column, f"{alias}.{quoted}")
                selected.append(Selected(f"{alias}.{column.name}", each.sql, each.type))
        theirs = f"{quote(table.schema)}.{quote(table.name)}" if table.schema else quote(table.name)
        return Select(tuple(selected), f" FROM {place} c LEFT JOIN {theirs} t ON {equal}")

    def _as_told(self, name: str, columns: Sequence[StoredColumn], found: pa.Table, count: int) -> pa.Table:
        """For each row: the row that is there, else the first of those equal to it."""
        first = pl.Series(found[ROW]).is_first_distinct().to_arrow()  # where the target has several
        found = found.filter(first).sort_by(ROW)
        rows = pa.array(range(count), pa.int64())
        at = pc.index_in(rows, value_set=found[ROW].combine_chunks())
        of_first = pc.index_in(found[_FIRST], value_set=found[ROW].combine_chunks())
        there = pc.equal(found[_THERE], 1)
        told = []
        for column in columns:
            own = found[f"c.{column.name}"].take(of_first)
            whole = pc.if_else(there, found[f"t.{column.name}"], own)
            told.append(whole.take(at).cast(self._tables.kind(name, column)))
        return pa.table(told, names=[column.name for column in columns])
