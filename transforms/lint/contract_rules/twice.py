"""What is read twice: one path into two columns, one set of elements into two tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from transforms.contract.plan import ColumnPlan, TablePlan
from transforms.lint.finding import Finding
from transforms.lint.subject import Subject
from transforms.path.model import TerminalKind, ValuePath

_OUTSIDE = (TerminalKind.CONSTANT, TerminalKind.KEY, TerminalKind.POSITION)  # several columns may well have the same


def same_path(subject: Subject) -> Iterator[Finding]:
    """Columns of one table that differ in their names only."""
    for table in subject.plan.tables:
        seen: dict[ColumnPlan, str] = {}
        varying = {name for slot in table.slots for name, _ in slot.paths}
        for column in table.columns:
            if not _is_read(column) or column.name in varying:
                continue
            other = seen.setdefault(replace(column, name="", load=True, nullable=True, omit_null=False), column.name)
            if other != column.name:
                place = ("tables", table.name, "columns", column.name)
                message = f"{other!r} reads the same path by the same rules"
                yield subject.finding("same_path", place, message, "correct one path, or leave one column out")


def same_rows(subject: Subject) -> Iterator[Finding]:
    """Loaded tables over the same elements, with columns in common beside their keys."""
    tables = [table for table in subject.plan.tables if table.load and table.rows is not None and not table.slots]
    for number, table in enumerate(tables):
        for other in tables[:number]:
            if _selection(table) != _selection(other):
                continue
            known = {(column.path, column.of): column.name for column in other.columns if _is_read(column)}
            common = [
                column.name
                for column in table.columns
                if _is_read(column) and column.name not in table.key and (column.path, column.of) in known
            ]
            if common:
                shown = ", ".join(common[:5]) + (", …" if len(common) > 5 else "")
                message = f"{other.name!r} has the same rows, and reads {shown} too"
                yield subject.finding("same_rows", ("tables", table.name, "rows"), message, "read each value once")


def _selection(table: TablePlan) -> object:
    return table.rows and table.rows.steps, table.where, table.distinct, table.keep_if_any, table.picks


def _is_read(column: ColumnPlan) -> bool:
    path = column.path
    return path is not None and not (isinstance(path, ValuePath) and path.terminal.kind in _OUTSIDE)
