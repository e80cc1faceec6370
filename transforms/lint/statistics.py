"""What became of sample documents, column by column: counts and different texts, no rows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from transforms.assemble import assemble, map_several
from transforms.contract.plan import ColumnPlan, ColumnType, ContractPlan, Reaction, TablePlan, TypeKind
from transforms.convert import convert
from transforms.convert.runs import is_read
from transforms.convert.text import XML_SPACE
from transforms.coverage import Unmatched
from transforms.lint.pick_ties import ties_of_picks
from transforms.shred.result import Shredded
from transforms.tables import tables_of

_DETAIL = re.compile(r"(?P<table>[^.]+)\.(?P<column>[^.:]+): ")


@dataclass(frozen=True, slots=True)
class ColumnStatistics:
    """One column. The first part is of all rows before any was dropped, documents that would not load included.

    filled: cells whose text is not blank. texts: the different texts after cleaning and before lookup and type, with
    how often each is there; none for blanks, null words, and columns without a path. emptied: cells of which cleaning
    left nothing. several: cells whose path met several nodes. defaulted: cells with the default instead of their value.
    nulls, distinct: of the rows that are loaded: how many are NULL, how many different values the others have.
    """

    filled: int = 0
    texts: Mapping[str, int] = field(default_factory=dict)
    emptied: int = 0
    several: int = 0
    defaulted: int = 0
    nulls: int = 0
    distinct: int = 0


@dataclass(frozen=True, slots=True)
class TableStatistics:
    """One table. elements: its rows before any is dropped. rows: that would load. dropped: by rule. slots: rows that
    each slot gave. ties: by pick, rows for which the last of the best candidates has other values than the first."""

    elements: int
    rows: int
    dropped: Mapping[str, int]
    slots: Mapping[str, int]
    columns: Mapping[str, ColumnStatistics]
    ties: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Documents that would not load for one reason. table, column: '' where it is not about one. document, line,
    detail: of the first of them; line 0: not known."""

    reason: str
    table: str
    column: str
    documents: int
    document: str
    line: int
    detail: str


@dataclass(frozen=True, slots=True)
class Statistics:
    """What became of `documents` samples. tables: by their names in the plan. unmatched: paths that found nothing.
    by_scope: where several contracts share the plan, how many documents have rows in the tables of each."""

    documents: int
    tables: Mapping[str, TableStatistics]
    refusals: tuple[Refusal, ...]
    unmatched: tuple[Unmatched, ...]
    by_scope: Mapping[str, int] = field(default_factory=dict)

    def of_scope(self, scope: str, *, first: bool) -> Statistics:
        """Those of one of several contracts that share a plan, its tables by their own names, and of the documents that
        have rows in one of them. scope: of its tables; '' where it is alone. first: whether it is the one that is told
        of documents which belong to none."""
        if not scope:
            return self
        start = f"{scope}:"
        return Statistics(
            self.by_scope[scope],
            {name.removeprefix(start): table for name, table in self.tables.items() if name.startswith(start)},
            tuple(
                replace(each, table=each.table.removeprefix(start))
                for each in self.refusals
                if (each.table.startswith(start) if each.table else first)
            ),
            tuple(
                replace(each, table=each.table.removeprefix(start))
                for each in self.unmatched
                if each.table.startswith(start)
            ),
        )


def statistics_of(
    plan: ContractPlan, shredded: Shredded, names: Sequence[str], unmatched: Sequence[Unmatched]
) -> Statistics:
    """What a plan makes of documents that are shredded.

    names: of the documents, by their ordinals. unmatched: as `coverage.measure` tells.
    Raises as `tables_of` does.
    """
    texts = assemble(plan, shredded.extracts).extracts
    cleaned = convert(_text_plan(plan), texts).tables
    loaded = tables_of(plan, shredded.extracts)
    changes = {(row["table"], row["column"], row["rule"]): row["values"] for row in loaded.changes.to_pylist()}
    several = {(row["table"], row["column"]): row["cells"] for row in map_several(plan, shredded.several).to_pylist()}
    ties = ties_of_picks(plan, shredded.extracts, texts)
    tables = {}
    for table in plan.tables:
        rows = loaded.tables[table.name]
        columns = {
            column.name: _column(table, column, texts.get(table.name), cleaned.get(table.name), rows, changes, several)
            for column in table.columns
        }
        found = texts.get(table.name)
        dropped = {rule: count for (name, column, rule), count in changes.items() if name == table.name and not column}
        slots = _slots(table, found) if found is not None else {}
        elements = len(rows if found is None else found)
        tables[table.name] = TableStatistics(elements, len(rows), dropped, slots, columns, ties.get(table.name, {}))
    refusals = _refusals(plan, shredded.refused, loaded.rejected, names)
    return Statistics(len(names), tables, refusals, tuple(unmatched), _by_scope(plan, texts))


