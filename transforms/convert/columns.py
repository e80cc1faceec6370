"""Columns by their rules: grouped, settled, and handed back one by one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa

from transforms.contract.plan import ContractPlan
from transforms.convert.lists import rebuild
from transforms.convert.runs import Cells, Run, runs
from transforms.convert.settle import Settled, settle, settle_beside, settle_typed


@dataclass(frozen=True, slots=True)
class Columns:
    """What became of columns. outcomes: by long series, for `refusals` and `tally`."""

    outcomes: list[tuple[Run, Settled]]
    _pieces: dict[tuple[int, int], list[tuple[int, pa.Array]]]

    def column(self, table: int, column: int, kind: pa.DataType) -> pa.ChunkedArray:
        """The values of a column, by its places in the plan; also where they or their row are refused."""
        pieces = sorted(self._pieces.get((table, column), []), key=lambda piece: piece[0])
        return pa.chunked_array([values for _, values in pieces], kind)


def columns_of(plan: ContractPlan, cells: Iterable[Cells]) -> Columns:
    """Settle the cells of columns: all that share a rule as one long series."""
    outcomes = [(run, _settled(run)) for run in runs(cells)]
    pieces: dict[tuple[int, int], list[tuple[int, pa.Array]]] = {}
    for run, settled in outcomes:
        for segment in run.segments:
            values = settled.values.slice(segment.start, segment.length)
            if segment.lists is not None:
                values = rebuild(segment.lists, values, plan.tables[segment.table].columns[segment.column])
            pieces.setdefault((segment.table, segment.column), []).append((segment.row, values))
    return Columns(outcomes, pieces)


def _settled(run: Run) -> Settled:
    if run.beside is not None:
        return settle_beside(run.values, run.beside, run.rule)
    return settle_typed(run.values, run.rule) if run.typed else settle(run.values, run.rule)
