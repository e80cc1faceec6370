"""Whose cells met several nodes: told by the contract's tables and columns instead of the extracts'."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa

from transforms.contract.extracts import extracts_of
from transforms.contract.plan import ContractPlan
from transforms.shred.result import SEVERAL_SCHEMA


def map_several(plan: ContractPlan, several: pa.Table) -> pa.Table:
    """SEVERAL_SCHEMA by table and column of the plan, added up over slots; sorted by both.

    several: SEVERAL_SCHEMA as a shredder returned it, by extract and read column. What only decides a pick is left
    out, for it is no value of any table. The candidates of a pick count whether or not they were chosen.
    """
    if not any(table.picks or table.slots for table in plan.tables):
        return several
    owners = {
        (extract.name, read.name): (extract.table, read.column)
        for extract in extracts_of(plan)
        for read in extract.columns
    }
    counts: Counter[tuple[str, str]] = Counter()
    for extract, column, cells in zip(*(values.to_pylist() for values in several.columns), strict=True):
        table, own = owners[extract, column]
        if own:
            counts[table, own] += cells
    rows = [{"table": table, "column": column, "cells": cells} for (table, column), cells in sorted(counts.items())]
    return pa.Table.from_pylist(rows, schema=SEVERAL_SCHEMA)
