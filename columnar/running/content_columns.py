"""Which columns are not content: what the database or the source's key puts into a row says nothing of its document."""

from __future__ import annotations

from collections.abc import Iterable

from columnar.errors import JobError
from columnar.running.identity import made_places
from loaders.names import nearest
from transforms.contract.plan import ContractPlan, TablePlan
from transforms.path.model import TerminalKind, ValuePath, XPath

# (table of the plan, column).
Column = tuple[str, str]


def not_content(plan: ContractPlan, more: Iterable[Column] = ()) -> dict[str, set[str]]:
    """By the target's tables, the columns that a canonical fingerprint leaves out: those that the database makes, those
    that read the source's key, further ones, and the copies of them all in tables below.

    more: tables by their names in the plan.
    """
    left_out = {(table, column) for table, columns in made_places(plan).items() for column in columns}
    left_out |= {(table.name, name) for table in plan.tables for name in _of_the_key(table)}
    left_out |= set(more)
    found: dict[str, set[str]] = {}
    for table in plan.tables:  # parents stand before their children
        gained = {(table.name, column.name) for column in table.inherited if (table.parent, column.name) in left_out}
        left_out |= gained
        names = {column for name, column in left_out if name == table.name}
        if table.load and names:
            found.setdefault(table.target_name, set()).update(names)
    return found


def _of_the_key(table: TablePlan) -> set[str]:
    """The columns of a table that read the key of the source (`$key`, `$name`)."""
    found = {column.name for column in table.columns if _is_key(column.path)}
    return found | {name for slot in table.slots for name, path in slot.paths if _is_key(path)}


def _is_key(path: ValuePath | XPath | None) -> bool:
    return isinstance(path, ValuePath) and path.terminal.kind is TerminalKind.KEY


def named_columns(plan: ContractPlan, names: Iterable[str], option: str) -> list[Column]:
    """`table.column` as columns of the plan; JobError for one that no loaded table has. option: what to call it."""
    found: list[Column] = []
    loaded = [table for table in plan.tables if table.load]
    for name in names:
        table_name, _, column = name.rpartition(".")
        tables = [table for table in loaded if table_name in (table.title, table.target_name, table.name)]
        if not tables:
            known = list(dict.fromkeys(table.title for table in loaded))
            message = (
                f"{option}: the contract loads no table {table_name}"
                if table_name
                else f"{option}: {name} names no table"
            )
            raise JobError(message, hint=nearest(table_name, known, "table") if table_name else "write table.column")
        for table in tables:
            columns = [each.name for each in (*table.inherited, *table.columns) if each.load]
            if column not in columns:
                raise JobError(
                    f"{option}: table {table.title} has no column {column}", hint=nearest(column, columns, "column")
                )
            found.append((table.name, column))
    return found
