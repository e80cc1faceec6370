"""From extracted text to typed tables, one chunk at a time."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from transforms.contract.plan import ContractPlan
from transforms.convert.lists import list_gaps, rebuild
from transforms.convert.rejection import Refusals, refusals
from transforms.convert.result import Converted
from transforms.convert.runs import Run, runs
from transforms.convert.settle import Settled, settle
from transforms.convert.tally import tally
from transforms.convert.types import column_field
from transforms.shred.result import ROW_FIELDS


def convert(plan: ContractPlan, extracts: Mapping[str, pa.Table]) -> Converted:
    """Convert the extracts of a chunk: every column to its type, by its rule, and every problem by its policy.

    extracts: table name -> ROW_FIELDS, then the table's columns as text; one per table of the plan.

    Columns that share a rule are converted as one long series, whatever their tables: most of the cost of a step is
    fixed. No result depends on what else is in the chunk. ContractError where a default does not fit its type.
    """
    outcomes = [(run, settle(run.texts, run.rule)) for run in runs(plan, extracts)]
    judged = [*outcomes, *list_gaps(plan, extracts)]
    refused = refusals(plan, extracts, judged)
    return Converted(
        tables=_tables(plan, extracts, outcomes, refused),
        rejected=refused.rejected,
        changes=tally(plan, judged, refused),
    )


def _tables(
    plan: ContractPlan,
    extracts: Mapping[str, pa.Table],
    outcomes: list[tuple[Run, Settled]],
    refused: Refusals,
) -> dict[str, pa.Table]:
    """The tables, put together from the pieces of the long series, without what is refused."""
    pieces: dict[tuple[int, int], list[tuple[int, pa.Array]]] = {}
    for run, settled in outcomes:
        for segment in run.segments:
            values = settled.values.slice(segment.start, segment.length)
            if segment.lists is not None:
                values = rebuild(segment.lists, values, plan.tables[segment.table].columns[segment.column])
            pieces.setdefault((segment.table, segment.column), []).append((segment.row, values))
    tables = {}
    for at, table in enumerate(plan.tables):
        extract = extracts[table.name]
        columns = [extract.column(field.name).cast(field.type) for field in ROW_FIELDS]
        fields = [column_field(column) for column in table.columns]
        for column_at, field in enumerate(fields):
            chunks = [values for _, values in sorted(pieces.get((at, column_at), []), key=lambda piece: piece[0])]
            columns.append(pa.chunked_array(chunks, field.type))
        typed = pa.Table.from_arrays(columns, schema=pa.schema([*ROW_FIELDS, *fields]))
        tables[table.name] = _kept(typed, refused.documents.get(at), refused.rows.get(at))
    return tables


def _kept(table: pa.Table, documents: pa.Array | None, rows: pa.Array | None) -> pa.Table:
    """The table without the rows that either mask names."""
    if documents is not None and rows is not None:
        return table.filter(pc.invert(pc.or_(documents, rows)))
    gone = rows if documents is None else documents
    return table if gone is None else table.filter(pc.invert(gone))
