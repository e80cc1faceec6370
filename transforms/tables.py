"""From the extracts of a chunk to its tables: picks and slots, conversion, SQL and selection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pyarrow as pa

from transforms.assemble import assemble
from transforms.contract.plan import ContractPlan
from transforms.convert import convert
from transforms.convert.result import Converted
from transforms.documents import drop_documents
from transforms.rows.select import select_rows


def tables_of(plan: ContractPlan, extracts: Mapping[str, pa.Table]) -> Converted:
    """The tables of a chunk, every row and column that the contract has: by the plan's names for them.

    extracts: of the shredder, one for each of `extracts_of(plan)`; `_document` counts over the whole chunk.
    Counts of changes are only of documents that are not rejected: SQL may reject one whose other values were counted
    already, and then everything is done once more without it. No result depends on what else is in the chunk.
    """
    rejected: list[pa.Table] = []
    left = dict(extracts)
    while True:
        assembled = assemble(plan, left)
        converted = convert(plan, assembled.extracts)
        selected = select_rows(plan, converted)
        late = selected.rejected.slice(len(converted.rejected))
        if not len(late):
            break
        rejected.append(late)
        left = drop_documents(left, late["document"].combine_chunks())
    counted = assembled.changes
    if len(counted) and len(converted.rejected):  # empty slots were counted before conversion rejected documents
        counted = assemble(plan, drop_documents(left, converted.rejected["document"].combine_chunks())).changes
    return replace(
        selected,
        rejected=pa.concat_tables([selected.rejected, *rejected]),
        changes=pa.concat_tables([counted, selected.changes]),
    )
