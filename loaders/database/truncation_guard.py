"""The guard against truncated text: what turbodbc makes of a value that is longer than its buffer.

turbodbc does not notice that a driver cut a value. It takes the FULL length out of the smaller buffer: a text of the
right length, right up to the buffer's end, and behind that a NUL, then whatever lies there: other rows, mostly. Drivers
say too little of how long a column is, so the buffer is a guess. Hence, for every text that is selected, long or short:

1. the server itself leaves out what is longer than the limit (`CASE WHEN length <= limit`), so nothing can be cut;
2. the server's own length is selected beside each value, and every value has to have it, NULL where it is NULL;
3. no value holds a NUL, which is what a cut value has behind its last character, and XML and names cannot have.

A length alone is not enough: of values cut on purpose, it passed every one.

A document may have a NUL of its own, in databases that allow it. It is told apart by where it stands: buffers are as
long as the longest text that came without a NUL, so one before that place was not put there by a buffer's end. Such a
document is no XML; it is delivered as NULL, like one that is no text at all. Any other NUL is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loaders.database.select import Select
from loaders.errors import TransientError, UnavailableError


class TooLongError(TransientError):
    """A text is longer than the limit that it was selected with; `longest` is what the limit should have been. Where
    the lengths were asked for before, it has grown since, and another look finds how long it is now."""

    def __init__(self, message: str, longest: int) -> None:
        super().__init__(message)
        self.longest = longest


@dataclass(frozen=True)
class TruncationGuard:
    """The guard for one kind of connection.

    length: the SQL of a text's length in bytes as the driver delivers them. utf16: whether those are bytes of UTF-16.
    what: what to call the database in messages. framed: of a statement, and of which of its columns are
    text, the statement whose columns have types that the driver makes long buffers for; None where that is any.
    """

    length: Callable[[str], str]
    utf16: bool
    what: str
    framed: Callable[[str, Sequence[bool]], str] | None = None

    def select(self, select: Select, limit: int) -> str:
        """The SQL: `c0`, `c1` … for the columns, and `n1` … for the length of each that is text."""
        listed, texts, measured = [], [], self._measured(select)
        for at, column in enumerate(select.columns):
            if at in measured:
                continue
            if column.is_text:
                most, length = self._most(select, column.name, limit), self.length(column.sql)
                listed += [f"CASE WHEN {length} <= {most} THEN {column.sql} END AS c{at}", f"{length} AS n{at}"]
                texts += [True, False]
            else:
                listed.append(f"{column.sql} AS c{at}")
                texts.append(False)
        sql = f"SELECT {', '.join(listed)} {select.tail} {select.order}".rstrip()
        return sql if self.framed is None else self.framed(sql, texts)

    def probe(self, select: Select) -> str:
        """The SQL of the number of rows and of the longest text of each text column: one row of integers."""
        texts = [(at, column.sql) for at, column in enumerate(select.columns) if column.is_text]
        # One column at least, so that what is counted or grouped by stays as it is.
        some = next((column.sql for column in select.columns if not column.is_text), "1")
        inner = ", ".join(f"{self.length(sql)} AS n{at}" for at, sql in texts) or f"{some} AS n0"
        longest = "".join(f", max(g.n{at}) AS c{place}" for place, (at, _) in enumerate(texts, 1))
        return f"SELECT count(*) AS c0{longest} FROM (SELECT {inner} {select.tail} {select.order}) g"

    def checked(self, fetched: pa.Table, select: Select, limit: int) -> list[pa.Array]:
        """The columns of a batch that the SQL of `select` gave: texts as they are on the server, or an error.

        A document that the server left out, and one that is no text or has a NUL of its own, are NULL. TooLongError
        where another text was left out; UnavailableError for whatever is not what the server has.
        """
        arrived = iter(fetched.columns)  # by place: some databases change the case of names
        measured = self._measured(select)
        columns: list[pa.Array | None] = []
        lengths: dict[str, pa.Array] = {}
        for at, column in enumerate(select.columns):
            if at in measured:
                columns.append(None)
            elif column.is_text:
                values = _one(next(arrived))
                lengths[column.name] = _integers(_one(next(arrived)), f"length of {column.name}")
                columns.append(self._text(values, lengths[column.name], column.name, select, limit))
            else:
                columns.append(_integers(_one(next(arrived)), column.name))
        return [lengths[measured[at]] if column is None else column for at, column in enumerate(columns)]

    def _measured(self, select: Select) -> dict[int, str]:
        """The columns, by place, that are the length of a text which is selected too, and its name: that length comes
        beside the text as it is."""
        lengths = {self.length(column.sql): column.name for column in select.columns if column.is_text}
        places = enumerate(select.columns)
        return {at: lengths[each.sql] for at, each in places if not each.is_text and each.sql in lengths}

    def _text(self, values: pa.Array, lengths: pa.Array, name: str, select: Select, limit: int) -> pa.Array:
        if not pa.types.is_string(values.type):
            raise self._wrong(name, f"came as {values.type} and not as text", len(values))
        most = self._most(select, name, limit)
        fits = pc.fill_null(pc.less_equal(lengths, most), fill_value=False)
        longest = pc.max(lengths).as_py() or 0
        if longest > most and not (name == select.document and select.longest is not None):
            raise TooLongError(f"{self.what}: a text of {name} has {longest:,} bytes, more than {most:,}", longest)
        if self.utf16 and name == select.document:
            values = _without_unconverted(values, lengths)
            fits = pc.and_(fits, values.is_valid())
        if not values.is_valid().equals(fits):
            raise self._wrong(name, "has NULL where the server has a text, or the reverse", len(values))
        own = _utf16_bytes(values) if self.utf16 else pc.cast(pc.binary_length(values), pa.int64())
        if pc.any(pc.not_equal(own, lengths)).as_py():
            raise self._wrong(name, f"has another length than on the server (limit {limit:,})", len(values))
        if name != select.document and not _is_utf8(values):  # which SQLite does not look at
            raise self._wrong(name, "is no UTF-8", len(values))
        if _has_nul(values):
            cut = f"has a NUL, as text has that was cut (limit {limit:,})"
            if name != select.document:
                raise self._wrong(name, cut, len(values))
            values, unclear = _without_own_nuls(values)
            if unclear:
                raise self._wrong(name, cut, len(values))
        return values

    def _most(self, select: Select, name: str, limit: int) -> int:
        if name == select.document and select.longest is not None:
            return min(limit, select.longest)
        return limit

    def _wrong(self, name: str, how: str, rows: int) -> UnavailableError:
        return UnavailableError(
            f"{self.what}: a text of {name} {how}; found in a batch of {rows:,} rows, none of which is used",
            hint="the ODBC driver does not deliver what the server has: update it, or choose another with reader:",
        )


def _one(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _integers(values: pa.Array, name: str) -> pa.Array:
    """As int64, from whatever the driver took the type of an expression for."""
    try:
        return values if values.type == pa.int64() else pc.cast(values, pa.int64())
    except pa.ArrowInvalid:
        raise UnavailableError(f"{name} came as {values.type}, which is no integer") from None


def _without_unconverted(values: pa.Array, lengths: pa.Array) -> pa.Array:
    """NULL instead of '' where the server has a text: what turbodbc makes of half a surrogate pair."""
    unconverted = pc.and_(pc.equal(pc.binary_length(values), 0), pc.greater(lengths, 0))
    if not pc.any(unconverted).as_py():
        return values
    return pc.if_else(pc.fill_null(unconverted, fill_value=False), pa.scalar(None, pa.string()), values)


def _bytes_of(values: pa.Array) -> tuple[np.ndarray, np.ndarray]:
    """The bytes of all values together, and where each begins and the last one ends."""
    _, offsets, data = values.buffers()
    places = np.frombuffer(offsets, np.int32, len(values) + 1, values.offset * 4)
    if data is None:
        return np.empty(0, np.uint8), places - places[0]
    return np.frombuffer(data, np.uint8)[places[0] : places[-1]], places - places[0]


def _has_nul(values: pa.Array) -> bool:
    """Whether a NUL is in any of them. A minimum over the buffer: forty times as fast as looking for it."""
    found, _ = _bytes_of(values)
    return bool(found.size and found.min() == 0)


def _is_utf8(values: pa.Array) -> bool:
    try:
        values.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


# No driver that was met makes a shorter buffer for a text.
_SHORTEST_BUFFER = 255


def _without_own_nuls(values: pa.Array) -> tuple[pa.Array, bool]:
    """NULL instead of values with a NUL of their own; and whether there are others. Looks at each, but seldom."""
    firsts = [None if value is None else value.find(b"\0") for value in values.cast(pa.binary()).to_pylist()]
    whole = pc.max(pc.binary_length(values).filter(pa.array([first == -1 for first in firsts]))).as_py() or 0
    surely = max(whole, _SHORTEST_BUFFER)
    own = pa.array([first is not None and 0 <= first < surely for first in firsts])
    unclear = any(first is not None and first >= surely for first in firsts)
    return pc.if_else(own, pa.scalar(None, pa.string()), values), unclear


def _utf16_bytes(values: pa.Array) -> pa.Array:
    """What each value has in UTF-16: two bytes a character, four for those of four bytes in UTF-8."""
    units = pc.cast(pc.utf8_length(values), pa.int64())
    found, places = _bytes_of(values)
    astral = np.flatnonzero(found >= 0xF0)
    if astral.size:
        per_value = np.diff(np.searchsorted(astral, places))
        units = pc.add(units, pa.array(per_value, pa.int64()))
    return pc.multiply(units, 2)
