"""Slots: several rows from each element."""

from __future__ import annotations

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from transforms.assemble.blank import filled
from transforms.assemble.gather import gather, single
from transforms.contract.extracts import slot_column
from transforms.contract.plan import ColumnPlan, Slot, TablePlan
from transforms.path.model import TerminalKind, ValuePath, XPath
from transforms.shred.result import ROW_FIELDS

# `_parent` is an int32: with it in the low half, (document, parent) is one int64; no parent is -1.
_ROW_SPAN = 2**32


def rows_of_slots(table: TablePlan, wide: pa.Table) -> tuple[pa.Table, int]:
    """A row for each element and slot, in this order, and how many were left out because their slot was empty.

    wide: one row an element: `column[slot]` for what differs from slot to slot, and the columns that all slots share.
    A slot is empty where all cells that it has of its own are blank or null words; constants tell nothing, and a slot
    of nothing else is never empty.
    """
    rows, slots = wide.num_rows, len(table.slots)
    places = pl.DataFrame({"at": pl.int_range(rows * slots, eager=True)}).select(
        row=pl.col("at") // slots, slot=pl.col("at") % slots
    )
    # cells of all slots stand one slot after the other
    places = places.with_columns(cell=pl.col("slot") * rows + pl.col("row"))
    empty = _empty_slots(table, wide)
    if len(empty):
        places = places.filter(~pl.col("cell").is_in(empty.implode()))
    row, cell = places["row"].to_arrow(), places["cell"].to_arrow()
    columns = {field.name: wide.column(field.name).take(row) for field in ROW_FIELDS}
    columns["_row"] = _int32(pl.Series(columns["_row"]).cast(pl.Int64) * slots + places["slot"])
    columns["_position"] = _positions(columns)
    for column in table.columns:
        if _of_slots(table, column):
            columns[column.name] = gather(_cells(table, column, wide), cell)
        elif column.path is not None:
            columns[column.name] = gather(single(wide.column(column.name)), row)
    fields = [*ROW_FIELDS, *(pa.field(name, values.type) for name, values in list(columns.items())[len(ROW_FIELDS) :])]
    return pa.table(list(columns.values()), schema=pa.schema(fields)), rows * slots - len(places)


def _of_slots(table: TablePlan, column: ColumnPlan) -> bool:
    return any(_path(slot, column) is not None for slot in table.slots)


def _path(slot: Slot, column: ColumnPlan) -> ValuePath | XPath | None:
    return next((path for name, path in slot.paths if name == column.name), None)


def _cells(table: TablePlan, column: ColumnPlan, wide: pa.Table, *, telling: bool = False) -> pa.Array:
    """The cells of a column in all slots, one slot after the other. telling: null where they are constants."""
    arrays: list[pa.Array | None] = []
    for slot in table.slots:
        path = _path(slot, column)
        wanted = _tells(path) if telling else path is not None
        arrays.append(single(wide.column(slot_column(column.name, slot))) if wanted else None)
    kind = next(array.type for array in arrays if array is not None)
    return pa.concat_arrays([pa.nulls(wide.num_rows, kind) if array is None else array for array in arrays])


def _tells(path: ValuePath | XPath | None) -> bool:
    """Whether a cell says that there is something in the slot."""
    if isinstance(path, ValuePath):
        return path.terminal.kind is not TerminalKind.CONSTANT
    return path is not None


def _empty_slots(table: TablePlan, wide: pa.Table) -> pl.Series:
    """The cells, by their place, in which the slot has nothing of its own."""
    telling = [column for column in table.columns if any(_tells(_path(slot, column)) for slot in table.slots)]
    # a column is looked at only where those before it are blank
    unsure = pl.concat(
        [
            pl.int_range(at * wide.num_rows, (at + 1) * wide.num_rows, eager=True)
            for at, slot in enumerate(table.slots)
            if any(_tells(_path(slot, column)) for column in telling)
        ]
        or [pl.Series([], dtype=pl.Int64)]
    )
    for column in telling:
        cells = _cells(table, column, wide, telling=True)
        places = unsure.to_arrow()
        blank = pc.invert(filled(cells if len(cells) == len(places) else cells.take(places), column.null_words))
        unsure = unsure.filter(pl.Series(blank))
        if unsure.is_empty():
            break
    return unsure


def _positions(columns: dict[str, pa.ChunkedArray]) -> pa.Array:
    """1, 2, 3, ... among the rows with the same parent row, or of the document where there is none."""
    parent = pl.Series(columns["_parent"]).cast(pl.Int64).fill_null(-1)
    owner = pl.Series(columns["_document"]) * _ROW_SPAN + parent
    runs = owner.rle().struct.unnest()
    if runs["value"].is_duplicated().any():  # rows inside rows: those of one parent need not stand together
        return _int32(pl.DataFrame({"owner": owner}).select(pl.int_range(1, pl.len() + 1).over("owner")).to_series())
    return _int32(runs.select(pl.int_ranges(1, pl.col("len") + 1).explode()).to_series())


def _int32(values: pl.Series) -> pa.Array:
    return values.cast(pl.Int32).to_arrow()
