"""What two tables that load into one table of the target say differently of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from transforms.contract.column_type import type_text
from transforms.contract.plan import ColumnPlan, Many, TablePlan
from transforms.errors import Problem


def differences(first: TablePlan, other: TablePlan) -> Iterator[Problem]:
    """Problems of `other`, whose keys are those of its contract, without a file. Columns are compared by name,
    wherever they stand; how their values are found is each table's own affair."""
    place = f"tables.{other.title}"
    said = f"table {first.title!r}" + (f" of {first.scope!r}" if first.scope != other.scope else "")
    both = f"both load into {other.target_name!r}"
    if other.target_name != first.target_name:
        message = f"{first.target_name!r} and {other.target_name!r} are the same name to a database, which ignores case"
        yield Problem(message, key=f"{place}.target.table", expected="one way to write it")
    ours, theirs = ({column.name: column for column in loaded_columns(table)} for table in (other, first))
    for name in (name for name in theirs if name not in ours):
        message = f"there is no column {name!r}, which {said} has; {both}"
        yield Problem(message, key=f"{place}.columns", expected=f"a column {name}")
    for name in (name for name in ours if name not in theirs):
        message = f"{said} has no column {name!r}; {both}"
        yield Problem(message, key=f"{place}.columns.{name}", expected="the same columns, or load: false here")
    for name in (name for name in ours if name in theirs):
        for key, tell in _COLUMN_SIDES.items():
            mine, its = tell(ours[name]), tell(theirs[name])
            if mine != its:
                message = f"{name!r} is {mine} here, and {its} in {said}; {both}"
                yield Problem(message, key=f"{place}.columns.{name}.{key}", expected=its)
    for key, (what, tell_table) in _TABLE_SIDES.items():
        mine, its = tell_table(other), tell_table(first)
        if mine != its:
            message = f"{what} is {mine} here, and {its} in {said}; {both}"
            yield Problem(message, key=f"{place}.{key}", expected=its)


def loaded_columns(table: TablePlan) -> tuple[ColumnPlan, ...]:
    """The columns of a table that go to the target, gained ones first; a gained one is the identity of another
    table."""
    gained = (replace(column, identity=None) for column in table.inherited)
    return tuple(column for column in (*gained, *table.columns) if column.load)


def _type(column: ColumnPlan) -> str:
    text = type_text(column.type)
    return f"a list of {text}" if column.many is Many.LIST else text


def _foreign_keys(table: TablePlan) -> str:
    shown = [f"({', '.join(key.columns)}) to {key.table}" for key in table.target.foreign_keys]
    return ", ".join(sorted(shown)) or "none"


def _made(table: TablePlan) -> str:
    shown = [
        column.name
        + (f" {type_text(column.type)}" if column.type else "")
        + (f" default {column.default}" if column.default else f" computed {column.computed}")
        + ("" if column.nullable else " not null")
        for column in table.target.made
    ]
    return ", ".join(shown) or "none"


_COLUMN_SIDES: dict[str, Callable[[ColumnPlan], str]] = {
    "type": _type,
    "nullable": lambda column: "nullable" if column.nullable else "not nullable",
    "identity": lambda column: f"identity: {column.identity.value}" if column.identity else "no identity",
    "on_null": lambda column: "left out where NULL" if column.omit_null else "written where NULL",
}
_TABLE_SIDES: dict[str, tuple[str, Callable[[TablePlan], str]]] = {
    "key": ("the key", lambda table: f"[{', '.join(table.key)}]" if table.key else "none"),
    "on_conflict": ("on_conflict", lambda table: table.on_conflict.value),
    "target.foreign_keys": ("the foreign key", _foreign_keys),
    "target.columns": ("what the database fills", _made),
}
