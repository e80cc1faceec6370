"""Which columns a table gains from its parent, and when a column of its own may bear the same name."""

from __future__ import annotations

from collections.abc import Mapping

from transforms.contract.column_type import type_text
from transforms.contract.plan import ColumnPlan
from transforms.path.model import Parents, TerminalKind, ValuePath

_OUTSIDE_THE_ROW = (TerminalKind.KEY, TerminalKind.CONSTANT)


def gained_columns(
    inherited: Mapping[str, ColumnPlan | None], columns: Mapping[str, ColumnPlan | None], key: list[str]
) -> dict[str, ColumnPlan | None]:
    """What a parent hands down: what it gained itself, then its own key columns, in the order of its key."""
    own = {name: columns[name] for name in key if name in columns}
    return {**inherited, **own}


def clash(child: ColumnPlan, parent: ColumnPlan, *, same_rows: bool, by_slot: bool = False) -> str:
    """Why a child's column cannot stand for the parent's key column of the same name.

    '' where it plainly reads the same value: from outside its own row, or by the same path over the same rows.
    by_slot: the child's column differs from slot to slot.
    """
    if child.name != parent.name:
        return f"is written {child.name!r} here"
    if child.type != parent.type:
        return f"has another type here: {type_text(child.type)} instead of {type_text(parent.type)}"
    if by_slot or child.of is not None or parent.of is not None or child.path is None:
        return "has another value here"
    if not _reads_outside(child) and not (same_rows and child.path == parent.path):
        return "reads another value here, from the table's own rows"
    return ""


def _reads_outside(column: ColumnPlan) -> bool:
    path = column.path
    if path is None:
        return False
    if not isinstance(path, ValuePath):
        return path.source.lstrip().startswith(("..", "/", "ancestor", "parent"))
    if path.terminal.kind in _OUTSIDE_THE_ROW:
        return True
    return not isinstance(path.start, Parents) or path.start.levels > 0
