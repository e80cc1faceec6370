"""What is asked of a database: columns of known types, so that every driver delivers the same Arrow columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pyarrow as pa

_PAGING = re.compile(r"\b(?:LIMIT|FETCH)\b", re.IGNORECASE)
# What is bound to a `?`. Everything else travels as text and is cast by the database to the type it says.
Value = str | int | None


@dataclass(frozen=True, slots=True)
class Selected:
    """One column of a result.

    name: in the result. sql: an expression of the dialect that is an integer where `type` is int64, and text otherwise:
    the dialect writes every other type as text, in a form that Arrow reads back to the same value. type: of the Arrow
    column that is delivered. Binary is text of hexadecimal digits in SQL and bytes in Arrow.
    """

    name: str
    sql: str
    type: pa.DataType

    @property
    def is_text(self) -> bool:
        """Whether it travels as text, which a driver may cut or corrupt."""
        return not pa.types.is_integer(self.type)


@dataclass(frozen=True, slots=True)
class Select:
    """One SELECT: `columns`, then `tail` (`FROM … WHERE …`, without ORDER BY or LIMIT) with the values of its `?`, then
    `order` (an ORDER BY or paging clause, or '').

    document: the name of the column that holds documents: only its values may come as NULL where the server has
    something else (longer than `longest`; text that is none). longest: in the unit of ReadingDialect.length; None for
    no limit. rows: how many there are, where that is known; with another number fetching ends in TransientError.
    """

    columns: tuple[Selected, ...]
    tail: str
    values: tuple[Value, ...] = ()
    order: str = ""
    document: str | None = None
    longest: int | None = None
    rows: int | None = None

    @property
    def paging(self) -> str:
        """`order`, where it says how many rows there are, and not only how they stand."""
        return self.order if _PAGING.search(self.order) else ""

    @property
    def schema(self) -> pa.Schema:
        """Of the batches that come back."""
        return pa.schema([pa.field(column.name, column.type) for column in self.columns])


def integers(names: Sequence[tuple[str, str]], tail: str, values: Sequence[Value] = ()) -> Select:
    """A SELECT of integers only: pairs of name and SQL."""
    return Select(tuple(Selected(name, sql, pa.int64()) for name, sql in names), tail, tuple(values))


def select_sql(select: Select, length: Callable[[str], str]) -> str:
    """The SQL of a SELECT, for a driver that delivers texts of any length: its columns in their order, `c0`, `c1` …

    length: of a text expression; what is longer than `longest` stays on the server.
    """
    listed = []
    for at, column in enumerate(select.columns):
        sql = column.sql
        if column.name == select.document and select.longest is not None:
            sql = f"CASE WHEN {length(sql)} <= {select.longest} THEN {sql} END"
        listed.append(f"{sql} AS c{at}")
    return f"SELECT {', '.join(listed)} {select.tail} {select.order}".rstrip()
