"""Which candidate of each pick a row took its values from."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
import pyarrow as pa

from transforms.assemble.choice import choose
from transforms.contract.extracts import Extract, pick_extract
from transforms.contract.plan import TablePlan


def picked_row(
    table: TablePlan, reads: Mapping[str, Extract], extracts: Mapping[str, pa.Table], column: str, row: int
) -> tuple[str, int] | None:
    """The extract of a column's pick and the `_row` of the candidate there; None where there is no candidate.

    reads: the extracts of the plan by name. extracts: of one document. row: the `_row` of the table's own extract.
    """
    words = {each.name: each.null_words for each in table.columns}
    wanted = next(each.of for each in table.columns if each.name == column)
    chosen: dict[str, pl.Series] = {}
    for pick in table.picks:
        name = pick_extract(table, pick.name)
        start = extracts[pick_extract(table, pick.of)] if pick.of else extracts[table.name]
        values = {each.name: words[each.column] for each in reads[name].columns if each.column}
        choice = choose(pick, start, extracts[name], values)
        at = chosen[pick.of] if pick.of else None
        chosen[pick.name] = choice.first if at is None else choice.first.gather(at)
        if pick.name == wanted:
            positions = choice.of(column) if at is None else choice.of(column).gather(at)
            position = positions[extracts[table.name]["_row"].to_pylist().index(row)]
            return None if position is None else (name, int(extracts[name]["_row"][position].as_py()))
    return None
