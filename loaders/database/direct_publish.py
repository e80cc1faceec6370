"""Publishing where the bulk path runs inside the transaction: nothing needs staging."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from loaders.database.bulk import BulkConnection, BulkTarget
from loaders.database.catalog import StoredColumn, StoredTable
from loaders.database.connections import PARAMETER_ROWS, Connections
from loaders.database.dialect import Dialect, WritingDialect
from loaders.database.row_removal import RowRemoval
from loaders.database.select import Select
from loaders.database.target_tables import TargetTables
from loaders.database.written_columns import longest_row, written_rows
from loaders.errors import UnavailableError
from loaders.sink import Part, Removal


class DirectPublish:
    """Inserts the parts in their order. memory: bytes that a driver's buffers may take."""

    def __init__(self, dialect: Dialect, tables: TargetTables, connections: Connections, memory: int) -> None:
        self._dialect = dialect
        self._tables = tables
        self._connections = connections
        self._memory = memory
        self._removal = RowRemoval(dialect, tables)

    def publish(
        self, name: str, parts: Sequence[Part], removals: Sequence[Removal] = (), *, commit: bool = True
    ) -> None:
        """All of it in one transaction, committed or undone. What is removed is removed after the first part, which
        refuses a second publication; where nothing is to be committed there is no such part."""
        first, others = (parts[:1], parts[1:]) if commit else (parts[:0], parts)
        for part in parts:  # on the other connection: it may have to wait for a transaction that has begun
            self._tables.stored(part.table)
        with (
            self._connections.writing(parameter_rows(parts, self._memory)) as connection,
            self._removal.ready(connection, removals) as ready,
        ):
            connection.begin()
            for part in first:
                self._insert_part(connection, part)
            for removal in ready:
                self._removal.remove(connection, removal)
            for part in others:
                self._insert_part(connection, part)
            if commit:
                connection.commit()
            else:
                connection.rollback()

    def _insert_part(self, connection: BulkConnection, part: Part) -> None:
        for rows in self._tables.groups(part):
            self._insert(connection, part.table, rows)

    def _insert(self, connection: BulkConnection, name: str, rows: pa.Table) -> None:
        table = self._tables.stored(name)
        columns = self._tables.columns(name, rows.column_names)
        before, after = self._dialect.writing.around(table, columns)
        for statement in before:
            connection.run(statement)
        counted = self._dialect.writing.inserted(table)
        there = _count(connection, counted)
        if columns:
            done = insert_rows(connection, self._dialect.writing, table, columns, rows)
        else:  # every column was left out
            statement = self._dialect.writing.insert(table, ())
            done = sum(abs(connection.run(statement)) for _ in range(len(rows)))
        if counted is not None:
            done = _count(connection, counted) - there
        for statement in after:
            connection.run(statement)
        check_count(name, len(rows), done)


def _count(connection: BulkConnection, counted: Select | None) -> int:
    return int(connection.table(counted)["n"][0].as_py()) if counted is not None else 0


def insert_rows(
    connection: BulkConnection,
    writing: WritingDialect,
    table: StoredTable,
    columns: Sequence[StoredColumn],
    rows: pa.Table,
) -> int:
    """Rows into these columns by the bulk path. How many the server took."""
    written = written_rows(rows, [(column, writing.written_as(column)) for column in columns], table.name)
    names = tuple(column.name for column in columns)
    return connection.insert(BulkTarget(table.schema, table.name, names, writing.insert(table, columns)), written)


def check_count(table: str, sent: int, arrived: int) -> None:
    """UnavailableError where other than all rows arrived."""
    if arrived != sent:
        raise UnavailableError(
            f"{table}: {sent} rows were sent and {arrived} arrived",
            hint="a trigger or rule of the table leaves rows out, or writes some itself: load into a table without",
        )


def parameter_rows(parts: Sequence[Part], memory: int) -> int:
    """How many rows a driver may bind at once: it holds as many of the longest value of each column."""
    longest = max((longest_row(part.rows) for part in parts), default=1)
    return next((rows for rows in PARAMETER_ROWS if rows * longest <= memory), PARAMETER_ROWS[-1])
