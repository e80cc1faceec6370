"""What each table gets from the samples, row by row beside the documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from columnar.checking.check_examples import example_of
from columnar.checking.check_report import Cell, Changed, ColumnHead, SampleRow, TableSample
from columnar.checking.check_run import Sample, Trial
from columnar.checking.check_source import RowPlaces
from columnar.checking.check_values import cut, value_json, value_text
from transforms.contract.plan import ColumnPlan, ContractPlan, Many, TablePlan
from transforms.convert.describe import type_name
from transforms.path.model import XPath


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
            path=table.rows.source if table.rows else "sql",
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
            texts = _Texts(trial, table)
            for row in trial.tables[table.name].slice(0, left).to_pylist():
                line, column, source = self._place(number, table, row)
                cells = tuple(
                    _cell(name, row[name], texts.of(name, row["_row"]))
                    for name in (head.name for head in (*table.inherited, *table.columns))
                )
                yield SampleRow(self.samples[number].name, line, column, source, cells)
                left -= 1

    def _place(self, number: int, table: TablePlan, row: Mapping[str, int]) -> tuple[int, int, str]:
        if table.rows is None:
            return 0, 0, "made by SQL"
        if number not in self._places:
            self._places[number] = RowPlaces(self.plan, self.samples[number])
        return self._places[number].place(table.name, row["_row"] // max(1, len(table.slots)), row["_line"])

    def _changed(self, table: TablePlan) -> Iterator[Changed]:
        totals: dict[tuple[str, str], int] = {}
        for trial in self.trials:
            for (changed, name, rule), values in trial.changes.items() if trial else ():
                if changed == table.name:
                    totals[name, rule] = totals.get((name, rule), 0) + values
        for column in table.columns:
            for (name, rule), values in totals.items():
                if name == column.name:
                    yield Changed(name, rule, values, self._example(table, column, rule))
        for (name, rule), values in totals.items():
            if not name:
                yield Changed(name, rule, values)

    def _example(self, table: TablePlan, column: ColumnPlan, rule: str) -> tuple[str, str] | None:
        """The first value that this rule changed, and what became of it."""
        for trial in self.trials:
            if trial is None or not trial.changes.get((table.name, column.name, rule)):
                continue
            extract = trial.extracts.get(table.name)
            if extract is not None and column.name in extract.column_names:
                found = example_of(extract.column(column.name).combine_chunks(), column, rule)
                if found is not None:
                    return cut(found[0]), cut(found[1])
        return None


class _Texts:
    """The texts that the columns of a table were read from, for a trial of one document."""

    def __init__(self, trial: Trial, table: TablePlan) -> None:
        self._extract = trial.extracts.get(table.name)
        rows = self._extract.column("_row").to_pylist() if self._extract else ()
        self._at = {row: at for at, row in enumerate(rows)}

    def of(self, column: str, row: int) -> str | list[str] | None:
        """The text of a cell; None where there was none, or the column is not read from the document."""
        if self._extract is None or column not in self._extract.column_names:
            return None
        found: str | list[str] | None = self._extract.column(column)[self._at[row]].as_py()
        return found


def _heads(table: TablePlan) -> tuple[ColumnHead, ...]:
    inherited = tuple(_head(column, table, inherited=True) for column in table.inherited)
    return inherited + tuple(_head(column, table, inherited=False) for column in table.columns)


def _head(column: ColumnPlan, table: TablePlan, *, inherited: bool) -> ColumnHead:
    path = _origin(column)
    kind = type_name(column.type) + ("[]" if column.many is Many.LIST else "")
    return ColumnHead(column.name, kind, path, column.name in table.key, inherited)


def _origin(column: ColumnPlan) -> str:
    """Where the values come from, in a few words."""
    if column.path is None:
        return "sql" if column.sql else "database" if column.identity else ""
    path = f"xpath: {column.path.source}" if isinstance(column.path, XPath) else column.path.source
    return f"{column.of}: {path}" if column.of else path


def _cell(name: str, value: object, source: str | list[str] | None) -> Cell:
    text = value_text(value)
    said = source if isinstance(source, str | None) else value_text(source)
    differs = said is not None and said != text
    return Cell(name, value_json(value), cut(text), cut(said) if said is not None and differs else None)
