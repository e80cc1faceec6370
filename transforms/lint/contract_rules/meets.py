"""What can become of a column's values: which of the `on_…` rules can ever be asked."""

from __future__ import annotations

from transforms.contract.plan import Many, Reaction, TypeKind
from transforms.lint.subject import StatedColumn
from transforms.path.model import TerminalKind, ValuePath

_EXACTLY_READ = (TypeKind.INT, TypeKind.DECIMAL, TypeKind.TIME, TypeKind.TIMESTAMP, TypeKind.TIMESTAMPTZ)
_TIMED = (TypeKind.TIME, TypeKind.TIMESTAMP, TypeKind.TIMESTAMPTZ)


def is_fixed(column: StatedColumn) -> bool:
    """Whether the value is the contract's own, or a number of the row: a constant that is not blank, a position."""
    path = column.plan.path
    if not isinstance(path, ValuePath):
        return False
    constant = path.terminal.kind is TerminalKind.CONSTANT and bool((path.terminal.text or "").strip())
    return constant or path.terminal.kind is TerminalKind.POSITION


def looked_up(column: StatedColumn) -> bool:
    """Whether every value comes out of the lookup, whose values the compiler has read already."""
    lookup = column.plan.lookup
    return lookup is not None and (lookup.has_else or column.plan.on_unknown is not Reaction.KEEP)


def meets(rule: str, column: StatedColumn) -> bool:
    """Whether there can be a value that the rule `on_missing`, `on_invalid` … itself is about, whatever falls back to
    it."""
    plan = column.plan
    if rule == "on_missing":
        return not is_fixed(column) and not _blank_entry(column)
    if rule == "on_unknown":
        return plan.lookup is not None and not plan.lookup.has_else
    if is_fixed(column) or looked_up(column):
        return False
    if rule == "on_too_long":
        return plan.type.kind is TypeKind.STRING and plan.type.length is not None
    if rule == "on_inexact":
        return plan.type.kind in _EXACTLY_READ and not (plan.type.kind in _TIMED and plan.formats)
    return plan.type.kind is not TypeKind.STRING


def falls_to_invalid(column: StatedColumn, in_defaults: set[str]) -> bool:
    """Whether `on_invalid` decides anything: for its own values, or for those of a rule that nobody states.

    in_defaults: the rules that the contract's defaults state.
    """
    others = ("on_unknown", "on_too_long", "on_inexact")
    return meets("on_invalid", column) or any(
        meets(rule, column) and rule not in column.said and rule not in in_defaults for rule in others
    )


def _blank_entry(column: StatedColumn) -> bool:
    """Whether the lookup answers for what is missing."""
    lookup = column.plan.lookup
    if lookup is None or column.plan.many is Many.LIST:
        return False
    entries = dict(lookup.entries)
    return "" in entries and (entries[""] is not None or column.plan.nullable)
