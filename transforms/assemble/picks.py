"""Picks: the values of other elements, as columns of the row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl
import pyarrow as pa

from transforms.assemble.choice import Choice, choose
from transforms.assemble.gather import gather, single
from transforms.contract.extracts import Extract, pick_extract
from transforms.contract.plan import TablePlan
from transforms.convert.beside import beside_name


def with_picks(table: TablePlan, reads: Sequence[Extract], extracts: Mapping[str, pa.Table]) -> pa.Table:
    """The rows of a table's own extract, in their order, and after its columns those of all picks.

    reads: what is read for the table, its own extract and those of its picks.
    A pick starts from what the pick in its `of` has chosen, where that is `filled` from its best candidate.
    """
    words = {column.name: column.null_words for column in table.columns}
    values = {
        read.name: {column.name: words[column.column] for column in read.columns if column.column} for read in reads
    }
    own = extracts[table.name]
    cells = dict(zip(own.column_names, own.columns, strict=True))
    chosen: dict[str, pl.Series] = {}  # for each row of the table, the best candidate of each pick
    for pick in table.picks:
        name = pick_extract(table, pick.name)
        start = extracts[pick_extract(table, pick.of)] if pick.of else own
        choice = choose(pick, start, extracts[name], values[name])
        at = chosen[pick.of] if pick.of else None
        chosen[pick.name] = choice.first if at is None else choice.first.gather(at)
        cells |= _values(_with_beside(extracts[name], list(values[name])), choice, at)
    return pa.table(cells)


def _with_beside(candidates: pa.Table, names: list[str]) -> pa.Table:
    """Some columns of candidates, and the texts beside those that the shredder has read as their type."""
    there = set(candidates.column_names)
    return candidates.select([*names, *(beside for name in names if (beside := beside_name(name)) in there)])


def _values(candidates: pa.Table, choice: Choice, at: pl.Series | None) -> dict[str, pa.ChunkedArray]:
    """The chosen values by column. at: for each row, which of the rows that the choice is for; None: itself."""
    positions: dict[int, pa.Array] = {}
    values = {}
    for name, column in zip(candidates.column_names, candidates.columns, strict=True):
        series = choice.of(name)
        if id(series) not in positions:
            positions[id(series)] = (series if at is None else series.gather(at)).to_arrow()
        values[name] = gather(single(column), positions[id(series)])
    return values
