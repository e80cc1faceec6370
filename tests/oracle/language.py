"""The whole contract language again: documents to final rows, one document, one row and one cell after the other.

Nothing of it is shared with the program. Slow, and meant to be obviously right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tests.oracle.cell import Cell, keep_cell, read_cell
from tests.oracle.choose import ManyValuesError, Raw, raw_rows
from tests.oracle.duck import Duck, Result, SqlFailed, Typed, mentions
from tests.oracle.oracle import Oracle
from tests.oracle.written import Column, Contract, Table, read_contract

Row = dict[str, Any]
FIELDS = dict.fromkeys(("_document", "_row", "_parent", "_position", "_line"), "BIGINT")


@dataclass
class Made:
    """What becomes of documents. tables: name -> final rows, each with FIELDS; columns that are not loaded too.

    refused: document -> the reasons that may be given: several where several values are at fault at the same step.
    changes: (table, column, rule) -> how often, in documents that are not refused.
    """

    tables: dict[str, list[Row]] = field(default_factory=dict)
    refused: dict[int, set[str]] = field(default_factory=dict)
    changes: Counter[tuple[str, str, str]] = field(default_factory=Counter)


class Refused(Exception):  # noqa: N818  a finding, not a failure of this program
    """The document is refused, for one of these reasons."""

    def __init__(self, reasons: Iterable[str]) -> None:
        super().__init__(*reasons)


class Language:
    """A contract, given as YAML text."""

    def __init__(self, contract: str) -> None:
        self.contract = read_contract(contract)
        self._oracle = Oracle(contract)
        self._duck = Duck()

    def read(
        self, documents: Sequence[str | bytes | None], keys: Mapping[str, Sequence[str | None]] | None = None
    ) -> Made:
        """What becomes of these documents, `_document` being their places."""
        made = Made({name: [] for name in self.contract.tables})
        for at, document in enumerate(documents):
            key = {name: values[at] for name, values in (keys or {}).items()}
            try:
                one = _Document(self.contract, self._duck, at, self._raw(document, key))
                one.make()
            except Refused as refused:
                made.refused[at] = set(refused.args)
                continue
            for name, rows in one.done.items():
                made.tables[name] += rows
            made.changes.update(one.changes)
        made.changes = +made.changes
        return made

    def _raw(self, document: str | bytes | None, key: Mapping[str, str | None]) -> Raw:
        tree = self._oracle.tree(document)
        if isinstance(tree, str):
            raise Refused([tree])
        try:
            return raw_rows(self.contract, self._oracle, tree, key)
        except ManyValuesError:
            raise Refused(["many_values"]) from None


class _Document:
    """One document on its way. converted: rows after conversion; working: while SQL runs; done: final ones."""

    def __init__(self, contract: Contract, duck: Duck, number: int, raw: Raw) -> None:
        self._contract, self._duck, self._number, self._raw = contract, duck, number, raw
        self.converted: dict[str, list[Row]] = {}
        self.working: dict[str, list[Row]] = {}
        self.done: dict[str, list[Row]] = {}
        self.changes: Counter[tuple[str, str, str]] = Counter()
        self._at_fault: list[str] = []

    def make(self) -> None:
        """All tables. Refused where the document is."""
        for name in self._raw.tables:
            self.converted[name] = self._convert(self._contract.tables[name])
            self.changes[name, "", "empty_slot"] += self._raw.empty_slots[name]
        self._refuse()
        tables = [self._contract.tables[name] for name in self._raw.tables]
        depths = {table.name: len(list(self._contract.above(table))) for table in tables}
        for depth in sorted(set(depths.values())):
            self._make_level([table for table in tables if depths[table.name] == depth])
        for table in self._contract.tables.values():
            if "sql" in table.says:
                self.done[table.name] = self._made_by_sql(table)
                self._refuse()

    def _refuse(self) -> None:
        if self._at_fault:
            raise Refused(self._at_fault)

    def _convert(self, table: Table) -> list[Row]:
        rows = []
        for raw in self._raw.tables[table.name]:
            row: Row = {"_document": self._number, **raw.fields}
            cells = {name: read_cell(table.columns[name], text) for name, text in raw.cells.items()}
            if self._settle(table, row, cells):
                rows.append(row)
        return rows

    def _settle(self, table: Table, row: Row, cells: Mapping[str, Cell]) -> bool:
        """Put cells into a row and count what happened; whether the row stays."""
        kept = True
        for name, cell in cells.items():
            row[name] = cell.value
            for rule, count in cell.changes.items():
                self.changes[table.name, name, rule] += count
            for reason, whole in cell.refused:
                if whole:
                    self._at_fault.append(reason)
                else:
                    kept = False
        if not kept:
            self.changes[table.name, "", "row_rejected"] += 1
        return kept

    def _make_level(self, tables: list[Table]) -> None:
        """Tables none of which is around another: parents, then SQL columns in their waves, then selection."""
        beside: dict[tuple[str, int], dict[str, Typed]] = {}
        for table in tables:
            self.working[table.name] = self._with_parents(table)
            for row in self.working[table.name]:
                beside[table.name, row["_row"]] = self._beside(table, row)
        self._refuse()
        waves = {table.name: _waves(table) for table in tables}
        for wave in range(max((len(each) for each in waves.values()), default=0)):
            for table in tables:
                columns = waves[table.name][wave] if wave < len(waves[table.name]) else []
                self.working[table.name] = [
                    row
                    for row in self.working[table.name]
                    if self._calculate(table, columns, row, beside[table.name, row["_row"]])
                ]
            self._refuse()
        for table in tables:
            for column in table.columns.values():
                if column.says.get("identity") == "database":
                    for row in self.working[table.name]:
                        row[column.name] = None
            self.done[table.name] = self._selected(table, self.working[table.name], beside)
        self._refuse()

    def _with_parents(self, table: Table) -> list[Row]:
        """The rows whose parent row is still there, with its key columns."""
        if not table.parent:
            return [dict(row) for row in self.converted[table.name]]
        rows = []
        around = {row["_row"]: row for row in self.done[table.parent]}
        for row in self.converted[table.name]:
            if row["_parent"] in around:
                gained = {name: around[row["_parent"]][name] for name in self._contract.gained(table)}
                rows.append({**row, **gained})
            else:
                rule = "no_parent" if row["_parent"] is None else "parent_dropped"
                self.changes[table.name, "", rule] += 1
        return rows

    def _types(self, table: Table, *, converted: bool = False) -> dict[str, str]:
        """The DuckDB types of a table's columns: all, or those that are there after conversion."""
        own = {
            column.name: column.duckdb
            for column in table.columns.values()
            if not converted or not _is_made(table, column)
        }
        gained = {} if converted else {name: column.duckdb for name, column in self._contract.gained(table).items()}
        return {**FIELDS, **gained, **own}

    def _typed(self, types: Mapping[str, str], row: Mapping[str, Any] | None) -> Typed:
        """A row with its types; without a row all is NULL. Columns that are not made yet are left out."""
        return {name: (kind, row[name] if row else None) for name, kind in types.items() if not row or name in row}

    def _beside(self, table: Table, row: Row) -> dict[str, Typed]:
        """The rows around a row, and those of its joins, by what SQL calls them."""
        found: dict[str, Typed] = {}
        below = row
        for around in self._contract.above(table):
            below = next(each for each in self.done[around.name] if each["_row"] == below["_parent"])
            found[around.name] = self._typed(self._types(around), below)
        for name, written in table.says.get("joins", {}).items():
            says = {"table": written} if isinstance(written, str) else written
            joined = self._contract.tables[says["table"]]
            found[name] = self._typed(self._types(joined, converted=True), self._joined(table, row, says, joined))
        return found

    def _joined(self, table: Table, row: Row, says: Mapping[str, Any], joined: Table) -> Row | None:
        """The one row that a join finds."""
        candidates = self.converted[joined.name]
        if says.get("on"):
            candidates = [
                each
                for each in candidates
                if all(row[ours] is not None and each[theirs] == row[ours] for theirs, ours in says["on"].items())
            ]
        elif table in self._contract.above(joined):
            candidates = [each for each in candidates if self._row_above(joined, each, table) == row["_row"]]
        types = self._types(joined, converted=True)
        if says.get("where"):
            candidates = [each for each in candidates if self._holds(says["where"], self._typed(types, each), {})]
        ordered = self._preferred(candidates, types, says.get("prefer"), says.get("take"))
        return ordered[0] if ordered else None

    def _row_above(self, table: Table, row: Row, above: Table) -> int | None:
        """The number of the row of a table above that a row's chain of parents leads to, as they were converted."""
        for around in self._contract.above(table):
            found = [each for each in self.converted[around.name] if each["_row"] == row["_parent"]]
            if not found:
                return None
            row = found[0]
            if around is above:
                break
        number: int = row["_row"]
        return number

    def _preferred(
        self,
        rows: list[Row],
        types: Mapping[str, str],
        prefer: Mapping[str, list[str]] | None,
        take: str | None,
        order: Sequence[int] | None = None,
    ) -> list[Row]:
        """Rows by listed values, then by ranks, then as in the document, or the other way round."""

        def preference(at: int) -> list[int]:
            ranks = []
            for name, values in (prefer or {}).items():
                text = self._duck.text(types[name], rows[at][name])
                ranks.append(values.index(text) if text in values else len(values))
            return [*ranks, order[at] if order else 0, rows[at]["_row"] * (-1 if take == "last" else 1)]

        return [rows[at] for at in sorted(range(len(rows)), key=preference)]

    def _holds(self, sql: str, own: Typed, beside: Mapping[str, Typed]) -> bool:
        try:
            return self._duck.is_true(sql, own, beside)
        except SqlFailed:
            self._at_fault.append("sql_error")
            return False

    def _calculate(self, table: Table, columns: list[Column], row: Row, beside: Mapping[str, Typed]) -> bool:
        """Add columns to a row; whether it stays."""
        own = self._typed(self._types(table), row)
        cells = {}
        for column in columns:
            try:
                cells[column.name] = _cell_of(column, self._duck.value(column.says["sql"], own, beside))
            except SqlFailed:
                self._at_fault.append("sql_error")
                cells[column.name] = Cell()
        return self._settle(table, row, cells)

    def _selected(
        self, table: Table, rows: list[Row], beside: Mapping[tuple[str, int], Mapping[str, Typed]]
    ) -> list[Row]:
        """The rows that where, distinct and keep_if_any leave."""
        types = self._types(table)
        where, distinct, any_of = (table.says.get(key) for key in ("where", "distinct", "keep_if_any"))

        def keep(rule: str, kept: list[Row]) -> None:
            nonlocal rows
            self.changes[table.name, "", rule] += len(rows) - len(kept)
            rows = kept

        if where:
            keep(
                "where",
                [row for row in rows if self._holds(where, self._typed(types, row), beside[table.name, row["_row"]])],
            )
        if distinct:
            keep("distinct", self._distinct(rows, types, distinct))
        if any_of:
            keep("keep_if_any", [row for row in rows if any(row[name] is not None for name in any_of)])
        return rows

    def _distinct(self, rows: list[Row], types: Mapping[str, str], says: Mapping[str, Any]) -> list[Row]:
        """The best row of each value of some columns; rows without a value are all kept."""
        ranks = None
        if says.get("order"):
            try:
                ranks = self._duck.ranks(says["order"], [self._typed(types, row) for row in rows])
            except SqlFailed:
                self._at_fault.append("sql_error")
                return rows
        best: dict[tuple[Any, ...], int] = {}
        for row in self._preferred(rows, types, says.get("prefer"), says.get("take"), ranks):
            best.setdefault(tuple(row[name] for name in says["on"]), row["_row"])
        return [
            row
            for row in rows
            if any(row[name] is None for name in says["on"])
            or best[tuple(row[name] for name in says["on"])] == row["_row"]
        ]

    def _made_by_sql(self, table: Table) -> list[Row]:
        """The rows that a SELECT returns for this document alone."""
        sql = table.says["sql"]
        readable = {
            name: (self._types(self._contract.tables[name]), rows)
            for name, rows in self.done.items()
            if name.lower() in sql.lower()
        }
        try:
            results = self._duck.table(sql, list(table.columns), readable)
        except SqlFailed:
            raise Refused(["sql_error"]) from None
        rows = []
        for number, (document, line, found) in enumerate(results):
            row: Row = {"_document": document, "_row": number, "_parent": None, "_position": number + 1, "_line": line}
            columns = table.columns.values()
            cells = {column.name: _cell_of(column, result) for column, result in zip(columns, found, strict=True)}
            if self._settle(table, row, cells):
                rows.append(row)
        return rows


