"""What is said about a value that a document is rejected for."""

from __future__ import annotations

from transforms.contract.plan import ColumnPlan, ColumnType, TypeKind
from transforms.convert.rules import Reason

_SHOWN = 80  # characters of a value


def describe(table: str, column: ColumnPlan, reason: Reason, text: str | None, *, in_key: bool = False) -> str:
    """One line: the column, the value as the document has it, and what is wrong with it. in_key: it is part of the
    table's key, which is looked at before `where` could leave the row out."""
    type_ = type_name(column.type)
    if reason is Reason.MISSING:
        what = "no value" if text is None else f"{_shown(text)} is no value"
        what += " for the key; on_missing: reject_row would leave out the row alone" if in_key else ""
    elif reason is Reason.UNKNOWN:
        what = f"{_shown(text)} is not in lookup {column.lookup.name if column.lookup else ''}".rstrip()
    elif reason is Reason.TOO_LONG:
        what = f"{_shown(text)} is too long for {type_}"
    elif reason is Reason.OUT_OF_RANGE:
        what = f"{_shown(text)} is out of the range of {type_}"
    elif reason is Reason.INEXACT:
        what = f"{_shown(text)} has more digits than {type_} keeps"
    else:
        formats = f" (formats {', '.join(column.formats)})" if column.formats else ""
        what = f"{_shown(text)} does not fit {type_}{formats}"
    return f"{table}.{column.name}: {what}"


def type_name(type_: ColumnType) -> str:
    """The type as the contract writes it."""
    if type_.kind is TypeKind.INT:
        return f"int{type_.bits}"
    if type_.kind is TypeKind.FLOAT:
        return "float64"
    if type_.kind is TypeKind.DECIMAL:
        return f"decimal({type_.precision},{type_.scale})"
    if type_.kind is TypeKind.STRING and type_.length is not None:
        return f"string({type_.length})"
    return str(type_.kind.value)


def _shown(text: str | None) -> str:
    """A value between quotes, shortened, with everything that would not print escaped."""
    text = text or ""
    short = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    return "'" + "".join(letter if letter.isprintable() else _escaped(letter) for letter in short) + "'"


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")
