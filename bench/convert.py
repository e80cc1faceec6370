"""Conversion and row selection of one chunk, against the fixed cost that a chunk of ten documents shows."""

from __future__ import annotations

import statistics

import pyarrow as pa

from bench.loans import documents, keys, plan
from bench.measure import interleaved
from transforms.convert import convert
from transforms.rows.select import select_rows
from transforms.shred import LxmlShredder

COUNTS = (10, 500, 5000)


def main() -> None:
    """Measure and print."""
    columns = sum(len(table.columns) for table in plan().tables)
    shredder = LxmlShredder(plan())
    cases = {}
    for count in COUNTS:
        extracts = shredder.shred(documents("5 KB", count), keys(count)).extracts
        cases[f"{count:,} documents"] = lambda extracts=extracts: _convert(extracts)
    print(f"{len(plan().tables)} tables, {columns} columns; milliseconds, median of 9")
    for name, seconds in interleaved(cases, rounds=9).items():
        print(f"  {name:18} {1000 * statistics.median(seconds):8,.0f}")


def _convert(extracts: dict[str, pa.Table]) -> None:
    select_rows(plan(), convert(plan(), extracts))
