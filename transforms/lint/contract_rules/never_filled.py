"""Columns that can only be NULL, and selections that select nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from transforms.contract.plan import Many, Reaction
from transforms.convert.cell import cell_rule
from transforms.convert.text import prepare
from transforms.lint.finding import Finding
from transforms.lint.subject import StatedColumn, Subject
from transforms.path.model import TerminalKind, ValuePath
from transforms.sql.expression import Expression
from transforms.sql.sandbox import SqlError, shared_sandbox

_NO_COLUMNS = pa.table({"_row": pa.array([0], pa.int32())})


def never_filled(subject: Subject) -> Iterator[Finding]:
    """Columns in which every row has NULL."""
    made = {
        (program.plan.name, each.plan.name): each.expression
        for program in subject.uses.program.rows
        for each in program.made
    }
    for column in subject.columns:
        if column.plan.on_missing is Reaction.DEFAULT or column.plan.sql.strip().upper() == "NULL":
            continue  # a bare NULL is how a contract says that it has nothing for a column which others fill
        expression = made.get((column.table.name, column.plan.name))
        why = _is_null(expression) if expression is not None else _only_null(column)
        if why:
            yield subject.finding(
                "never_filled", column.path, f"the column is always NULL: {why}", "fill it, or leave it out"
            )


def constant_condition(subject: Subject) -> Iterator[Finding]:
    """Conditions that are the same for every row."""
    for program in subject.uses.program.rows:
        if program.where is not None and not program.where.columns:
            place = ("tables", program.plan.name, "where")
            yield subject.finding(
                "constant_condition", place, "the condition names no column of the table", "leave it out"
            )


def keeps_everything(subject: Subject) -> Iterator[Finding]:
    """`keep_if_any` over a column that is never NULL."""
    columns = {(column.table.name, column.plan.name): column for column in subject.columns}
    for table in subject.plan.tables:
        for index, name in enumerate(table.keep_if_any):
            column = columns.get((table.name, name))
            if column is not None and _never_null(column):
                place = ("tables", table.name, "keep_if_any", index)
                message = f"{name!r} is never NULL, so every row is kept"
                yield subject.finding("keeps_everything", place, message, "leave it out of keep_if_any")


def _only_null(column: StatedColumn) -> str:
    plan, path = column.plan, column.plan.path
    if isinstance(path, ValuePath) and path.terminal.kind is TerminalKind.CONSTANT and not column.table.slots:
        prepared = prepare(pa.array([path.terminal.text], pa.string()), cell_rule(plan))
        if prepared.texts.null_count:
            return f"its value is {path.terminal.text!r}, which counts as none"
    if plan.lookup is not None and all(value is None for _, value in plan.lookup.entries):
        others = plan.lookup.otherwise is None if plan.lookup.has_else else plan.on_unknown is Reaction.NULL
        if others:
            return f"lookup {plan.lookup.name!r} has no value but null"
    return ""


def _is_null(expression: Expression) -> str:
    if expression.kind == '"NULL"':
        return "that is what its SQL says"
    if expression.columns:
        return ""
    try:
        value = shared_sandbox().query(f"SELECT (\n{expression.sql}\n) AS value FROM rows", {"rows": _NO_COLUMNS})
    except SqlError:
        return ""
    return "its SQL reads no column and is NULL" if value.column(0).null_count else ""


def _never_null(column: StatedColumn) -> bool:
    plan, path = column.plan, column.plan.path
    if plan.many is Many.LIST or plan.sql:
        return False
    reactions = (plan.on_invalid, plan.on_unknown, plan.on_too_long, plan.on_inexact)
    if Reaction.NULL in reactions and plan.nullable:
        return False
    if plan.lookup is not None:
        values = [value for _, value in plan.lookup.entries]
        values += [plan.lookup.otherwise] if plan.lookup.has_else else []
        if None in values:
            return False
    if isinstance(path, ValuePath) and path.terminal.kind is TerminalKind.POSITION:
        return True
    return plan.on_missing is not Reaction.NULL
