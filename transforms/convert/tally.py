"""Counting what was changed, per table, column and rule, in documents that are not rejected."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from transforms.contract.plan import ContractPlan
from transforms.convert.rejection import Refusals
from transforms.convert.result import CHANGES_SCHEMA
from transforms.convert.rules import ChangeRule
from transforms.convert.runs import Run, Segment
from transforms.convert.settle import Settled

_ORDER = {rule: at for at, rule in enumerate(ChangeRule)}


def tally(plan: ContractPlan, outcomes: list[tuple[Run, Settled]], refusals: Refusals) -> pa.Table:
    """CHANGES_SCHEMA, in the order of the plan and of ChangeRule; rows after the columns of their table."""
    counts: dict[tuple[int, int, ChangeRule], int] = {}
    for run, settled in outcomes:
        for rule, mask in settled.changes.items():
            for segment in run.segments:
                part = mask.slice(segment.start, segment.length)
                count = part.true_count
                if count and segment.table in refusals.documents:
                    count = pc.and_not(part, _refused(segment, refusals.documents[segment.table])).true_count
                if count:
                    key = (segment.table, segment.column, rule)
                    counts[key] = counts.get(key, 0) + count
    for table, mask in refusals.rows.items():
        kept = refusals.documents.get(table)
        count = (mask if kept is None else pc.and_not(mask, kept)).true_count
        if count:
            counts[table, len(plan.tables[table].columns), ChangeRule.ROW_REJECTED] = count
    keys = sorted(counts, key=lambda key: (key[0], key[1], _ORDER[key[2]]))
    tables = [plan.tables[table].name for table, _, _ in keys]
    columns = [_column(plan, table, column) for table, column, _ in keys]
    values = [tables, columns, [str(rule) for _, _, rule in keys], [counts[key] for key in keys]]
    arrays = [pa.array(part, field.type) for part, field in zip(values, CHANGES_SCHEMA, strict=True)]
    return pa.Table.from_arrays(arrays, schema=CHANGES_SCHEMA)


def _column(plan: ContractPlan, table: int, column: int) -> str:
    columns = plan.tables[table].columns
    return columns[column].name if column < len(columns) else ""


def _refused(segment: Segment, rows: pa.Array) -> pa.Array:
    """For every value of a segment, whether its document is rejected."""
    if segment.lists is None:
        return rows.slice(segment.row, segment.length)
    return rows.take(segment.rows(pa.array(range(segment.length), pa.int64())))
