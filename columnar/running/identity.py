"""Values that the target's database makes (`identity: database`), in the rows of a chunk and of those below them.

While a chunk is made, each row of such a table has a provisional number, unique in the chunk, and so have the rows that
refer to it. When it is published, the database gives as many values as there are rows left, and each number becomes
one of them. A value that was given out and not used is lost, and never given out again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from loaders.sink import Sink
from transforms.contract.plan import ContractPlan, Identity, TablePlan
from transforms.convert.types import column_field
from transforms.rows.parent import parent_positions

# (table of the target, column).
Place = tuple[str, str]


def made_places(plan: ContractPlan) -> dict[str, dict[str, Place]]:
    """Which columns hold values that the database makes, and for which column it makes them: by the plan's tables,
    those that are not loaded included, since what is below them may be."""
    places: dict[str, dict[str, Place]] = {}
    for table in plan.tables:
        above = places.get(table.parent or "", {})
        found = {column.name: above[column.name] for column in table.inherited if column.name in above}
        if table.load:
            own = [column.name for column in table.columns if column.identity is Identity.DATABASE and column.load]
            found |= {name: (table.target_name, name) for name in own}
        if found:
            places[table.name] = found
    return places


@dataclass
class Numbering:
    """Gives the rows of one chunk their provisional numbers."""

    plan: ContractPlan
    _next: dict[Place, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._places = made_places(self.plan)

    def number(self, tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
        """The tables of some documents of the chunk, by the plan's names, parents and children alike; with int64 in
        the columns that the database makes."""
        numbered = dict(tables)
        for table in self.plan.tables:
            places = self._places.get(table.name)
            if places:
                numbered[table.name] = self._table(table, places, numbered)
        return numbered

    def _table(self, table: TablePlan, places: Mapping[str, Place], tables: Mapping[str, pa.Table]) -> pa.Table:
        rows = tables[table.name]
        own = {column.name for column in table.columns}
        gained = [name for name in places if name not in own]
        if gained:
            parent = tables[str(table.parent)]
            above = parent_positions(rows, parent)
            for name in gained:
                rows = _with_column(rows, name, parent[name].take(above))
        for name in (name for name in places if name in own):
            first = self._next.get(places[name], 0)
            self._next[places[name]] = first + len(rows)
            rows = _with_column(rows, name, pl.int_range(first, first + len(rows), eager=True).to_arrow())
        return rows


def made_columns(plan: ContractPlan) -> dict[str, dict[str, tuple[Place, pa.DataType]]]:
    """By the target's tables: the columns that hold such values, where these are made, and their type."""
    places = made_places(plan)
    found: dict[str, dict[str, tuple[Place, pa.DataType]]] = {}
    for table in plan.tables:
        if table.load and table.name in places:
            columns = {column.name: column_field(column).type for column in (*table.inherited, *table.columns)}
            made = {name: (place, columns[name]) for name, place in places[table.name].items()}
            found.setdefault(table.target_name, {}).update(made)
    return found


def with_made_values(
    tables: Mapping[str, pa.Table], made: Mapping[str, Mapping[str, tuple[Place, pa.DataType]]], sink: Sink
) -> dict[str, pa.Table]:
    """The tables of the target with the database's values in place of the numbers. made: of `made_columns`."""
    numbers: dict[Place, pa.Array] = {}
    values: dict[Place, pa.Array] = {}
    done = dict(tables)
    for name, columns in made.items():
        if name not in tables:
            continue
        rows = tables[name]
        for column, (place, kind) in columns.items():
            if place not in numbers:
                numbers[place] = tables[place[0]][place[1]].combine_chunks()
                count = len(numbers[place])
                values[place] = sink.next_values(*place, count) if count else pa.array([], kind)
            at = pc.index_in(rows[column], value_set=numbers[place])
            rows = _with_column(rows, column, values[place].take(at).cast(kind))
        done[name] = rows
    return done


def _with_column(rows: pa.Table, name: str, values: pa.Array | pa.ChunkedArray) -> pa.Table:
    at = rows.schema.get_field_index(name)
    return rows.append_column(name, values) if at < 0 else rows.set_column(at, name, values)
