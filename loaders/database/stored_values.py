"""What values are once the target holds them, as its own columns pad or fold them: never one that only compares as
equal."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from loaders.database.bulk import BulkConnection
from loaders.database.dialect import Dialect
from loaders.database.key_table import KeyTable
from loaders.database.select import Select, Selected
from loaders.database.standard_writing import ROW
from loaders.database.target_tables import TargetTables


class StoredValues:
    """Writes values into columns of the target's own types, and reads them back."""

    def __init__(self, dialect: Dialect, tables: TargetTables) -> None:
        self._dialect = dialect
        self._tables = tables

    def in_doubt(self, name: str, schema: pa.Schema) -> list[str]:
        """The columns whose values may be others once they are stored. All others hold what they were given, or refuse
        it."""
        spec = self._tables.specs.get(name)
        uuids = spec.uuids if spec is not None else ()
        columns = self._tables.columns(name, schema.names)
        return [column.name for column in columns if not column.verbatim and column.name not in uuids]

    def as_read(self, name: str, rows: pa.Table) -> pa.Table:
        """The rows in the types that the target's columns are read as."""
        columns = self._tables.columns(name, rows.column_names)
        return rows.cast(pa.schema([pa.field(column.name, self._tables.kind(name, column)) for column in columns]))

    def read_back(self, connection: BulkConnection, name: str, rows: pa.Table, place: str) -> pa.Table:
        """The rows as the target keeps them, NULL where it refuses one. place: the quoted name of a table that is made
        for it, and dropped."""
        columns = self._tables.columns(name, rows.column_names)
        quote = self._dialect.reading.quote
        selected = [self._tables.selected(name, column, f"c.{quote(column.name)}") for column in columns]
        row = Selected(ROW, f"c.{ROW}", pa.int64())
        key_table = KeyTable(self._dialect, self._tables, place)
        key_table.make(connection, name, rows)
        try:
            found = connection.table(Select((row, *selected), f" FROM {place} c"))
        finally:
            key_table.drop(connection)
        at = pc.index_in(pa.array(range(len(rows)), pa.int64()), value_set=found[ROW].combine_chunks())
        return self.as_read(name, found.select(rows.column_names).take(at))
