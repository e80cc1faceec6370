"""Key ranges by the database itself, over any driver: it orders, compares, cuts and counts keys; we carry texts."""

from __future__ import annotations

import hashlib
import random
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loaders.database.catalog import StoredColumn
from loaders.database.connection import Connection
from loaders.database.dialect import ReadingDialect
from loaders.database.select import Select, Selected
from loaders.errors import DataError, UsageError
from loaders.source import Key, KeyColumn, KeyRange, RangeCut, RangeKeys
from loaders.sql import named_range_condition

# A range is cut at distinct keys, so a key shared by very many rows would make one range of any size.
MOST_ROWS_PER_KEY = 100_000
# Keys in one statement: databases limit the number of bound values, and how many SELECTs a UNION may have.
_RANKED_AT_ONCE = 200
_PIVOTS = 60


@dataclass(frozen=True)
class KeyRanges:
    """The key side of a source.

    relation: SQL that can stand after FROM. columns: those of the key, as the database describes them. name: what to
    call the source in messages. unique: whether a constraint says that no two rows share a key.
    """

    reading: ReadingDialect
    relation: str
    columns: tuple[StoredColumn, ...]
    name: str
    unique: bool = False

    @property
    def key(self) -> tuple[KeyColumn, ...]:
        """See Source.key."""
        return tuple(KeyColumn(column.name, column.type) for column in self.columns)

    def selected(self) -> tuple[Selected, ...]:
        """The key columns: integers as such, everything else as the database's text of it."""
        return tuple(
            Selected(column.name, self.reading.as_integer(self._quoted(column), column), pa.int64())
            if self.reading.is_integer(column)
            else Selected(column.name, self._text(column), pa.string())
            for column in self.columns
        )

    def condition(self, within: KeyRange) -> tuple[str, tuple[str, ...]]:
        """A WHERE condition for a range, and its values."""
        names, bounds = [*map(self._quoted, self.columns)], [*map(self.reading.bound, self.columns)]
        condition, values = named_range_condition(names, bounds, within)
        return condition, tuple(values)

    def tail(self, within: KeyRange) -> tuple[str, tuple[str, ...]]:
        """`FROM … WHERE …` for the rows of a range, and its values."""
        condition, values = self.condition(within)
        return f"FROM {self.relation} WHERE {condition}", values

    def listing(self, within: KeyRange, beside: Sequence[Selected] = ()) -> Select:
        """Every key of a range in order, with further columns.

        Keys that the database calls equal are ordered by their texts, so that the order is always the same.
        """
        tail, values = self.tail(within)
        ties = [self._text(column) for column in self.columns if not self.reading.is_integer(column)]
        order = "ORDER BY " + ", ".join([*map(self._quoted, self.columns), *ties])
        return Select((*self.selected(), *beside), tail, values, order)

    def order(self, rows: int, skip: int = 0) -> str:
        """What keeps so many rows, the first by their keys, after leaving out others."""
        return f"ORDER BY {self._names} {self.reading.first(rows, skip)}"

    def key_at(self, connection: Connection, within: KeyRange, rows: int) -> Key | None:
        """See Source.key_at."""
        tail, values = self.tail(within)
        order = self.order(1, rows - 1)
        found = key_texts(connection.table(Select(self.selected(), tail, values, order)), self.columns)
        return next(iter(keys_of(found)), None)

    def rank(self, connection: Connection, keys: Sequence[Key]) -> list[int]:
        """See Source.rank."""
        distinct = list(dict.fromkeys(keys))
        places = self._places(connection, distinct)
        return [places[key] for key in keys]

    def _places(self, connection: Connection, keys: list[Key]) -> dict[Key, int]:
        """The dense rank of each of these keys. More than fit into a statement are sorted by samples: ranked among
        pivots, then among those that lie between the same two."""
        if len(keys) <= _RANKED_AT_ONCE:
            return dict(zip(keys, self._ranked(connection, keys), strict=True))
        pivots = random.Random(len(keys)).sample(keys, _PIVOTS)  # noqa: S311 (only for speed it matters which ones)
        chosen = set(pivots)
        others = [key for key in keys if key not in chosen]
        buckets: dict[int, list[Key]] = {}
        room = _RANKED_AT_ONCE - _PIVOTS
        for start in range(0, len(others), room):
            part = others[start : start + room]
            ranks = self._ranked(connection, [*pivots, *part])
            bounds = sorted(set(ranks[:_PIVOTS]))
            placed = zip(part, ranks[_PIVOTS:], strict=True) if start else zip([*pivots, *part], ranks, strict=True)
            for key, rank in placed:  # even: before that pivot; odd: equal to it
                at = bisect_left(bounds, rank)
                equal = at < len(bounds) and bounds[at] == rank
                buckets.setdefault(2 * at + equal, []).append(key)
        places: dict[Key, int] = {}
        reached = 0
        for number, inside in sorted(buckets.items()):
            found = dict.fromkeys(inside, 1) if number % 2 else self._places(connection, inside)
            places |= {key: reached + place for key, place in found.items()}
            reached += max(found.values())
        return places

    def _ranked(self, connection: Connection, keys: Sequence[Key]) -> list[int]:
        """Dense ranks by one statement; an empty branch gives the columns the source's own types and collations."""
        if not keys:
            return []
        self._check(keys)
        bound = ", ".join(self.reading.bound(column) for column in self.columns)
        branches = [f"SELECT -1 AS columnar_place, {self._names} FROM {self.relation} WHERE 1 = 0"]
        branches += [f"SELECT {at}, {bound}" for at in range(len(keys))]
        columns = (Selected("place", "columnar_place", pa.int64()), Selected("rank", self.place, pa.int64()))
        tail = f"FROM ({' UNION ALL '.join(branches)}) ranked"
        values = tuple(part for key in keys for part in key)
        try:
            ranked = connection.table(Select(columns, tail, values))
        except DataError as error:
            raise UsageError(f"{self.name}: not a key of ({self._types}): {error.message}") from error
        return list(ranked.sort_by("place")["rank"].to_pylist())

    def _check(self, keys: Sequence[Key]) -> None:
        """Some databases make a number of any text."""
        for at, column in enumerate(self.columns):
            wrong = next(
                (key[at] for key in keys if self.reading.is_integer(column) and not _is_integer(key[at])), None
            )
            if wrong is not None:
                raise UsageError(f"{self.name}: not a key of ({self._types}): {wrong!r} is no integer")

    def cut(
        self, connection: Connection, gap: KeyRange, *, rows: int, total_bytes: int, size: str | None
    ) -> Iterator[RangeCut]:
        """See Source.cut. size: the SQL of a document's size; None where that would mean reading each."""
        names, (condition, values) = self._names, self.condition(gap)
        weight = f", sum({size}) AS columnar_bytes" if size else ""
        counted = (
            f"SELECT {names}, {self._integer('count(*)')} AS columnar_rows{weight}"
            f" FROM {self.relation} WHERE {condition} GROUP BY {names}"
        )
        over = f"OVER (ORDER BY {names} ROWS UNBOUNDED PRECEDING)"
        weight = f", sum(columnar_bytes) {over} AS columnar_weight" if size else ""
        upto = f"sum(columnar_rows) {over} AS columnar_upto{weight}"
        summed = f"SELECT {names}, columnar_rows, {upto} FROM ({counted}) counted"
        bucket = _steps("(columnar_upto - 1)", rows)
        if size:
            bucket += " + " + _steps("coalesce(columnar_weight, 0)", max(1, total_bytes))
        placed = f"SELECT {names}, columnar_rows, columnar_upto, {bucket} AS columnar_bucket FROM ({summed}) summed"
        following = f"lead(columnar_bucket) OVER (ORDER BY {names}) AS columnar_next"
        ends = f"SELECT {names}, columnar_rows, columnar_upto, columnar_bucket, {following} FROM ({placed}) placed"
        until, most = (
            Selected(f"columnar {name}", self._integer(f"columnar_{name}"), pa.int64()) for name in ("upto", "rows")
        )
        tail = (
            f"FROM ({ends}) ends WHERE columnar_next IS NULL OR columnar_next <> columnar_bucket"
            f" OR columnar_rows > {MOST_ROWS_PER_KEY}"
        )
        found = connection.table(Select((*self.selected(), until, most), tail, values, "ORDER BY columnar_upto"))
        if len(found) and pc.max(found[most.name]).as_py() > MOST_ROWS_PER_KEY:
            raise self._shared_by(pc.max(found[most.name]).as_py())
        low, inclusive, before = gap.low, gap.low_inclusive, 0
        for high, reached in zip(keys_of(key_texts(found, self.columns)), found[until.name].to_pylist(), strict=True):
            yield RangeCut(KeyRange(low, high, low_inclusive=inclusive), reached - before)
            low, inclusive, before = high, False, reached

    def _shared_by(self, rows: int) -> UsageError:
        names = ", ".join(column.name for column in self.columns)
        return UsageError(
            f"{self.name}: one value of the key ({names}) is shared by {rows:,} rows",
            hint="name more columns in the source's key, so that it tells rows apart",
        )

    def measure(self, connection: Connection, within: KeyRange) -> RangeKeys:
        """See Source.measure."""
        tail, values = self.tail(within)
        rows = Selected("rows", self._integer("count(*)"), pa.int64())
        digest = self.reading.keys_digest([self._text(column) for column in self.columns])
        if digest is not None:
            found = connection.table(Select((rows, Selected("digest", digest, pa.string())), tail, values)).to_pylist()
            return RangeKeys(found[0]["rows"], found[0]["digest"] or "")
        keys = key_texts(connection.table(Select(self.selected(), tail, values)), self.columns)
        return RangeKeys(len(keys), _digest(keys))

    def hashes(self) -> list[Selected]:
        """What is listed beside keys for `listed`."""
        hashes = self.reading.key_hashes([self._text(column) for column in self.columns])
        return [Selected(f"columnar hash {at}", sql, pa.int64()) for at, sql in enumerate(hashes)]

    def listed(self, connection: Connection, within: KeyRange, listing: pa.Table) -> RangeKeys:
        """What `measure` says of a range whose `listing` with its `hashes` this is. One that is empty is counted."""
        if not len(listing):
            return self.measure(connection, within)
        hashes = self.hashes()
        if not hashes:
            return RangeKeys(len(listing), _digest(key_texts(listing, self.columns)))
        return RangeKeys(len(listing), "-".join(str(_sum(listing[each.name])) for each in hashes))

    def count(self, connection: Connection, within: KeyRange) -> int:
        """See Source.count."""
        tail, values = self.tail(within)
        rows = Selected("rows", self._integer("count(*)"), pa.int64())
        return int(connection.table(Select((rows,), tail, values))["rows"][0].as_py())

    @property
    def equal_as_text(self) -> bool:
        """Whether keys are equal only where their texts are."""
        return all(self.reading.is_integer(column) for column in self.columns)

    @property
    def place(self) -> str:
        """The SQL of a row's place among all that are selected: the same for keys that the database calls equal."""
        return self._integer(f"dense_rank() OVER (ORDER BY {self._names})")

    @property
    def _names(self) -> str:
        return ", ".join(map(self._quoted, self.columns))

    @property
    def _types(self) -> str:
        return ", ".join(f"{column.name} {column.type}" for column in self.columns)

    def _quoted(self, column: StoredColumn) -> str:
        return self.reading.quote(column.name)

    def _text(self, column: StoredColumn) -> str:
        return self.reading.as_text(self._quoted(column), column)

    def _integer(self, sql: str) -> str:
        return f"CAST({sql} AS {self.reading.integer})"