def _column(
    table: TablePlan,
    column: ColumnPlan,
    texts: pa.Table | None,
    cleaned: pa.Table | None,
    rows: pa.Table,
    changes: Mapping[tuple[str, str, str], int],
    several: Mapping[tuple[str, str], int],
) -> ColumnStatistics:
    values = rows.column(column.name)
    filled = emptied = 0
    counted: dict[str, int] = {}
    if texts is not None and cleaned is not None and is_read(table, column):
        raw = _cells(texts.column(column.name))
        clean = _cells(cleaned.column(column.name))
        filled = _count(_length(raw, trimmed=True), above=0)
        emptied = _count(_length(clean), above=-1) - _count(_length(clean), above=0)
        emptied = min(emptied, filled) if column.clean else 0
        counts = pl.Series(clean).drop_nulls().value_counts(name="count")
        counted = dict(zip(counts.to_series(0).to_list(), counts["count"].to_list(), strict=True))
    defaulted = sum(
        count
        for (name, of, rule), count in changes.items()
        if (name, of) == (table.name, column.name) and rule.startswith("defaulted_") and rule != "defaulted_missing"
    )
    return ColumnStatistics(
        filled=filled,
        texts=counted,
        emptied=emptied,
        several=several.get((table.name, column.name), 0),
        defaulted=defaulted,
        nulls=values.null_count,
        distinct=0 if pa.types.is_list(values.type) else pc.count_distinct(values, mode="only_valid").as_py(),
    )


def _by_scope(plan: ContractPlan, texts: Mapping[str, pa.Table]) -> dict[str, int]:
    found: dict[str, set[int]] = {table.scope: set() for table in plan.tables}
    for table in plan.tables:
        if table.name in texts:
            found[table.scope].update(pl.Series(texts[table.name].column("_document")).unique().to_list())
    return {scope: len(documents) for scope, documents in found.items()}


def _cells(values: pa.ChunkedArray) -> pa.Array:
    whole = values.combine_chunks()
    return whole.flatten() if pa.types.is_list(whole.type) else whole


def _length(texts: pa.Array, *, trimmed: bool = False) -> pa.Array:
    return pc.binary_length(pc.ascii_trim(texts, characters=XML_SPACE) if trimmed else texts)


def _count(lengths: pa.Array, *, above: int) -> int:
    return int(pc.sum(pc.greater(lengths, above), min_count=0).as_py())


def _slots(table: TablePlan, rows: pa.Table) -> dict[str, int]:
    """A row of a slot has the number of its element, times the number of slots, plus the slot's own."""
    if not table.slots:
        return {}
    numbers = Counter((pl.Series(rows.column("_row")) % len(table.slots)).to_list())
    return {slot.name: numbers[index] for index, slot in enumerate(table.slots)}


def _text_plan(plan: ContractPlan) -> ContractPlan:
    """The plan whose columns are the texts that lookups and types are given."""
    tables = [replace(table, columns=tuple(map(_text_column, table.columns))) for table in plan.tables]
    return replace(plan, tables=tuple(tables))


def _text_column(column: ColumnPlan) -> ColumnPlan:
    return replace(
        column,
        type=ColumnType(TypeKind.STRING),
        nullable=True,
        lookup=None,
        formats=(),
        default=None,
        on_missing=Reaction.NULL,
        on_invalid=Reaction.NULL,
        on_unknown=Reaction.NULL,
        on_too_long=Reaction.NULL,
        on_inexact=Reaction.NULL,
    )


def _refusals(plan: ContractPlan, refused: pa.Table, rejected: pa.Table, names: Sequence[str]) -> tuple[Refusal, ...]:
    known = {(table.name, column.name) for table in plan.tables for column in table.columns}
    found: dict[tuple[str, str, str], Refusal] = {}
    for row in (*refused.to_pylist(), *rejected.to_pylist()):
        match = _DETAIL.match(row["detail"])
        table, column = (match["table"], match["column"]) if match else ("", "")
        if (table, column) not in known:
            table, column = "", ""
        key = (row["reason"], table, column)
        before = found.get(key)
        if before is not None:
            found[key] = replace(before, documents=before.documents + 1)
        else:
            found[key] = Refusal(*key, 1, names[row["document"]], row["line"], row["detail"])
    return tuple(found.values())
