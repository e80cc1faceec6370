"""A column beside what became of it in the samples."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from transforms.contract.plan import ColumnPlan
from transforms.contract.source import Path
from transforms.lint.statistics import ColumnStatistics, Statistics
from transforms.lint.subject import StatedColumn, Subject

_SHOWN = 40  # characters of a value


@dataclass(frozen=True, slots=True)
class Sampled:
    """stated: the column in the contract. found: in the samples. rows: of its table that would load. unmatched: its
    path finds nothing, which is told elsewhere."""

    stated: StatedColumn
    found: ColumnStatistics
    rows: int
    unmatched: bool

    @property
    def plan(self) -> ColumnPlan:
        """As compiled."""
        return self.stated.plan

    @property
    def path(self) -> Path:
        """Its place in the contract."""
        return self.stated.path

    @property
    def shown(self) -> str:
        """The most frequent text, as messages show it; '' for none."""
        texts = self.found.texts
        return shown(max(texts, key=lambda text: (texts[text], text))) if texts else ""


def sampled_columns(subject: Subject, statistics: Statistics) -> Iterator[Sampled]:
    """All columns of tables that the samples have elements for."""
    missing = {(each.table, each.column.partition("[")[0]) for each in statistics.unmatched}
    for column in subject.columns:
        table = statistics.tables[column.table.name]
        if table.elements:
            unmatched = (column.table.name, column.plan.name) in missing or (
                column.plan.of is not None and (column.table.name, column.plan.of) in missing
            )
            yield Sampled(column, table.columns[column.plan.name], table.rows, unmatched)


def shown(text: str) -> str:
    """A value in quotes, shortened, with everything that would not print escaped."""
    return repr(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")


def listed(texts: list[str], most: int = 5) -> str:
    """Values in quotes with commas; of many the first ones, and how many more there are."""
    more = f" and {len(texts) - most:,} more" if len(texts) > most else ""
    return ", ".join(map(shown, texts[:most])) + more
