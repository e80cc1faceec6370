"""The raw rows of a document: the elements of every table, the picks of each row, and its slots."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from tests.oracle.document import Tree
from tests.oracle.oracle import Cell, ManyValuesError, Oracle, cell_of, parent_row
from tests.oracle.values import SPACE
from tests.oracle.written import Column, Contract, Table

Element = etree._Element


@dataclass(frozen=True)
class RawRow:
    """A row before conversion. fields: `_row`, `_parent`, `_position`, `_line`; cells: column -> text."""

    fields: dict[str, int | None]
    cells: dict[str, Cell]


@dataclass
class Raw:
    """The rows of one document by table, and how many slots of each gave none."""

    tables: dict[str, list[RawRow]] = field(default_factory=dict)
    empty_slots: Counter[str] = field(default_factory=Counter)


def raw_rows(contract: Contract, oracle: Oracle, tree: Tree, key: Mapping[str, str | None]) -> Raw:
    """Every table with `rows`. ManyValuesError where a column with `many: error` meets several nodes."""
    reader = _Reader(contract, oracle, tree, key)
    raw = Raw()
    for name, table in contract.tables.items():
        if "rows" in table.says:
            raw.tables[name] = reader.rows(table, raw.empty_slots)
    return raw


class _Reader:
    def __init__(self, contract: Contract, oracle: Oracle, tree: Tree, key: Mapping[str, str | None]) -> None:
        self._contract, self._oracle, self._tree, self._key = contract, oracle, tree, key
        self._order = {element: index for index, element in enumerate(tree.elements)}
        self._rows = {
            name: oracle.row_elements(table.says["rows"], tree.root, self._order)
            for name, table in contract.tables.items()
            if "rows" in table.says
        }

    def rows(self, table: Table, empty: Counter[str]) -> list[RawRow]:
        parents = {element: at for at, element in enumerate(self._rows[table.parent])} if table.parent else {}
        siblings: Counter[int | None] = Counter()
        rows: list[RawRow] = []
        slot_siblings: Counter[int | None] = Counter()
        for number, element in enumerate(self._rows[table.name]):
            parent = parent_row(element, parents) if table.parent else None
            siblings[parent] += 1
            fields = {
                "_row": number,
                "_parent": parent,
                "_position": siblings[parent],
                "_line": self._tree.lines[self._order[element]],
            }
            candidates = self._picks(table, element)
            if not table.slots:
                cells = {
                    column.name: self._cell(column, column.says, element, siblings[parent], candidates, table)
                    for column in table.columns.values()
                    if "path" in column.says or "xpath" in column.says
                }
                rows.append(RawRow(fields, cells))
                continue
            for at, slot in enumerate(table.slots):
                slot_cells = self._slot(table, slot, element, siblings[parent], candidates)
                if slot_cells is None:
                    empty[table.name] += 1
                    continue
                slot_siblings[parent] += 1
                there = {**fields, "_row": number * len(table.slots) + at, "_position": slot_siblings[parent]}
                rows.append(RawRow(there, slot_cells))
        return rows

    def _slot(
        self, table: Table, slot: str, element: Element, position: int, candidates: dict[str, list[Element]]
    ) -> dict[str, Cell] | None:
        """The cells of one slot; None where all that it reads for itself says nothing."""
        cells: dict[str, Cell] = {}
        own: list[bool] = []
        for column in table.columns.values():
            if "sql" in column.says or column.says.get("identity") == "database":
                continue
            path = table.path_in(slot, column)
            cells[column.name] = None
            if path is not None:
                cells[column.name] = self._cell(column, path, element, position, candidates, table)
            constant = path is None or path.get("path", "").strip()[:1] in ("'", '"')
            if not constant and not table.same_in_every_slot(column):
                own.append(_says_nothing(cells[column.name], column))
        return None if own and all(own) else cells

    def _cell(
        self,
        column: Column,
        path: Mapping[str, str],
        element: Element,
        position: int,
        candidates: dict[str, list[Element]],
        table: Table,
    ) -> Cell:
        """A cell, from the row's element or the pick's."""
        pick = column.says.get("of")
        if pick is None:
            return self._text(column, path, element, position)
        found = candidates[pick]
        if not found:
            return None
        if _pick(table, pick).get("filled") == "true":
            for candidate in found:
                text = self._text(column, path, candidate, position)
                if not _says_nothing(text, column):
                    return text
        return self._text(column, path, found[0], position)

    def _text(self, column: Column, path: Mapping[str, str], element: Element, position: int) -> Cell:
        says = {key: text for key, text in path.items() if key in ("path", "xpath")}
        values = self._oracle.values_at(says, element, position, self._key, self._order)
        return cell_of(values, column.says.get("many", "first"), column.says.get("separator", ""))

    def _first(self, path: str, element: Element) -> str:
        """What a pick compares: the first value at the path, without the space around it; '' where there is none."""
        values = self._oracle.values_at({"path": path}, element, 0, self._key, self._order)
        return values[0].strip(SPACE) if values else ""

    def _picks(self, table: Table, element: Element) -> dict[str, list[Element]]:
        """The candidates of each pick that fit, the best first."""
        chosen: dict[str, list[Element]] = {}

        def choose(name: str) -> list[Element]:
            if name not in chosen:
                pick = _pick(table, name)
                start: Element | None = element
                if pick.get("of"):
                    start = next(iter(choose(pick["of"])), None)
                chosen[name] = [] if start is None else self._best(table, name, start)
            return chosen[name]

        for name in table.says.get("picks", {}):
            choose(name)
        return chosen

    def _best(self, table: Table, name: str, start: Element) -> list[Element]:
        pick = _pick(table, name)
        fold = str.lower if pick.get("ignore_case") == "true" else str
        words = (self._contract.says.get("defaults") or {}).get("null_words") or ()
        nothing = {"", *("null" if word is None else word.strip(SPACE).lower() for word in words)}

        def fits(candidate: Element) -> bool:
            for theirs, ours in pick.get("match", {}).items():
                wanted = fold(self._first(ours, start))
                if not wanted or wanted != fold(self._first(theirs, candidate)):
                    return False
            if any(self._first(path, candidate).lower() in nothing for path in _several(pick.get("require"))):
                return False
            any_of = _several(pick.get("require_any"))
            return not any_of or any(self._first(path, candidate).lower() not in nothing for path in any_of)

        def rank(candidate: Element) -> list[int]:
            ranks = []
            for path, values in pick.get("prefer", {}).items():
                listed = [fold(value.strip(SPACE)) for value in values]
                text = fold(self._first(path, candidate))
                ranks.append(listed.index(text) if text and text in listed else len(listed))
            return ranks

        found = [candidate for candidate in self._candidates(table, name, start) if fits(candidate)]
        if pick.get("take") == "last":
            found.reverse()
        return sorted(found, key=rank)

    def _candidates(self, table: Table, name: str, start: Element) -> list[Element]:
        """The elements at the pick's path from there, as far as no other start is nearer around them."""
        pick = _pick(table, name)
        found = self._oracle.elements(pick["path"], start, self._order)
        if pick["path"].strip().startswith("/"):
            return found
        starts = self._starts(table, pick.get("of"))
        return [
            element for element in found if next(each for each in element.iterancestors() if each in starts) is start
        ]

    def _starts(self, table: Table, name: str | None) -> set[Element]:
        """All elements from which a pick may start: the table's rows, or all candidates of another pick."""
        if name is None:
            return set(self._rows[table.name])
        before = self._starts(table, _pick(table, name).get("of"))
        return {element for start in before for element in self._candidates(table, name, start)}


def _pick(table: Table, name: str) -> dict[str, Any]:
    written = table.says["picks"][name]
    return {"path": written} if isinstance(written, str) else written


def _several(paths: str | list[str] | None) -> list[str]:
    return [paths] if isinstance(paths, str) else list(paths or ())


def _says_nothing(text: Cell, column: Column) -> bool:
    """Whether a slot's cell is blank, or one of its column's words for NULL."""
    words = ["", *(word.strip(SPACE).lower() for word in column.null_words)]
    return all((part or "").strip(SPACE).lower() in words for part in (text if isinstance(text, list) else [text]))


__all__ = ["ManyValuesError", "Raw", "RawRow", "raw_rows"]
