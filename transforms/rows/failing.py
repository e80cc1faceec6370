"""Which documents make SQL fail, so that they alone are refused and the others go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from transforms.rows.chunk import Chunk, rejected_documents
from transforms.sql.sandbox import ExhaustedError, Sandbox, SqlError

REASON = "sql_error"
_HINT = "No single document makes this SQL fail, so it has to be changed; TRY_CAST and the like give NULL instead."

# How often a query may run out of time or memory while its documents are looked for: then it is the SQL, not a value.
_MOST_EXHAUSTED = 16

Result = TypeVar("Result")
# How many messages of one expression are asked for, 2 ms each; beyond them the values say what there is to say.
_MOST_ASKED = 50
_SHOWN = 200  # characters of values in a message


@dataclass(frozen=True, slots=True)
class Part:
    """An expression of a statement. label: what it is called in messages; sql: '' where it is no expression; columns:
    those it uses."""

    label: str
    sql: str
    columns: tuple[str, ...]


class FailedOnValuesError(Exception):
    """SQL over the rows of one table failed. `documents` finds out whose values did it."""

    def __init__(
        self, error: SqlError, rows: pa.Table, parts: Sequence[Part], run: Callable[[pa.Table], object]
    ) -> None:
        super().__init__(error.message)
        self._error, self._rows, self._parts, self._run = error, rows, parts, run

    def documents(self, sandbox: Sandbox) -> pa.Table:
        """REJECTED_SCHEMA of at least one document; SqlError where none fails alone."""
        lines: dict[int, tuple[int, int, str]] = {}
        for part in self._parts:
            for line in _failing_rows(self._rows, part, sandbox) if part.sql else []:
                lines.setdefault(line[0], line)
        if not lines:
            lines = self._bisected()
        return rejected_documents(sorted(lines.values()), REASON)

    def _bisected(self) -> dict[int, tuple[int, int, str]]:
        rows = self._rows
        documents = pl.Series(rows.column("_document")).unique().sort()
        places = pl.Series(rows.column("_document")).search_sorted(documents)
        ends = [*places.to_list()[1:], rows.num_rows]

        def attempt(first: int, last: int) -> None:
            start = places[first]
            self._run(rows.slice(start, ends[last] - start))

        label = self._parts[-1].label
        found = failing_documents(len(documents), attempt, label)
        return {documents[at]: (documents[at], 0, f"{label}: {first_line(message)}") for at, message in found.items()}


def failing_documents(count: int, attempt: Callable[[int, int], object], what: str) -> dict[int, str]:
    """The numbers of the documents that fail alone, of 0 to count - 1, with what was said, by halving again and again.

    attempt: runs the SQL on the documents of a range, the last one included; SqlError where it fails. SqlError where
    none fails alone, or too many queries run out of time or memory on the way.
    """
    found: dict[int, str] = {}
    waiting = [(0, count - 1)] if count else []
    exhausted = 0
    while waiting:
        first, last = waiting.pop()
        try:
            attempt(first, last)
        except SqlError as error:
            exhausted += isinstance(error, ExhaustedError)
            if exhausted > _MOST_EXHAUSTED:
                raise SqlError(f"{what}: {error.message}", hint=_HINT) from error
            if first == last:
                found[first] = error.message
            else:
                middle = (first + last) // 2
                waiting += [(middle + 1, last), (first, middle)]
    if not found:
        raise SqlError(f"{what}: it fails on all documents together, and on none alone", hint=_HINT)
    return found


def evaluate(statement: str, rows: pa.Table, used: Sequence[str], parts: Sequence[Part], sandbox: Sandbox) -> pa.Table:
    """The result of a query over the columns `used` of `rows`; FailedOnValuesError where it fails.

    rows: with `_document` and `_line`, the rows of a document together. parts: the expressions in the statement.
    """

    def run(some: pa.Table) -> pa.Table:
        return sandbox.query(statement, {"rows": some.select(list(used))})

    try:
        return run(rows)
    except SqlError as error:
        raise FailedOnValuesError(error, rows, parts, run) from error


def without_failing(chunk: Chunk, sandbox: Sandbox, attempt: Callable[[], Result]) -> Result:
    """The result of a step over the chunk, repeated without the documents whose values make it fail."""
    while True:
        try:
            return attempt()
        except FailedOnValuesError as failed:
            chunk.reject(failed.documents(sandbox))


def first_line(message: str) -> str:
    """The first line of what DuckDB says; the others show places in a text that nobody wrote."""
    return message.strip().splitlines()[0] if message.strip() else ""


def _failing_rows(rows: pa.Table, part: Part, sandbox: Sandbox) -> list[tuple[int, int, str]]:
    """The first row of each document on which an expression fails: document, line, what is said."""
    try:
        # TRY gives NULL where its argument fails; a struct is never NULL itself.
        found = sandbox.query(f"SELECT TRY({{'value': (\n{part.sql}\n)}}) IS NULL AS failed FROM rows", {"rows": rows})
    except SqlError:
        return []
    places = pc.indices_nonzero(found.column("failed").combine_chunks())
    failed = rows.take(places)
    first = failed.take(pl.Series(failed.column("_document")).is_first_distinct().arg_true().to_arrow())
    numbers = zip(first.column("_document").to_pylist(), first.column("_line").to_pylist(), strict=True)
    return [
        (document, line, f"{part.label}: {message}")
        for (document, line), message in zip(numbers, _messages(first, part, sandbox), strict=True)
    ]


def _messages(rows: pa.Table, part: Part, sandbox: Sandbox) -> Iterator[str]:
    """What DuckDB says of each row; equal rows are asked for once, and many different ones told by their values."""
    used = rows.select(list(dict.fromkeys(part.columns)) or ["_row"])
    said: dict[str, str] = {}
    for at, values in enumerate(used.to_pylist()):
        shown = ", ".join(f"{name} = {_shown(value)}" for name, value in values.items())
        if shown not in said:
            asked = len(said) < _MOST_ASKED
            said[shown] = _message(used.slice(at, 1), part, sandbox) if asked else f"it fails on {shown[:_SHOWN]}"
        yield said[shown]


def _shown(value: object) -> str:
    return "NULL" if value is None else repr(value) if isinstance(value, str) else str(value)


def _message(row: pa.Table, part: Part, sandbox: Sandbox) -> str:
    try:
        sandbox.query(f"SELECT (\n{part.sql}\n) AS value FROM rows", {"rows": row})
    except SqlError as error:
        return first_line(error.message)
    return "it fails on a value"
