"""What each table gets from the samples, row by row beside the documents."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from columnar.check_report import Cell, Changed, ColumnHead, Json, SampleRow, TableSample
from columnar.check_run import Sample, Trial
from columnar.check_source import RowPlaces
from transforms.contract.plan import ColumnPlan, ContractPlan, Many, TablePlan
from transforms.convert.describe import type_name
from transforms.path.model import XPath

# Rules after which there is nothing to compare: the text was none, or was taken from several.
_WITHOUT_EXAMPLE = ("several", "defaulted_missing")
_MOST = 1000  # characters of a value in a report
_TO_NULL = ("blank_as_null", "null_word", "nulled_")


@dataclass(eq=False)
class TableSamples:
    """Builds the samples of all tables. trials: of each sample run alone; None: its SQL failed."""

    plan: ContractPlan
    samples: Sequence[Sample]
    trials: Sequence[Trial | None]
    rows: int

    def __post_init__(self) -> None:
        self._places: dict[int, RowPlaces] = {}

    def tables(self) -> tuple[TableSample, ...]:
        """One per table of the contract, in its order."""
        return tuple(self._table(table) for table in self.plan.tables)

    def _table(self, table: TablePlan) -> TableSample:
        counts = [trial.tables[table.name].num_rows if trial else 0 for trial in self.trials]
        return TableSample(
            name=table.name,
            path=table.rows.source,
            load=table.load,
            rows=sum(counts),
            documents=sum(1 for count in counts if count),
            columns=_heads(table),
            sample=tuple(self._first_rows(table)),
            changed=tuple(self._changed(table)),
        )

    def _first_rows(self, table: TablePlan) -> Iterator[SampleRow]:
        left = self.rows
        for number, trial in enumerate(self.trials):
            if trial is None or left <= 0:
                continue
            own = {column.name for column in table.columns}
            extract = trial.extracts[table.name]
            for row in trial.tables[table.name].slice(0, left).to_pylist():
                line, column, source = self._place(number, table.name, row)
                cells = tuple(
                    _cell(name, row[name], extract.column(name)[row["_row"]].as_py() if name in own else None)
                    for name in (head.name for head in (*table.inherited, *table.columns))
                )
                yield SampleRow(self.samples[number].name, line, column, source, cells)
                left -= 1

    def _place(self, number: int, table: str, row: Mapping[str, int]) -> tuple[int, int, str]:
        if number not in self._places:
            self._places[number] = RowPlaces(self.plan, self.samples[number])
        return self._places[number].place(table, row["_row"], row["_line"])

    def _changed(self, table: TablePlan) -> Iterator[Changed]:
        totals: dict[tuple[str, str], int] = {}
        for trial in self.trials:
            for (name, column, rule), values in trial.changes.items() if trial else ():
                if name == table.name:
                    totals[column, rule] = totals.get((column, rule), 0) + values
        order = {column.name: at for at, column in enumerate(table.columns)}
        for (column, rule), values in sorted(totals.items(), key=lambda item: order.get(item[0][0], len(order))):
            yield Changed(column, rule, values, self._example(table.name, column, rule) if column else None)

    def _example(self, table: str, column: str, rule: str) -> tuple[str, str] | None:
        """The first value that this rule may have changed. Which of a column's rules it was is not kept per value."""
        if rule in _WITHOUT_EXAMPLE:
            return None
        fits = _became_null if rule.startswith(_TO_NULL) else _became_other
        for trial in self.trials:
            if trial is None:
                continue
            converted = trial.tables[table]
            texts = trial.extracts[table].column(column).take(converted.column("_row").combine_chunks())
            for text, value in zip(texts.to_pylist(), converted.column(column).to_pylist(), strict=True):
                if isinstance(text, str) and fits(text, value):
                    return _cut(text), _cut(_text(value))
        return None


def _became_null(text: str, value: object) -> bool:
    return value is None and text != ""


def _became_other(text: str, value: object) -> bool:
    return value is not None and _text(value) != text


def _heads(table: TablePlan) -> tuple[ColumnHead, ...]:
    inherited = tuple(_head(column, table, inherited=True) for column in table.inherited)
    return inherited + tuple(_head(column, table, inherited=False) for column in table.columns)


def _head(column: ColumnPlan, table: TablePlan, *, inherited: bool) -> ColumnHead:
    path = column.path.source if not isinstance(column.path, XPath) else f"xpath: {column.path.source}"
    kind = type_name(column.type) + ("[]" if column.many is Many.LIST else "")
    return ColumnHead(column.name, kind, path, column.name in table.key, inherited)


def _cell(name: str, value: object, source: str | list[str] | None) -> Cell:
    text = _text(value)
    said = source if isinstance(source, str | None) else _text(source)
    differs = said is not None and said != text
    return Cell(name, _json(value), _cut(text), _cut(said) if said is not None and differs else None)


def _json(value: object) -> Json:
    if value is None or isinstance(value, bool | int):
        return value
    return value if isinstance(value, float) and math.isfinite(value) else _cut(_text(value))


def _cut(text: str) -> str:
    return text if len(text) <= _MOST else text[: _MOST - 1] + "…"


def _text(value: object) -> str:
    """A value as people write it; NULL is ''."""
    if value is None:
        return ""
    for kind, write in _WRITERS.items():
        if isinstance(value, kind):
            return write(value)
    return str(value)


_WRITERS: dict[type, Callable[[object], str]] = {
    bool: lambda value: "true" if value else "false",
    Decimal: lambda value: f"{value:f}",
    dt.datetime: str,
    bytes: lambda value: "0x" + value.hex() if isinstance(value, bytes) else "",
    list: lambda value: "[" + ", ".join(_text(each) for each in value) + "]" if isinstance(value, list) else "",
}
