"""What SQL Server can only select after other statements of the same batch: locks, numbers that it gives out."""

from __future__ import annotations

from dataclasses import dataclass

from loaders.database.select import Select, Selected


@dataclass(frozen=True)
class SelectedAfter(Selected):
    """A column whose expression needs statements before its SELECT, in one batch with it.

    before: these statements, each with its semicolon, without bound values.
    """

    before: str = ""


def select_sql(select: Select) -> str:
    """One SELECT as a batch; its `?` are bound in the order of its text. The columns of the result are c0, c1 …: under
    the name of a column that they are made of, ORDER BY would mean them and not that column."""
    before = "".join(column.before for column in select.columns if isinstance(column, SelectedAfter))
    columns = ", ".join(f"{column.sql} AS c{at}" for at, column in enumerate(select.columns))
    parts = [f"SELECT {columns}", select.tail.strip(), select.order.strip()]
    return before + " ".join(part for part in parts if part)


def quote(identifier: str) -> str:
    """An identifier in brackets; a name with a bracket or NUL in it cannot break out."""
    if "\0" in identifier:
        raise ValueError("an identifier cannot hold a NUL character")
    return "[" + identifier.replace("]", "]]") + "]"


def literal(text: str) -> str:
    """A Unicode literal."""
    return "N'" + text.replace("'", "''") + "'"
