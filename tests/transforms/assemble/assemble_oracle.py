"""Picks and slots by the letter of the contract: row by row, over dictionaries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from transforms.contract.extracts import choice_column, pick_extract, slot_column
from transforms.contract.plan import ColumnPlan, ContractPlan, Pick, TablePlan, Take
from transforms.path.model import TerminalKind, ValuePath
from transforms.shred.result import ROW_FIELDS

Row = dict[str, Any]


def expected(plan: ContractPlan, extracts: Mapping[str, pa.Table]) -> tuple[dict[str, list[Row]], dict[str, int]]:
    """The rows of every table, and how many empty slots each left out."""
    rows_of = {name: rows.to_pylist() for name, rows in extracts.items()}
    tables, empty = {}, {}
    for table in plan.tables:
        wide = [_with_picks(table, row, rows_of) for row in rows_of[table.name]]
        rows, gone = _with_slots(table, wide) if table.slots else (wide, 0)
        names = [*(field.name for field in ROW_FIELDS), *(column.name for column in table.columns)]
        tables[table.name] = [{name: row[name] for name in names} for row in rows]
        if gone:
            empty[table.name] = gone
    return tables, empty


def trimmed(text: str | None) -> str:
    return (text or "").strip(" \t\r\n")


def blank(value: str | list[str] | None, null_words: tuple[str, ...] = ()) -> bool:
    words = {trimmed(word).lower() for word in null_words} | {""}
    return all(trimmed(text).lower() in words for text in (value if isinstance(value, list) else [value]))


def _folded(text: str | None, pick: Pick) -> str:
    return "".join(char.lower() for char in trimmed(text)) if pick.ignore_case else trimmed(text)


def _with_picks(table: TablePlan, row: Row, rows_of: Mapping[str, list[Row]]) -> Row:
    chosen: dict[str, Row | None] = {}
    result = dict(row)
    for pick in table.picks:
        start = chosen[pick.of] if pick.of else row
        candidates = _in_order(table, pick, start, rows_of) if start else []
        chosen[pick.name] = candidates[0] if candidates else None
        for column in table.columns:
            if column.of == pick.name:
                for name in _read_names(table, column):
                    result[name] = _value(pick, candidates, name, column.null_words)
    return result


def _read_names(table: TablePlan, column: ColumnPlan) -> list[str]:
    own = [slot_column(column.name, slot) for slot in table.slots if column.name in dict(slot.paths)]
    return own or [column.name]


def _value(pick: Pick, candidates: list[Row], name: str, null_words: tuple[str, ...]) -> Any:
    if not candidates:
        return None
    if pick.filled:
        for candidate in candidates:
            if not blank(candidate[name], null_words):
                return candidate[name]
    return candidates[0][name]


def _in_order(table: TablePlan, pick: Pick, start: Row, rows_of: Mapping[str, list[Row]]) -> list[Row]:
    def may_be(candidate: Row) -> bool:
        at = lambda part, place: candidate[choice_column(pick, part, place)]  # noqa: E731
        if candidate["_document"] != start["_document"]:
            return False
        if not pick.everywhere and candidate["_parent"] != start["_row"]:
            return False
        for place in range(len(pick.match)):
            ours = _folded(start[choice_column(pick, "ours", place)], pick)
            if not ours or ours != _folded(at("theirs", place), pick):
                return False
        words = pick.null_words
        if any(blank(at("require", place), words) for place in range(len(pick.require))):
            return False
        return not pick.require_any or any(not blank(at("any", place), words) for place in range(len(pick.require_any)))

    def rank(candidate: Row) -> list[int]:
        ranks = []
        for place, preference in enumerate(pick.prefer):
            listed = [_folded(text, pick) for text in preference.values]
            text = _folded(candidate[choice_column(pick, "prefer", place)], pick)
            ranks.append(listed.index(text) if text and text in listed else len(listed))
        return ranks

    found = [candidate for candidate in rows_of[pick_extract(table, pick.name)] if may_be(candidate)]
    found.sort(key=lambda candidate: candidate["_row"], reverse=pick.take is Take.LAST)
    return sorted(found, key=rank)


def _with_slots(table: TablePlan, wide: list[Row]) -> tuple[list[Row], int]:
    rows, gone = [], 0
    counted: Counter[tuple[int, int | None]] = Counter()
    for row in wide:
        for index, slot in enumerate(table.slots):
            paths = dict(slot.paths)
            result, own = dict(row), []
            for column in table.columns:
                if _read_names(table, column) == [column.name]:
                    continue
                path = paths.get(column.name)
                result[column.name] = None if path is None else row[slot_column(column.name, slot)]
                constant = isinstance(path, ValuePath) and path.terminal.kind is TerminalKind.CONSTANT
                if path is not None and not constant:
                    own.append(_nothing(result[column.name], column))
            if own and all(own):
                gone += 1
                continue
            owner = (row["_document"], row["_parent"])
            counted[owner] += 1
            result["_row"] = row["_row"] * len(table.slots) + index
            result["_position"] = counted[owner]
            rows.append(result)
    return rows, gone


def _nothing(value: str | list[str] | None, column: ColumnPlan) -> bool:
    words = {trimmed(word).lower() for word in column.null_words} | {""}
    texts = value if isinstance(value, list) else [value]
    return all(trimmed(text).lower() in words for text in texts)
