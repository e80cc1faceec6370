"""Which reaction each `on_...` rule of a column comes to, and which make no sense for its type."""

from __future__ import annotations

from dataclasses import dataclass

from transforms.contract.column import Column, Defaults
from transforms.contract.plan import ColumnType, Reaction, TypeKind
from transforms.contract.report import Report
from transforms.contract.source import Path

_COUNTED = (TypeKind.INT, TypeKind.DECIMAL, TypeKind.TIME, TypeKind.TIMESTAMP, TypeKind.TIMESTAMPTZ)

RULES = ("on_missing", "on_invalid", "on_unknown", "on_too_long", "on_inexact")


@dataclass(frozen=True, slots=True)
class Reactions:
    """The five reactions of one column."""

    on_missing: Reaction
    on_invalid: Reaction
    on_unknown: Reaction
    on_too_long: Reaction
    on_inexact: Reaction


def reactions(
    column: Column, defaults: Defaults, column_type: ColumnType, *, nullable: bool, path: Path, report: Report
) -> Reactions:
    """The reactions after every fallback: the column, the contract's defaults, the rule's own default."""
    _check_sense(column, column_type, path, report)
    on_invalid = _stated("on_invalid", column, defaults) or Reaction.REJECT_DOCUMENT
    _check_default(column, defaults, column_type, path, report)
    return Reactions(
        on_missing=_on_missing(column, defaults, nullable=nullable, path=path, report=report),
        on_invalid=on_invalid,
        on_unknown=_stated("on_unknown", column, defaults) or on_invalid,
        on_too_long=_stated("on_too_long", column, defaults) or on_invalid,
        on_inexact=_stated("on_inexact", column, defaults) or on_invalid,
    )


def _stated(rule: str, column: Column, defaults: Defaults) -> Reaction | None:
    """What the column says, else what the contract's defaults say."""
    for section in (column, defaults):
        if rule in section.model_fields_set:
            return Reaction(getattr(section, rule))
    return None


def _on_missing(column: Column, defaults: Defaults, *, nullable: bool, path: Path, report: Report) -> Reaction:
    own = "on_missing" in column.model_fields_set
    if own and column.on_missing == "null" and not nullable:
        message = "a missing value cannot be null here, because the column is not nullable"
        report.value(
            (*path, "on_missing"), message, expected="default, reject_row or reject_document, or nullable: true"
        )
    if not own and "default" in column.model_fields_set:
        return Reaction.DEFAULT
    stated = _stated("on_missing", column, defaults)
    if stated is None or (stated is Reaction.NULL and not nullable):
        return Reaction.NULL if nullable else Reaction.REJECT_DOCUMENT
    return stated


def _check_sense(column: Column, column_type: ColumnType, path: Path, report: Report) -> None:
    """Rules about what can never happen to this type are mistakes."""
    text = column_type.kind is TypeKind.STRING
    faults = {
        "on_invalid": ("every text is a valid string", "no on_invalid, or another type")
        if text and column_type.length is None and not column.lookup
        else None,
        "on_unknown": None if column.lookup else ("the column has no lookup", "a lookup, or no on_unknown"),
        "on_too_long": None
        if text and column_type.length is not None
        else (f"the type {column.type!r} has no length", "type string(n), or no on_too_long"),
        "on_inexact": None
        if column_type.kind in _COUNTED
        else (f"the type {column.type!r} is never inexact", "an int, decimal, time or timestamp, or no on_inexact"),
    }
    for rule, fault in faults.items():
        if fault is not None and rule in column.model_fields_set:
            report.key((*path, rule), fault[0], expected=fault[1])


def _check_default(column: Column, defaults: Defaults, column_type: ColumnType, path: Path, report: Report) -> None:
    """`default` means nothing where no default is given."""
    if "default" in column.model_fields_set:
        return
    for rule in RULES:
        if rule in column.model_fields_set:
            if getattr(column, rule) == "default":
                report.value((*path, rule), "the column has no default", expected="default: with a value, beside it")
            continue
        falls_back = rule in defaults.model_fields_set and _applies(rule, column, column_type)
        if falls_back and getattr(defaults, rule) == "default":
            message = f"the contract's defaults say {rule}: default, but the column has no default"
            report.value(path, message, expected=f"default: with a value, or an {rule} of its own")


def _applies(rule: str, column: Column, column_type: ColumnType) -> bool:
    if rule == "on_unknown":
        return bool(column.lookup)
    if rule == "on_too_long":
        return column_type.length is not None
    if rule == "on_inexact":
        return column_type.kind in _COUNTED
    return rule == "on_missing" or column_type.kind is not TypeKind.STRING
