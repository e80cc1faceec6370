"""Publishing in two steps: rows are copied into staging tables, then one transaction moves them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl
import pyarrow as pa

from loaders.database.bulk import BulkConnection, BulkTarget
from loaders.database.catalog import StoredColumn, StoredTable
from loaders.database.connections import Connections
from loaders.database.dialect import Dialect
from loaders.database.direct_publish import check_count, parameter_rows
from loaders.database.row_removal import RowRemoval
from loaders.database.select import integers
from loaders.database.staging_area import StagingArea
from loaders.database.standard_writing import ROW
from loaders.database.target_tables import TargetTables
from loaders.database.written_columns import written_rows
from loaders.errors import LoaderError
from loaders.sink import Part, Removal


@dataclass(frozen=True, slots=True)
class _Group:
    """Staged rows that one INSERT after the other moves: from `first` to `last`, into these columns."""

    columns: tuple[StoredColumn, ...]
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class _Staged:
    """A part in its staging table; what is left to do is to move it. name: of the staging table, quoted."""

    part: str
    table: StoredTable
    name: str
    groups: tuple[_Group, ...]


class StagedPublish:
    """Copies the parts, then moves them in their order. memory: bytes that a driver's buffers may take."""

    def __init__(
        self, dialect: Dialect, tables: TargetTables, connections: Connections, area: StagingArea, memory: int
    ) -> None:
        self._dialect = dialect
        self._tables = tables
        self._connections = connections
        self._area = area
        self._memory = memory
        self._removal = RowRemoval(dialect, tables)

    def publish(
        self, name: str, parts: Sequence[Part], removals: Sequence[Removal] = (), *, commit: bool = True
    ) -> None:
        """All of it in one transaction, committed or undone. The staging tables are dropped in any case; where that
        cannot be done, by the next run. For what is removed, and when, see DirectPublish."""
        parts = [part for part in parts if len(part.rows)]
        names = self._area.new_names(name, len(parts))
        try:
            with (
                self._connections.writing(parameter_rows(parts, self._memory)) as connection,
                self._removal.ready(connection, removals) as ready,
            ):
                staged = [self._stage(connection, part, at) for part, at in zip(parts, names, strict=True)]
                first, others = (staged[:1], staged[1:]) if commit else ([], staged)
                connection.begin()
                for each in first:
                    self._move(connection, each)
                for removal in ready:
                    self._removal.remove(connection, removal)
                for each in others:
                    self._move(connection, each)
                if commit:
                    connection.commit()
                else:
                    connection.rollback()
        finally:
            self._drop(names)

    def _drop(self, names: Sequence[str]) -> None:
        """On a connection of its own kind, since the other may have failed. That tables are left, for the next run to
        sweep, is no reason to fail as well."""
        with contextlib.suppress(LoaderError), self._connections.reading() as connection:
            for name in names:
                connection.run(f"DROP TABLE IF EXISTS {self._area.quoted(name)}")

    def _stage(self, connection: BulkConnection, part: Part, name: str) -> _Staged:
        """Copy a part, and count what arrived."""
        table, quoted = self._tables.stored(part.table), self._area.quoted(name)
        columns = self._tables.columns(part.table, part.rows.column_names)
        connection.run(self._dialect.writing.create_staging(quoted, columns))
        groups, first = [], 1
        for rows in self._tables.groups(part):
            group = _Group(self._tables.columns(part.table, rows.column_names), first, first + len(rows) - 1)
            self._copy(connection, part.table, name, group, rows)
            groups.append(group)
            first = group.last + 1
        count = connection.table(integers([("n", self._dialect.writing.count)], f" FROM {quoted}"))["n"][0].as_py()
        check_count(f"{part.table} (staged)", first - 1, count)
        return _Staged(part.table, table, quoted, tuple(groups))

    def _copy(self, connection: BulkConnection, part: str, name: str, group: _Group, rows: pa.Table) -> None:
        writing, quote = self._dialect.writing, self._dialect.reading.quote
        numbers = pl.int_range(group.first, group.last + 1, eager=True).to_arrow()
        kinds = [(column, writing.written_as(column)) for column in group.columns]
        written = pa.table([numbers, *written_rows(rows, kinds, part).columns], [ROW, *rows.column_names])
        names = tuple(written.column_names)
        listed, marks = ", ".join(map(quote, names)), ", ".join("?" * len(names))
        statement = f"INSERT INTO {self._area.quoted(name)} ({listed}) VALUES ({marks})"
        connection.insert(BulkTarget(self._area.schema, name, names, statement), written)

    def _move(self, connection: BulkConnection, staged: _Staged) -> None:
        writing = self._dialect.writing
        for group in staged.groups:
            before, after = writing.around(staged.table, group.columns)
            for statement in before:
                connection.run(statement)
            if group.columns:
                pieces = _pieces(group, writing.rows_per_statement)
                moves = [writing.move(staged.table, group.columns, staged.name, first, last) for first, last in pieces]
            else:  # every column was left out
                moves = [writing.insert(staged.table, ())] * (group.last - group.first + 1)
            moved = sum(connection.run(statement) for statement in moves)
            for statement in after:
                connection.run(statement)
            check_count(staged.part, group.last - group.first + 1, moved)


def _pieces(group: _Group, most: int) -> Iterator[tuple[int, int]]:
    """The group in parts of so many rows; 0: as one."""
    step = most or group.last - group.first + 1
    for first in range(group.first, group.last + 1, step):
        yield first, min(first + step - 1, group.last)
