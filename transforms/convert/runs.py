"""Long series: the texts of all columns that share a rule, over all tables, one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from transforms.contract.plan import ContractPlan, Many
from transforms.convert.cell import CellRule, cell_rule

# Offsets of Arrow's `string` are 32 bits, so one series holds less than 2 GiB; half of it leaves room for cleaning.
_MOST_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class Segment:
    """Where a piece of a column stands in a long series.

    table, column: their places in the plan. row: the piece's first row in its table. start, length: in the series.
    lists: for `many: list`, the lists whose elements the segment holds.
    """

    table: int
    column: int
    row: int
    start: int
    length: int
    lists: pa.Array | None = None

    def rows(self, positions: pa.Array) -> pa.Array:
        """The rows in the table of positions in the segment."""
        if self.lists is not None:
            positions = pc.list_parent_indices(self.lists).take(positions)
        return pc.add(pc.cast(positions, pa.int64()), self.row)


@dataclass(frozen=True, slots=True)
class Run:
    """One long series, and the rule for all of it."""

    rule: CellRule
    texts: pa.Array
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    table: int
    column: int
    row: int
    texts: pa.Array
    lists: pa.Array | None


def runs(plan: ContractPlan, extracts: Mapping[str, pa.Table]) -> Iterator[Run]:
    """The long series of all columns of all tables, in the order in which their rules first occur."""
    groups: dict[CellRule, list[_Part]] = {}
    for table_at, table in enumerate(plan.tables):
        extract = extracts[table.name]
        for column_at, column in enumerate(table.columns):
            parts = groups.setdefault(cell_rule(column), [])
            row = 0
            for chunk in extract.column(column.name).chunks:
                parts.append(_part(table_at, column_at, row, chunk, listed=column.many is Many.LIST))
                row += len(chunk)
    for rule, parts in groups.items():
        batch: list[_Part] = []
        size = 0
        for part in parts:
            if batch and size + part.texts.nbytes > _MOST_BYTES:
                yield _run(rule, batch)
                batch, size = [], 0
            batch.append(part)
            size += part.texts.nbytes
        if batch:
            yield _run(rule, batch)


def _part(table: int, column: int, row: int, chunk: pa.Array, *, listed: bool) -> _Part:
    if not listed:
        return _Part(table, column, row, _string(chunk), None)
    lists = chunk.cast(pa.list_(pa.string())) if chunk.type != pa.list_(pa.string()) else chunk
    return _Part(table, column, row, lists.flatten(), lists)


def _string(texts: pa.Array) -> pa.Array:
    return texts if texts.type == pa.string() else texts.cast(pa.string())


def _run(rule: CellRule, parts: list[_Part]) -> Run:
    segments = []
    start = 0
    for part in parts:
        segments.append(Segment(part.table, part.column, part.row, start, len(part.texts), part.lists))
        start += len(part.texts)
    return Run(rule, pa.concat_arrays([part.texts for part in parts]), tuple(segments))