def _cell_of(column: Column, result: Result) -> Cell:
    """A result of SQL as a cell: a text like one of the document; anything else is looked up and cleaned only."""
    if result.kind == "VARCHAR":
        return read_cell(column, result.text)
    column = replace(column, trim=False, blank_as_null=False, null_words=())
    if result.text is None:
        return read_cell(column, None)
    if result.kind == column.type.duckdb and result.kind != "BIGINT":  # which may be too large for the column
        return keep_cell(column, result.text, result.value)
    return read_cell(column, result.text, by_formats=False)  # which are for texts


def _is_made(table: Table, column: Column) -> bool:
    """Whether a column is not read from documents."""
    if column.says.keys() & {"path", "xpath"}:
        return False
    return not any(column.name in paths for paths in table.slots.values())


def _waves(table: Table) -> list[list[Column]]:
    """The columns made by SQL, each after those that it uses."""
    waves: list[list[Column]] = []
    place: dict[str, int] = {}
    for column in table.columns.values():
        if "sql" not in column.says:
            continue
        place[column.name] = max((place[name] + 1 for name in place if mentions(column.says["sql"], name)), default=0)
        while len(waves) <= place[column.name]:
            waves.append([])
        waves[place[column.name]].append(column)
    return waves


__all__ = ["FIELDS", "Language", "Made"]