def key_texts(table: pa.Table, columns: Sequence[StoredColumn]) -> pa.Table:
    """The key columns of a result as texts."""
    texts = {column.name: pc.cast(table[column.name], pa.string()) for column in columns}
    return pa.table(texts)


def keys_of(texts: pa.Table) -> Iterator[Key]:
    """The keys of a table of texts, one by one."""
    return zip(*(column.to_pylist() for column in texts.columns), strict=True)


def _steps(sql: str, width: int) -> str:
    """How many whole steps of a width a number has. Databases divide integers differently, and not all have a floor."""
    return f"({sql} - {sql} % {int(width)}) / {int(width)}"


def _is_integer(text: str) -> bool:
    return text.strip().lstrip("+-").isdecimal()


def _digest(keys: pa.Table) -> str:
    """The same for the same keys, in whatever order."""
    parts = [pc.fill_null(column, "").cast(pa.binary()) for column in keys.columns]
    joined = pc.binary_join_element_wise(*parts, b"\x1f") if len(parts) > 1 else parts[0]
    ordered = joined.take(pc.sort_indices(joined)).combine_chunks()
    lengths = np.asarray(pc.binary_length(ordered)).astype(">u4").tobytes()
    four_bytes = pa.Array.from_buffers(pa.binary(4), len(ordered), [None, pa.py_buffer(lengths)])
    told = pc.binary_join_element_wise(four_bytes.cast(pa.binary()), ordered, b"")
    size = len(lengths) + (pc.sum(pc.binary_length(ordered)).as_py() or 0)
    return hashlib.sha256(memoryview(told.buffers()[2] or b"")[:size]).hexdigest()[:32]


def _sum(values: pa.ChunkedArray) -> int:
    """Exactly: 64-bit integers overflow together."""
    numbers = np.asarray(values)
    return (int((numbers >> 32).sum()) << 32) + int((numbers & 0xFFFFFFFF).sum())
