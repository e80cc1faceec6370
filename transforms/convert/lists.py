"""Columns with `many: list`: their elements are converted like cells of their own; here they become lists again.

The policies for invalid, unknown, too long and inexact values apply to elements, `on_missing` and `nullable` to the
list. An element without a value is NULL in its list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from transforms.contract.plan import ColumnPlan, ContractPlan, Many, Reaction
from transforms.convert.cell import cell_rule
from transforms.convert.masks import any_true
from transforms.convert.rules import Reason, defaulted, rejected
from transforms.convert.runs import Run, Segment, is_read
from transforms.convert.settle import Rejection, Settled, default_value


def rebuild(lists: pa.Array, values: pa.Array, column: ColumnPlan) -> pa.Array:
    """Lists of the converted values, shaped like the lists of texts they were; a missing list may have a default."""
    lengths = pc.fill_null(pc.list_value_length(lists), 0)
    offsets = pa.concat_arrays([pa.array([0], pa.int32()), pc.cumulative_sum(lengths).cast(pa.int32())])
    missing = lists.is_null()
    rebuilt = pa.ListArray.from_arrays(offsets, values, mask=missing)
    if any_true(missing) and _on_missing(column) is Reaction.DEFAULT:
        default = pa.scalar([default_value(cell_rule(column)).as_py()], rebuilt.type)
        return pc.if_else(missing, default, rebuilt)
    return rebuilt


def list_gaps(plan: ContractPlan, extracts: Mapping[str, pa.Table]) -> Iterator[tuple[Run, Settled]]:
    """What missing lists mean for counts and rejections, in the form in which long series report it."""
    for table_at, table in enumerate(plan.tables):
        for column_at, column in enumerate(table.columns):
            reaction = _on_missing(column)
            if column.many is not Many.LIST or reaction is Reaction.NULL or not is_read(table, column):
                continue
            missing = pc.is_null(extracts[table.name].column(column.name)).combine_chunks()
            if not any_true(missing):
                continue
            segment = Segment(table_at, column_at, row=0, start=0, length=len(missing))
            run = Run(cell_rule(column), pa.nulls(len(missing), pa.string()), (segment,))
            changes = {}
            rejections: tuple[Rejection, ...] = ()
            if reaction is Reaction.DEFAULT:
                changes[defaulted(Reason.MISSING)] = missing
            else:
                rejections = (Rejection(Reason.MISSING, missing, document=reaction is not Reaction.REJECT_ROW),)
                if reaction is Reaction.REJECT_ROW:
                    changes[rejected(Reason.MISSING)] = missing
            yield run, Settled(pa.nulls(0), changes, rejections)


def _on_missing(column: ColumnPlan) -> Reaction:
    """What is done about a missing list; a default that is not there is NULL, refused where it cannot be."""
    reaction = column.on_missing
    if reaction is Reaction.DEFAULT and column.default is None:
        reaction = Reaction.NULL
    return Reaction.REJECT_DOCUMENT if reaction is Reaction.NULL and not column.nullable else reaction
