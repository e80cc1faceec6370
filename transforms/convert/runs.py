"""Long series: the cells of all columns that share a rule, over all tables, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from transforms.contract.plan import ColumnPlan, ContractPlan, Many, TablePlan
from transforms.convert.beside import beside_name, in_step
from transforms.convert.cell import CellRule, cell_rule

# Offsets of Arrow's `string` are 32 bits, so one series holds less than 2 GiB; half of it leaves room for cleaning.
_MOST_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class Cells:
    """One column before its rule is applied.

    table, column: their places in the plan. values: texts; lists of texts for `many: list` (listed); or values that
    are of the column's type already, or numbers of a wider one (typed), for which only the rules about missing values,
    range and digits are left. beside: the texts of the cells that values, read by a shredder, do not have.
    """

    table: int
    column: int
    rule: CellRule
    values: pa.ChunkedArray
    listed: bool = False
    typed: bool = False
    beside: pa.ChunkedArray | None = None


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
    """One long series, and the rule for all of it. values: texts, or values of the type already (typed). beside: the
    texts of the cells that such values do not have."""

    rule: CellRule
    values: pa.Array
    segments: tuple[Segment, ...]
    typed: bool = False
    beside: pa.Array | None = None

    def shown(self, position: int) -> str | None:
        """A value as a message shows it."""
        if self.beside is not None and self.beside[position].is_valid:
            return str(self.beside[position])
        value = self.values[position]
        return str(value.cast(pa.string())) if self.typed and value.is_valid else value.as_py()


@dataclass(frozen=True, slots=True)
class _Part:
    table: int
    column: int
    row: int
    values: pa.Array
    lists: pa.Array | None = None
    beside: pa.Array | None = None

    @property
    def nbytes(self) -> int:
        return int(self.values.nbytes) + (0 if self.beside is None else int(self.beside.nbytes))


def is_read(table: TablePlan, column: ColumnPlan) -> bool:
    """Whether the values of a column are texts of the document: by its own path, or by one in each slot."""
    return column.path is not None or any(column.name in dict(slot.paths) for slot in table.slots)


def cells_of(plan: ContractPlan, extracts: Mapping[str, pa.Table]) -> Iterator[Cells]:
    """The texts of all columns that are read from documents, in the plan's order; or, where the extract has them, their
    values and the texts beside them."""
    for table_at, table in enumerate(plan.tables):
        if table.rows is None:
            continue
        extract = extracts[table.name]
        names = set(extract.column_names)
        for column_at, column in enumerate(table.columns):
            if is_read(table, column):
                beside = extract.column(name) if (name := beside_name(column.name)) in names else None
                yield Cells(
                    table_at,
                    column_at,
                    cell_rule(column),
                    extract.column(column.name),
                    listed=column.many is Many.LIST,
                    typed=beside is not None,
                    beside=beside,
                )


def runs(cells: Iterable[Cells]) -> Iterator[Run]:
    """The long series of columns, in the order in which their rules first occur."""
    groups: dict[tuple[CellRule, pa.DataType | None, bool], list[_Part]] = {}
    for column in cells:
        kind = column.values.type if column.typed else None
        parts = groups.setdefault((column.rule, kind, column.beside is not None), [])
        row = 0
        for chunk, beside in in_step(column.values, column.beside):
            parts.append(_part(column, row, chunk, beside))
            row += len(chunk)
    for (rule, kind, _), parts in groups.items():
        typed = kind is not None
        batch: list[_Part] = []
        size = 0
        for part in parts:
            bytes_ = part.nbytes
            if batch and size + bytes_ > _MOST_BYTES:
                yield _run(rule, batch, typed=typed)
                batch, size = [], 0
            batch.append(part)
            size += bytes_
        if batch:
            yield _run(rule, batch, typed=typed)


def _part(column: Cells, row: int, chunk: pa.Array, beside: pa.Array | None) -> _Part:
    if column.typed:
        texts = None if beside is None else _string(beside)
        return _Part(column.table, column.column, row, chunk, beside=texts)
    if not column.listed:
        return _Part(column.table, column.column, row, _string(chunk))
    lists = chunk.cast(pa.list_(pa.string())) if chunk.type != pa.list_(pa.string()) else chunk
    return _Part(column.table, column.column, row, lists.flatten(), lists)


def _string(texts: pa.Array) -> pa.Array:
    return texts if texts.type == pa.string() else texts.cast(pa.string())


def _run(rule: CellRule, parts: list[_Part], *, typed: bool) -> Run:
    segments = []
    start = 0
    for part in parts:
        segments.append(Segment(part.table, part.column, part.row, start, len(part.values), part.lists))
        start += len(part.values)
    values = pa.concat_arrays([part.values for part in parts])
    texts = [part.beside for part in parts if part.beside is not None]
    return Run(rule, values, tuple(segments), typed, pa.concat_arrays(texts) if texts else None)
