"""Orders of preference: the listed values, and the columns they are compared with."""

from __future__ import annotations

import re
from collections.abc import Mapping

from transforms.contract.column_type import type_text
from transforms.contract.literal import literal_fault
from transforms.contract.plan import ColumnPlan, ColumnType, Identity, Many, Preference, TypeKind
from transforms.contract.problems import nearest
from transforms.contract.report import Report
from transforms.contract.source import Path

# Their text is what the contract writes; 5 is no text of a decimal(5,2), and a time has many texts.
_INTEGER = re.compile(r"0|-?[1-9][0-9]*", re.ASCII)
_PLAIN = (TypeKind.STRING, TypeKind.INT, TypeKind.BOOL, TypeKind.UUID, TypeKind.DATE)


def check_values(values: list[str], place: Path, report: Report, *, ignore_case: bool = False) -> None:
    """Report values that nothing can equal, and those listed twice."""
    seen: dict[str, str] = {}
    for index, value in enumerate(values):
        at = (*place, index)
        same = value.casefold() if ignore_case else value
        if not value.strip(" \t\r\n"):
            report.value(
                at, "a blank value is never preferred", expected="a value; require: for one that must be there"
            )
        elif value != value.strip(" \t\r\n"):
            report.value(
                at, f"{value!r} has spaces at an end, and values are compared without", expected=repr(value.strip())
            )
        elif same in seen:
            report.value(at, f"{value!r} is here twice", expected="each value once, the best first")
        seen.setdefault(same, value)


def plan_prefer(
    prefer: Mapping[str, list[str]],
    columns: Mapping[str, ColumnPlan | None],
    place: Path,
    report: Report,
    *,
    table: str = "the table",
) -> tuple[Preference, ...]:
    """Orders by columns; `columns` are those that can be compared, None for those with problems."""
    found: list[Preference] = []
    for name, values in prefer.items():
        at = (*place, name)
        check_values(values, at, report)
        column = columns.get(name)
        if name not in columns:
            near = nearest(name, columns)
            expected = "" if near else f"one of {', '.join(columns)}"
            report.key(at, f"{table} has no column {name!r}", expected=expected, nearest=near)
        elif column is not None:
            _check_column(column, values, at, report)
        found.append(Preference(name, tuple(values)))
    return tuple(found)


def _check_column(column: ColumnPlan, values: list[str], place: Path, report: Report) -> None:
    kind = type_text(column.type)
    if column.identity is Identity.DATABASE:
        message = f"the database makes {column.name!r} only after rows were chosen"
        report.key(place, message, expected="another column")
    elif column.many is Many.LIST or column.type.kind not in _PLAIN:
        shown = "list" if column.many is Many.LIST else kind
        message = f"{column.name!r} is a {shown}, whose values are not compared as text"
        report.key(place, message, expected="a string, int, bool, date or uuid")
    else:
        for index, value in enumerate(values):
            fault = _text_fault(value, column.type)
            if fault:
                report.value((*place, index), f"{fault}, so nothing equals it", expected=_EXAMPLES[column.type.kind])


_EXAMPLES = {
    TypeKind.INT: "a whole number without zeros before it",
    TypeKind.BOOL: "true or false",
    TypeKind.UUID: "a UUID of 36 characters in lower case",
    TypeKind.DATE: "a date such as 2020-01-31",
    TypeKind.STRING: "a text that is no longer than the type",
}


def _text_fault(value: str, column_type: ColumnType) -> str:
    """Why no value of the type has this text."""
    fault = literal_fault([value], column_type, ())
    if fault is not None:
        return fault[1]
    kind = column_type.kind
    if kind is TypeKind.INT and not _INTEGER.fullmatch(value):
        return f"{value!r} is no text of {type_text(column_type)}"
    if kind is TypeKind.BOOL and value not in ("true", "false"):
        return f"{value!r} is no text of a bool"
    if kind is TypeKind.DATE and len(value) != len("2020-01-31"):
        return f"{value!r} is no text of a date"
    if kind is TypeKind.UUID and (len(value) != 36 or value != value.lower()):
        return f"{value!r} is no text of a uuid"
    return ""
