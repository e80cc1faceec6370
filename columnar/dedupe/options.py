"""What an analysis of duplicates may be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Keep = Literal["first", "last"]
Measure = Literal["jaro_winkler", "levenshtein"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyzeOptions:
    """Options of one analysis. Columns are named `column` for Parquet files, `table.column` for a job and its audit
    folder.

    key: what makes two entries the same; of a job without it, what the job says. ignore: columns that are no content.
    keep, by: which entry of a cluster wins: the first or the last by these columns, or by the order of the source where
    there are none. day: a date or timestamp column for counts per day. origin:
    a column that says where an entry is from, instead of its file or source. similar: text columns to look for near
    duplicates by. measure, threshold: how similar, 1 being equal. block: only entries that are alike in these are
    compared; without it the first three letters or digits of the first similar column. memory: bytes. workers: threads.
    """

    key: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    keep: Keep = "first"
    by: tuple[str, ...] = ()
    day: str | None = None
    origin: str | None = None
    similar: tuple[str, ...] = ()
    measure: Measure = "jaro_winkler"
    threshold: float = 0.92
    block: tuple[str, ...] = ()
    memory: int | None = None
    workers: int | None = None
