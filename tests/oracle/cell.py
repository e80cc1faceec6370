"""One cell on its way from a text to a value: the seven steps of docs/contract.md, and what does not fit."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.oracle.number import the_number
from tests.oracle.values import SPACE, Wrong, read
from tests.oracle.written import Column


@dataclass
class Cell:
    """What became of a cell. changes: rule -> how often; refused: reason -> whether the whole document is."""

    value: Any = None
    changes: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[str, bool]] = field(default_factory=list)
    foreign: bool = False  # the step `number` left a point that is not its decimal character


def read_cell(column: Column, text: str | list[str] | None, *, by_formats: bool = True) -> Cell:
    """A cell of a text, or of the texts of a list. by_formats: whether the column's formats are for this text."""
    if not column.is_list:
        return _one(column, text, by_formats=by_formats)  # type: ignore[arg-type]  # only lists have several
    if text is None:
        gap = Cell()
        value = _missing(column, gap)
        gap.value = None if value is None else [value]
        return gap
    # Of a list, elements are judged; on_missing and nullable are about the list.
    cells = [_one(column, part, element=True) for part in text]
    whole = Cell([cell.value for cell in cells])
    for cell in cells:
        whole.changes.update(cell.changes)
        whole.refused += cell.refused
    return whole


def keep_cell(column: Column, text: str | None, value: Any) -> Cell:
    """A cell of SQL whose result is of the column's type: it stays what it is where no rule changes its text."""
    return _one(column, text, known=(text, value))


def _one(
    column: Column, text: str | None, *, element: bool = False, known: Any = None, by_formats: bool = True
) -> Cell:
    cell = Cell()
    text = _cleaned(column, _told(column, text, cell), cell)
    if column.lookup is not None:
        fold: Callable[[str], str] = str.lower if column.lookup.ignore_case else str
        entries = {fold(name): value for name, value in reversed(column.lookup.entries.items())}
        if fold(text or "") in entries:
            value = entries[fold(text or "")]
            cell.changes["lookup"] += value != text
            text = value
            if text is None:  # the contract says NULL, which only a column that cannot be NULL takes for missing
                cell.value = None if column.nullable or element else _missing(column, cell)
                return cell
        elif text is not None and column.lookup.otherwise:
            text = column.lookup.otherwise[0]
            cell.changes["nulled_unknown" if text is None else "defaulted_unknown"] += 1
            if text is None:
                cell.value = None if column.nullable or element else _missing(column, cell)
                return cell
        elif text is not None and column.on["unknown_value"] != "keep":
            cell.value = _react(column, "unknown_value", cell, element=element)
            return cell
        elif text is not None:
            cell.changes["kept_unknown"] += 1
    if text is None:
        cell.value = None if element else _missing(column, cell)
        return cell
    if known is not None and known[0] == text:
        beyond = column.type.name in ("date", "timestamp", "timestamptz") and isinstance(known[1], str)
        cell.value = _react(column, "out_of_range", cell) if beyond else known[1]  # no year of four digits
        return cell
    return _valued(column, text, cell, element=element, by_formats=by_formats)


def _valued(column: Column, text: str, cell: Cell, *, element: bool, by_formats: bool) -> Cell:
    """The text read by the type."""
    if cell.foreign and column.lookup is None and column.type.name.startswith(("int", "float", "decimal")):
        cell.value = _react(column, "invalid_value", cell, element=element)
        return cell
    truncate, half_up = column.on["too_long"] == "truncate", column.on["inexact"] == "round_half_up"
    try:
        found = read(text, column.type, column.formats if by_formats else (), truncate=truncate, half_up=half_up)
    except Wrong as wrong:
        cell.value = _react(column, str(wrong), cell, element=element)
        return cell
    if found.change:
        cell.changes[found.change] += 1
    cell.value = found.value
    return cell


def _told(column: Column, text: str | None, cell: Cell) -> str | None:
    """Trimmed, and NULL where it says nothing."""
    if text is None:
        return None
    bare = text.strip(SPACE)
    if column.blank_as_null and not bare:
        cell.changes["blank_as_null"] += text != ""
        return None
    if bare.lower() in [word.strip(SPACE).lower() for word in column.null_words]:
        cell.changes["null_word"] += 1
        return None
    if column.trim:
        cell.changes["trimmed"] += text != bare
        return bare
    return text


def _cleaned(column: Column, text: str | None, cell: Cell) -> str | None:
    for step in column.says.get("clean", ()):
        if text is None:
            return None
        name, detail = (step, {}) if isinstance(step, str) else next(iter(step.items()))
        after = _step(name, detail or {}, text)
        cell.foreign = name == "number" and (detail or {}).get("decimal", ".") != "." and after == text and "." in text
        if after != text:
            cell.changes[f"clean_{name}"] += 1
        text = after
    # Two steps of one name count a cell once.
    for rule in [rule for rule in cell.changes if rule.startswith("clean_")]:
        cell.changes[rule] = 1
    return text


def _step(name: str, detail: dict[str, str], text: str) -> str:
    if name == "digits":
        return "".join(character for character in text if character in "0123456789")
    if name == "upper":
        return text.upper()
    if name == "lower":
        return text.lower()
    if name == "trim":
        return text.strip(SPACE)
    if name == "collapse":
        return re.sub(f"[{SPACE}]+", " ", text).strip(SPACE)
    if name == "replace":
        return re.sub(detail["pattern"], detail.get("replacement", ""), text)
    decimal = detail.get("decimal", ".")
    group = detail.get("group", "." if decimal == "," else ",")
    return the_number(text, decimal=decimal, group=group, unsigned=detail.get("sign") == "drop")


def _missing(column: Column, cell: Cell) -> Any:
    return _react(column, "missing_value", cell)


def _react(column: Column, reason: str, cell: Cell, *, element: bool = False) -> Any:
    """What the rule for a reason makes of the cell."""
    reaction = column.on[reason]
    short = reason.removesuffix("_value")
    if reaction == "default" and "default" not in column.says:
        reaction = "null"
    if reaction == "default":
        cell.changes[f"defaulted_{short}"] += 1
        return read(column.says["default"], column.type, column.formats, truncate=False, half_up=False).value
    if reaction == "null":
        if reason != "missing_value":
            cell.changes[f"nulled_{short}"] += 1
        if column.nullable or element:
            return None
        if reason != "missing_value":
            return _missing(column, cell)
        reaction = "reject_document"
    if reaction == "reject_row":
        cell.changes[f"rejected_{short}"] += 1
    cell.refused.append((reason, reaction != "reject_row"))
    return None
