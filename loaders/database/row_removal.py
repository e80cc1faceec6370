"""Rows that are deleted by keys, which the target compares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from loaders.database.bulk import BulkConnection
from loaders.database.catalog import StoredTable
from loaders.database.dialect import Dialect
from loaders.database.key_table import KeyTable
from loaders.database.row_selection import keyed_tails
from loaders.database.target_tables import TargetTables
from loaders.sink import Removal


@dataclass(frozen=True, slots=True)
class ReadyRemoval:
    """A removal whose keys are in a table of the connection; None where there are no such tables."""

    removal: Removal
    table: StoredTable
    keys: KeyTable | None


class RowRemoval:
    """Deletes rows by keys that were put into tables of the connection before its transaction began; where it has no
    such tables, by some bound keys at a time."""

    def __init__(self, dialect: Dialect, tables: TargetTables) -> None:
        self._dialect = dialect
        self._tables = tables

    @contextmanager
    def ready(self, connection: BulkConnection, removals: Sequence[Removal]) -> Iterator[list[ReadyRemoval]]:
        """The removals with their keys in place; dropped again, unless there was an error and the connection is given
        up."""
        ready = [self._make(connection, removal, at) for at, removal in enumerate(removals)]
        yield ready
        for each in ready:
            if each.keys is not None:
                each.keys.drop(connection)

    def _make(self, connection: BulkConnection, removal: Removal, at: int) -> ReadyRemoval:
        table = self._tables.stored(removal.table)
        if not self._dialect.writing.temporary_tables:
            return ReadyRemoval(removal, table, None)
        keys = KeyTable(self._dialect, self._tables, self._dialect.writing.temporary(f"_{at}"))
        keys.make(connection, removal.table, removal.keys)
        return ReadyRemoval(removal, table, keys)

    def remove(self, connection: BulkConnection, ready: ReadyRemoval) -> None:
        """Delete the rows, in the transaction that the connection is in. Of a table that refers to itself, one
        generation after the other where the database looks at each row by itself."""
        if ready.keys is None:
            for tail, values in keyed_tails(self._dialect, self._tables, ready.removal.table, ready.removal.keys):
                connection.run(f"DELETE{tail}", values)
            return
        names = tuple(ready.removal.keys.column_names)
        statement = self._dialect.writing.delete(ready.table, names, ready.keys.place)
        own = any((key.schema, key.table) == (ready.table.schema, ready.table.name) for key in ready.table.foreign_keys)
        while connection.run(statement) > 0 and own:
            pass
