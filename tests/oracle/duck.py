"""SQL of a contract on the values of one document, in a DuckDB that sees nothing else."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import duckdb

Typed = Mapping[str, tuple[str, Any]]  # name -> DuckDB type and value

_LITERAL = re.compile(r"'(?:[^']|'')*'")


class SqlFailed(Exception):  # noqa: N818  a finding, not a failure of this program
    """The SQL fails on a value of the document."""


@dataclass(frozen=True)
class Result:
    """What SQL made: the type, the value as text, and as what DuckDB's type says."""

    kind: str
    text: str | None
    value: Any


class Duck:
    """One connection; whatever is made in it is gone with the statement that needed it."""

    def __init__(self) -> None:
        self._connection = duckdb.connect(":memory:", config={"threads": 1, "ieee_floating_point_ops": "false"})
        for setting in ("SET TimeZone = 'UTC'", "PRAGMA disable_optimizer"):
            self._connection.execute(setting)

    def value(self, sql: str, own: Typed, relations: Mapping[str, Typed]) -> Result:
        """An expression over the one row `own`, and one row of each relation."""
        row = ", ".join(self._row(sql, own, relations)) or "0"
        return self._results(f"SELECT (\n{sql}\n) AS v FROM (SELECT {row})", ["v"])[0][0]

    def is_true(self, sql: str, own: Typed, relations: Mapping[str, Typed]) -> bool:
        """Whether a condition is true, asked as a filter: what one part of an AND refuses, the next does not see."""
        row = ", ".join(self._row(sql, own, relations)) or "0"
        return bool(self._fetched(f"SELECT 1 FROM (SELECT {row}) WHERE (\n{sql}\n)"))

    def ranks(self, order: str, rows: Sequence[Typed]) -> list[int]:
        """The place of each row in an order, equal ones at the same."""
        if not rows:
            return []
        values = " UNION ALL ".join(
            f'SELECT {at} AS "the row\'s place", {", ".join(self._row(order, row, {})) or "0"}'
            for at, row in enumerate(rows)
        )
        rank = f"dense_rank() OVER (ORDER BY {order}\n) AS rank"
        sql = f'SELECT "the row\'s place" AS place, {rank} FROM ({values}) ORDER BY place'
        return [rank.value for _, rank in self._results(sql, ["place", "rank"])]

    def text(self, kind: str, value: Any) -> str | None:
        """A value as DuckDB writes it."""
        return self._results(f"SELECT {literal(kind, value)} AS v", ["v"])[0][0].text

    def table(
        self,
        sql: str,
        columns: Sequence[str],
        tables: Mapping[str, tuple[Mapping[str, str], Sequence[Mapping[str, Any]]]],
    ) -> list[tuple[int, int, list[Result]]]:
        """The rows of a SELECT as `_document`, `_line` and the columns, sorted by them, nothing first.

        tables: what it may read: name -> types and rows.
        """
        self._connection.execute("BEGIN")
        try:
            for name, (types, rows) in tables.items():
                self._fill(name, types, rows)
            return self._made(sql, columns)
        except duckdb.Error as error:
            raise SqlFailed(str(error)) from error
        finally:
            self._connection.execute("ROLLBACK")

    def _fill(self, name: str, types: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> None:
        declared = ", ".join(f'"{column}" {kind}' for column, kind in types.items())
        self._connection.execute(f'CREATE TABLE "{name}" ({declared})')
        for row in rows:
            values = ", ".join(literal(kind, row[column]) for column, kind in types.items())
            self._connection.execute(f'INSERT INTO "{name}" VALUES ({values})')

    def _made(self, sql: str, columns: Sequence[str]) -> list[tuple[int, int, list[Result]]]:
        self._connection.execute(f'CREATE TABLE "the result" AS (SELECT * FROM (\n{sql}\n))')
        there = [name.lower() for (name, *_) in self._connection.execute('DESCRIBE "the result"').fetchall()]
        line = "_line" if "_line" in there else "0"
        order = ", ".join(f'"{name}" NULLS FIRST' for name in ("_document", *columns))
        names = ", ".join(f'"{name}"' for name in columns)
        made = f'SELECT "_document", {line} AS "the line", {names} FROM "the result" ORDER BY {order}, "the line"'
        rows = self._results(made, ["_document", "the line", *columns])
        return [(document.value, found.value, rest) for document, found, *rest in rows]

    def _row(self, sql: str, own: Typed, relations: Mapping[str, Typed]) -> Iterable[str]:
        """What a row must have for an expression: the columns it names, and of each relation those it names."""
        bare = _LITERAL.sub("''", sql)
        for name, (kind, value) in own.items():
            if mentions(bare, name):
                yield f'{literal(kind, value)} AS "{name}"'
        for relation, columns in relations.items():
            used = re.findall(rf'(?i)(?<![\w.]){re.escape(relation)}"?\s*\.\s*"?(\w+)', bare)
            names = {name.lower() for name in used}
            fields = [f"'{name}': {literal(*columns[name])}" for name in columns if name.lower() in names]
            if fields:
                yield f'{{{", ".join(fields)}}} AS "{relation}"'

    def _results(self, sql: str, names: Sequence[str]) -> list[list[Result]]:
        parts = ", ".join(f'typeof("{name}"), CAST("{name}" AS VARCHAR)' for name in names)
        found = []
        for place, row in enumerate(self._fetched(f"SELECT {parts} FROM (\n{sql}\n)")):
            found.append(
                [Result(kind, text, _value(kind, text)) for kind, text in zip(row[::2], row[1::2], strict=True)]
            )
            for at, result in enumerate(found[-1]):
                if result.kind == "BLOB" and result.text is not None:  # whose text is not its value
                    value = f'hex(CAST("{names[at]}" AS BLOB))'
                    hexed = self._fetched(f"SELECT {value} FROM (\n{sql}\n)")[place][0]
                    found[-1][at] = Result(result.kind, result.text, bytes.fromhex(hexed))
        return found

    def _fetched(self, sql: str) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(sql).fetchall()
        except duckdb.Error as error:
            raise SqlFailed(str(error)) from error


def mentions(sql: str, name: str) -> bool:
    """Whether SQL names a column itself, not one of a relation, nor a relation of that name."""
    bare = _LITERAL.sub("''", sql)
    return bool(re.search(rf'(?i)(?<![\w.]){re.escape(name)}(?!\w)"?(?!\s*\.)', bare))


def literal(kind: str, value: Any) -> str:
    """A value as SQL, of exactly that type."""
    if value is None:
        return f"CAST(NULL AS {kind})"
    if isinstance(value, list):
        inner = kind.removesuffix("[]")
        return f"CAST([{', '.join(literal(inner, each) for each in value)}] AS {kind})"
    if isinstance(value, bytes):
        return f"from_hex('{value.hex()}')"
    if isinstance(value, str):
        escaped = value.replace("'", "''")
        return f"CAST('{escaped}' AS {kind})"
    return f"CAST('{value}' AS {kind})"


def _value(kind: str, text: str | None) -> Any:
    """The value that a text of DuckDB stands for; the text itself where the type has no better."""
    if text is None:
        return None
    if kind == "BOOLEAN":
        return text == "true"
    if kind.endswith("INT") or kind == "INTEGER":
        return int(text)
    if kind.startswith("DECIMAL"):
        return Decimal(text)
    if kind == "DOUBLE":
        return float(text)
    try:
        if kind == "DATE":
            return dt.date.fromisoformat(text)
        if kind == "TIME":
            return dt.time.fromisoformat(text)
        if kind == "TIMESTAMP":
            return dt.datetime.fromisoformat(text)
        if kind == "TIMESTAMP WITH TIME ZONE":
            return dt.datetime.fromisoformat(text).astimezone(dt.UTC)
    except ValueError:
        return text
    return text
