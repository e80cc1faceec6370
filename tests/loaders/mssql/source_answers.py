"""A table of documents, `dbo.incoming`, as far as a source asks: its catalogue, and every SELECT over it by what each
of its columns is made of. Rows are told apart by the bounds of their key."""

from __future__ import annotations

import operator
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.servers.tds_endpoint import Answer, Rows
from tests.servers.tds_process import nothing
from tests.servers.tds_tokens import Column

_ALIAS = re.compile(r" AS ([cn]\d+)$")
_BOUND = re.compile(r"\[id\] (>=|<=|>|<) CONVERT")
_WIDTH = re.compile(r"\(columnar_upto - 1\) % (\d+)")
_PAGE = re.compile(r"ORDER BY \[id\]( DESC)? OFFSET (\d+) ROWS FETCH NEXT (\d+)")
_LIMIT = re.compile(r"<= (\d+) THEN")
_OPERATORS = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
_CATALOGUE = (
    ("FROM sys.objects", ["dbo", "incoming", "U"], [1]),
    ("FROM sys.indexes", ["id"], [1]),
    ("FROM sys.foreign_keys", None, None),
    ("FROM sys.triggers", None, None),
)
_COLUMNS = [
    (["id", "bigint", "", ""], [8, 19, 0, 0, 0, 0]),
    (["document", "nvarchar", "", "Latin1_General_CI_AS"], [-1, 0, 0, 1, 0, 0]),
]


@dataclass(frozen=True)
class Incoming:
    """documents: by key, in order."""

    documents: tuple[tuple[int, str | None], ...]

    def __call__(self, sql: str, values: Sequence[Any]) -> Answer:
        listed = _select_list(sql)
        if not listed:
            state = sql.startswith("SELECT CAST(COALESCE((SELECT snapshot_isolation_state")
            return Rows([Column("", "bigint")], [[1]]) if state else nothing(sql, values)
        if "FROM sys.columns" in sql:
            return _result(listed, [_from_catalogue(listed, *row) for row in _COLUMNS])
        for where, texts, numbers in _CATALOGUE:
            if where in sql:
                return _result(listed, [] if texts is None else [_from_catalogue(listed, texts, numbers)])
        if "columnar_place" in listed[0][1]:
            order = sorted({int(value) for value in values})
            return _result(listed, [[at, order.index(int(value)) + 1] for at, value in enumerate(values)])
        rows = self._within(sql, values)
        if "count(*)" in listed[0][1]:
            return _result(listed, [[self._aggregate(expression, rows) for _, expression in listed]])
        if "columnar_upto" in listed[-1][1] or "columnar_rows" in listed[-1][1]:
            width = _WIDTH.search(sql)
            ends = [at for at in range(1, len(rows) + 1) if at % int(width[1] if width else 1) == 0 or at == len(rows)]
            return _result(listed, [self._end(listed, at, rows[at - 1]) for at in ends])
        return _result(listed, [[_value(each, expression, row, rows) for each, expression in listed] for row in rows])

    def _within(self, sql: str, values: Sequence[Any]) -> list[tuple[int, str | None]]:
        if "[id] IS NULL" in sql:
            return []
        bounds = [_OPERATORS[sign] for sign in _BOUND.findall(sql)]
        tests = list(zip(bounds, values, strict=True))
        rows = [row for row in self.documents if all(holds(row[0], int(value)) for holds, value in tests)]
        page = _PAGE.search(sql)
        if page is None:
            return rows
        start, count = int(page[2]), int(page[3])
        return (rows[::-1] if page[1] else rows)[start : start + count]

    @staticmethod
    def _aggregate(expression: str, rows: list[tuple[int, str | None]]) -> Any:
        if "count(*)" in expression:
            return len(rows)
        if "HASHBYTES" in expression:
            digest = f"{sum(key for key, _ in rows)}-{len(rows)}"
            return len(digest) * 2 if expression.startswith("CAST(DATALENGTH") else digest
        return max((_size(text) or 0 for _, text in rows), default=None)

    @staticmethod
    def _end(listed: list[tuple[str, str]], at: int, row: tuple[int, str | None]) -> list[Any]:
        return [row[0] if "[id]" in each else at if "columnar_upto" in each else 1 for _, each in listed]


def _select_list(sql: str) -> list[tuple[str, str]]:
    """The columns of the last statement's outermost SELECT: alias and expression."""
    start = sql.rfind("; SELECT ") + 2 if "; SELECT " in sql else 0
    text, depth, parts, last = sql[start:].removeprefix("SELECT "), 0, [], 0
    for at, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0 and (character == "," or text.startswith(" FROM ", at)):
            parts.append(text[last:at].strip())
            last = at + 1
            if character != ",":
                break
    found = [(_ALIAS.search(part), part) for part in parts]
    return [(alias[1], part[: alias.start()]) for alias, part in found if alias]


def _value(alias: str, expression: str, row: tuple[int, str | None], rows: list[tuple[int, str | None]]) -> Any:
    key, text = row
    if "HASHBYTES" in expression:
        return key if ", 1, 7)" in expression else 1
    if "dense_rank" in expression:
        return rows.index(row) + 1
    if alias.startswith("n") or expression.startswith("CAST(DATALENGTH"):
        return _size(text)
    if "[document]" in expression:
        limit = _LIMIT.search(expression)
        return text if limit is None or (_size(text) or 0) <= int(limit[1]) else None
    return key


def _size(text: str | None) -> int | None:
    return None if text is None else len(text.encode("utf-16-le"))


def _from_catalogue(listed: list[tuple[str, str]], texts: list[str], numbers: list[int]) -> list[Any]:
    """Texts come first; over turbodbc the length of each stands behind it."""
    rest, row = [*texts, *numbers], []
    for alias, _ in listed:
        row.append(len(row[-1]) * 2 if alias.startswith("n") else rest.pop(0))
    return row


def _result(listed: list[tuple[str, str]], rows: list[list[Any]]) -> Rows:
    kinds = ["bigint"] * len(listed)
    for at, (alias, expression) in enumerate(listed):
        if alias.startswith("n") or expression.startswith("CAST(SUBSTRING(HASHBYTES"):
            continue
        if "nvarchar" in expression and "DATALENGTH" not in expression.split("THEN")[-1]:
            kinds[at] = "nvarchar"
        if expression.endswith(("[document]", "[document] END")):
            kinds[at] = "nvarchar"
    return Rows([Column(alias, kind) for (alias, _), kind in zip(listed, kinds, strict=True)], rows)
