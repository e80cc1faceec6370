"""From extracted text to typed tables, one chunk at a time."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from transforms.contract.plan import ContractPlan
from transforms.convert.columns import Columns, columns_of
from transforms.convert.lists import list_gaps
from transforms.convert.rejection import Refusals, refusals
from transforms.convert.result import Converted
from transforms.convert.runs import cells_of, is_read
from transforms.convert.tally import tally
from transforms.convert.types import column_field
from transforms.shred.result import ROW_FIELDS


def convert(plan: ContractPlan, extracts: Mapping[str, pa.Table]) -> Converted:
    """Convert the extracts of a chunk: every column to its type, by its rule, and every problem by its policy.

    extracts: table name -> ROW_FIELDS, then the table's columns as text; one per table of the plan that has rows.
    Columns that are not read from documents (those made by SQL or by the database) are not in the result, nor are
    tables made by SQL.

    Columns that share a rule are converted as one long series, whatever their tables: most of the cost of a step is
    fixed. No result depends on what else is in the chunk. ContractError where a default does not fit its type.
    """
    columns = columns_of(plan, cells_of(plan, extracts))
    judged = [*columns.outcomes, *list_gaps(plan, extracts)]
    refused = refusals(plan, extracts, judged)
    return Converted(
        tables=_tables(plan, extracts, columns, refused),
        rejected=refused.rejected,
        changes=tally(plan, judged, refused),
    )


def _tables(
    plan: ContractPlan, extracts: Mapping[str, pa.Table], converted: Columns, refused: Refusals
) -> dict[str, pa.Table]:
    """The tables, with the converted columns, without what is refused."""
    tables = {}
    for at, table in enumerate(plan.tables):
        if table.rows is None:
            continue
        extract = extracts[table.name]
        columns = [extract.column(field.name).cast(field.type) for field in ROW_FIELDS]
        fields = []
        for column_at, column in enumerate(table.columns):
            if is_read(table, column):
                fields.append(column_field(column))
                columns.append(converted.column(at, column_at, fields[-1].type))
        typed = pa.Table.from_arrays(columns, schema=pa.schema([*ROW_FIELDS, *fields]))
        tables[table.name] = refused.without(at, typed)
    return tables
