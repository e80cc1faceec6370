"""What two tables that load into one table of the target say differently of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from transforms.contract.column_type import type_text
from transforms.contract.names import folded
from transforms.contract.plan import ColumnPlan, ForeignKey, MadeColumn, Many, TablePlan
from transforms.errors import Problem


def differences(first: TablePlan, other: TablePlan) -> Iterator[Problem]:
    """Problems of `other`, whose keys are those of its contract, without a file. Columns are compared by name,
    wherever they stand; how their values are found is each table's own affair."""
    place = f"tables.{other.title}"
    said = _said(first, other)
    both = f"both load into {other.target_name!r}"
    if other.target_name != first.target_name:
        message = f"{first.target_name!r} and {other.target_name!r} are the same name to a database, which ignores case"
        yield Problem(message, key=f"{place}.target.table", expected="one way to write it")
    ours, theirs = ({column.name: column for column in loaded_columns(table)} for table in (other, first))
    missing = [column for name, column in theirs.items() if name not in ours]
    if missing:
        yield Problem(f"{_missing(missing)} {said} has; {both}", key=f"{place}.columns", expected=_advice(missing))
    for name in (name for name in ours if name not in theirs):
        message = f"{said} has no column {name!r}; {both}"
        yield Problem(message, key=f"{place}.columns.{name}", expected="the same columns, or load: false here")
    for name in (name for name in ours if name in theirs):
        for key, tell in _COLUMN_SIDES.items():
            mine, its = tell(ours[name]), tell(theirs[name])
            if mine != its:
                message = f"{name!r} is {mine} here, and {its} in {said}; {both}"
                yield Problem(message, key=f"{place}.columns.{name}.{key}", expected=its)
    for name in (name for name in ours if name in theirs):
        mine, its = _name_there(other, name), _name_there(first, name)
        if mine != its:
            message = f"{name!r} is called {mine!r} in the target here, and {its!r} in {said}; {both}"
            yield Problem(message, key=f"{place}.target.names.{name}", expected=its)
    for key, (what, tell_table) in _TABLE_SIDES.items():
        mine, its = tell_table(other), tell_table(first)
        if mine != its:
            message = f"{what} is {mine} here, and {its} in {said}; {both}"
            yield Problem(message, key=f"{place}.{key}", expected=its)


def contradictions(stated: Sequence[TablePlan], other: TablePlan) -> Iterator[Problem]:
    """Problems of `other` where it says something else than a table before it of what one of them alone may say: the
    foreign keys, and the columns that the database fills. stated: those before it."""
    both = f"both load into {other.target_name!r}"
    keys = {key.columns: (key, table) for table in reversed(stated) for key in table.target.foreign_keys}
    for ours in other.target.foreign_keys:
        theirs, table = keys.get(ours.columns, (ours, other))
        if _reference(ours) != _reference(theirs):
            shown = f"({', '.join(ours.columns)}) refers to {_reference(ours)} here, and to {_reference(theirs)}"
            message = f"{shown} in {_said(table, other)}; {both}"
            key = f"tables.{other.title}.target.foreign_keys"
            yield Problem(message, key=key, expected="one of them, in one of the tables or in both")
    made = {folded(column.name): (column, table) for table in reversed(stated) for column in table.target.made}
    for column in other.target.made:
        its, table = made.get(folded(column.name), (column, other))
        if _filled(column) != _filled(its):
            message = f"{_filled(column)} here, and {_filled(its)} in {_said(table, other)}; {both}"
            key = f"tables.{other.title}.target.columns.{column.name}"
            yield Problem(message, key=key, expected="one of them, in one of the tables or in both")


def loaded_columns(table: TablePlan) -> tuple[ColumnPlan, ...]:
    """The columns of a table that go to the target, gained ones first; a gained one is the identity of another
    table."""
    gained = (replace(column, identity=None) for column in table.inherited)
    return tuple(column for column in (*gained, *table.columns) if column.load)


def _name_there(table: TablePlan, name: str) -> str:
    return dict(table.target.names).get(name, name)


def _type(column: ColumnPlan) -> str:
    text = type_text(column.type)
    return f"a list of {text}" if column.many is Many.LIST else text


def _said(table: TablePlan, other: TablePlan) -> str:
    """What a table is called in a message about another one."""
    return f"table {table.title!r}" + (f" of {table.scope!r}" if table.scope != other.scope else "")


def _missing(columns: Sequence[ColumnPlan]) -> str:
    names = ", ".join(repr(column.name) for column in columns)
    return f"there is no column {names}, which" if len(columns) == 1 else f"there are no columns {names}, which"


def _advice(columns: Sequence[ColumnPlan]) -> str:
    """What to write for columns that a table does not have; one without a value is stated, too, or a slip of the pen
    would make a column."""
    first = columns[0]
    each = f"a column {first.name}" if len(columns) == 1 else "all of them"
    kind = type_text(first.type)
    kind = f'"{kind}"' if "," in kind else kind
    return f'{each}; one that has no value here is written {first.name}: {{sql: "NULL", type: {kind}}}'


def _reference(key: ForeignKey) -> str:
    return f"{key.table} ({', '.join(key.references)})"


def _filled(column: MadeColumn) -> str:
    return (
        column.name
        + (f" {type_text(column.type)}" if column.type else "")
        + (f" default {column.default}" if column.default else f" computed {column.computed}")
        + ("" if column.nullable else " not null")
    )


_COLUMN_SIDES: dict[str, Callable[[ColumnPlan], str]] = {
    "type": _type,
    "nullable": lambda column: "nullable" if column.nullable else "not nullable",
    "identity": lambda column: f"identity: {column.identity.value}" if column.identity else "no identity",
    "on_null": lambda column: "left out where NULL" if column.omit_null else "written where NULL",
}
_TABLE_SIDES: dict[str, tuple[str, Callable[[TablePlan], str]]] = {
    "key": ("the key", lambda table: f"[{', '.join(table.key)}]" if table.key else "none"),
    "on_conflict": ("on_conflict", lambda table: table.on_conflict.value),
}
