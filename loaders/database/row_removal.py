"""Rows that are deleted by keys, which the target compares."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from loaders.database.bulk import BulkConnection
from loaders.database.catalog import StoredTable
from loaders.database.dialect import Dialect
from loaders.database.key_table import KeyTable
from loaders.database.target_tables import TargetTables
from loaders.errors import UsageError
from loaders.sink import Removal


@dataclass(frozen=True, slots=True)
class ReadyRemoval:
    """A removal whose keys are in a table of the connection."""

    table: StoredTable
    names: tuple[str, ...]
    keys: KeyTable


class RowRemoval:
    """Deletes rows by keys that were put into tables of the connection before its transaction began."""

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
            each.keys.drop(connection)

    def _make(self, connection: BulkConnection, removal: Removal, at: int) -> ReadyRemoval:
        keys = KeyTable(self._dialect, self._tables, self.place(f"_{at}"))
        keys.make(connection, removal.table, removal.keys)
        return ReadyRemoval(self._tables.stored(removal.table), tuple(removal.keys.column_names), keys)

    def place(self, suffix: str) -> str:
        """The quoted name of a table of a connection."""
        writing = self._dialect.writing
        if not writing.temporary_tables:
            raise UsageError(f"{self._dialect.name}: rows cannot be deleted by keys")
        return writing.temporary(suffix)

    def remove(self, connection: BulkConnection, ready: ReadyRemoval) -> None:
        """Delete the rows, in the transaction that the connection is in. Of a table that refers to itself, one
        generation after the other where the database looks at each row by itself."""
        statement = self._dialect.writing.delete(ready.table, ready.names, ready.keys.place)
        own = any((key.schema, key.table) == (ready.table.schema, ready.table.name) for key in ready.table.foreign_keys)
        while connection.run(statement) > 0 and own:
            pass
