"""Picks whose choice was left to the order of the document, and mattered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pyarrow as pa

from transforms.assemble import assemble
from transforms.contract.plan import ContractPlan, Pick, TablePlan, Take
from transforms.convert.masks import differs


def ties_of_picks(
    plan: ContractPlan, extracts: Mapping[str, pa.Table], assembled: Mapping[str, pa.Table]
) -> dict[str, dict[str, int]]:
    """By table and pick, in how many rows the best candidates have different values.

    `take` decides only between equally good candidates: so everything is put together once more with the other one of
    first and last. assembled: with `take` as it is.
    """
    found: dict[str, dict[str, int]] = {}
    for table in plan.tables:
        for pick in table.picks:
            others = assemble(_turned(plan, table, pick), extracts).extracts[table.name]
            ours = assembled[table.name]
            if len(ours) != len(others):  # slots that are empty with one candidate only
                continue
            names = [column.name for column in table.columns if column.of == pick.name and column.path is not None]
            rows = _differing(ours.select(names), others.select(names))
            if rows:
                found.setdefault(table.name, {})[pick.name] = rows
    return found


def _turned(plan: ContractPlan, table: TablePlan, pick: Pick) -> ContractPlan:
    turned = replace(pick, take=Take.LAST if pick.take is Take.FIRST else Take.FIRST)
    picks = tuple(turned if each is pick else each for each in table.picks)
    only = replace(table, picks=picks)
    return replace(plan, tables=tuple(only if each is table else each for each in plan.tables))


def _differing(one: pa.Table, other: pa.Table) -> int:
    rows: set[int] = set()
    for mine, theirs in zip(one.columns, other.columns, strict=True):
        if pa.types.is_list(mine.type):
            pairs = zip(mine.to_pylist(), theirs.to_pylist(), strict=True)
            rows.update(row for row, (left, right) in enumerate(pairs) if left != right)
        else:
            flags = differs(mine.combine_chunks(), theirs.combine_chunks())
            rows.update(row for row, flag in enumerate(flags.to_pylist()) if flag)
    return len(rows)
