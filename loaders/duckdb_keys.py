"""Key ranges by DuckDB, for whatever it can select from: it orders, compares, cuts and counts; we only carry texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import duckdb
import pyarrow as pa

from loaders.duckdb_engine import duckdb_errors, first_row
from loaders.errors import UsageError
from loaders.source import Key, KeyColumn, KeyRange, RangeCut, RangeKeys
from loaders.sql import quote, range_condition

# A range is cut at distinct keys, so a key shared by very many rows would make one range of any size.
MOST_ROWS_PER_KEY = 100_000


class DuckDBKeys:
    """The key side of a source.

    relation: SQL that can stand after FROM. key: its key columns. name: what to call it in messages.
    """

    def __init__(self, cursor: duckdb.DuckDBPyConnection, relation: str, key: tuple[KeyColumn, ...], name: str) -> None:
        self._cursor = cursor
        self._relation = relation
        self._name = name
        self.key = key
        self._columns = ", ".join(quote(part.name) for part in key)
        self.texts = ", ".join(f"CAST({quote(part.name)} AS VARCHAR) AS {quote(part.name)}" for part in key)

    def rank(self, keys: Sequence[Key]) -> list[int]:
        """See Source.rank."""
        if not keys:
            return []
        casts = ", ".join(f"CAST({quote(part.name)} AS {part.type})" for part in self.key)
        rows = pa.table(
            {"i": pa.array(range(len(keys)), pa.int64())}
            | {part.name: pa.array([key[at] for key in keys], pa.string()) for at, part in enumerate(self.key)}
        )
        with duckdb_errors(f"{self._name}: key"):
            self._cursor.register("ranked_keys", rows)
            try:
                # The empty branch gives the columns the source's own type and collation.
                ranked = self._cursor.execute(
                    f"SELECT dense_rank() OVER (ORDER BY {self._columns}) FROM"
                    f" (SELECT -1 AS i, {self._columns} FROM {self._relation} WHERE false"
                    f" UNION ALL SELECT i, {casts} FROM ranked_keys) ORDER BY i"
                ).fetchall()
            except duckdb.ConversionException as error:
                first = str(error).split("\n", maxsplit=1)[0]
                types = ", ".join(f"{part.name} {part.type}" for part in self.key)
                raise UsageError(f"{self._name}: not a key of ({types}): {first}") from error
            finally:
                self._cursor.unregister("ranked_keys")
        return [row[0] for row in ranked]

    def ordered(self, cursor: duckdb.DuckDBPyConnection, within: KeyRange, *, beside: Sequence[str] = ()) -> pa.Table:
        """Every key of a range as texts, in order, with further columns (`beside`, named `_0`, `_1` …), in the snapshot
        of the given cursor.

        Keys that the source's collation calls equal are ordered by their texts, so that the order is always the same.
        Ordered inside, where the names mean the columns and not their texts.
        """
        condition, values = range_condition(self.key, within)
        ties = ", ".join(f"encode(CAST({quote(part.name)} AS VARCHAR))" for part in self.key)
        inner = "".join(f", {quote(name)} AS _{at}" for at, name in enumerate(beside))
        outer = "".join(f", _{at}" for at in range(len(beside)))
        with duckdb_errors(self._name):
            return cursor.sql(
                f"SELECT {self.texts}{outer} FROM (SELECT {self._columns}{inner} FROM {self._relation}"
                f" WHERE {condition} ORDER BY {self._columns}, {ties})",
                params=values,
            ).to_arrow_table()

    def key_at(self, within: KeyRange, rows: int) -> Key | None:
        """See Source.key_at."""
        condition, values = range_condition(self.key, within)
        with duckdb_errors(self._name):
            found = first_row(
                self._cursor,
                f"SELECT {self.texts} FROM (SELECT {self._columns} FROM {self._relation} WHERE {condition}"
                f" ORDER BY {self._columns} LIMIT 1 OFFSET {int(rows) - 1})",
                values,
            )
        return None if found is None else tuple(found)

    def cut(self, gap: KeyRange, *, rows: int) -> Iterator[RangeCut]:
        """See Source.cut."""
        condition, values = range_condition(self.key, gap)
        columns = self._columns
        with duckdb_errors(self._name):
            bounds = self._cursor.execute(
                f"WITH counted AS (SELECT {columns}, count(*) AS n FROM {self._relation}"
                f" WHERE {condition} GROUP BY {columns}),"
                f" summed AS (SELECT *, sum(n) OVER (ORDER BY {columns} ROWS UNBOUNDED PRECEDING) AS upto"
                f" FROM counted),"
                f" placed AS (SELECT *, (upto - 1) // {int(rows)} AS bucket FROM summed),"
                f" ends AS (SELECT *, max(n) OVER (PARTITION BY bucket) AS most,"
                f" lead(bucket) OVER (ORDER BY {columns}) IS DISTINCT FROM bucket AS ends FROM placed)"
                f" SELECT {self.texts}, upto, most FROM ends WHERE ends ORDER BY upto",
                values,
            ).fetchall()
        low, inclusive, before = gap.low, gap.low_inclusive, 0
        for *high, upto, most in bounds:
            if most > MOST_ROWS_PER_KEY:
                names = ", ".join(part.name for part in self.key)
                raise UsageError(
                    f"{self._name}: one value of the key ({names}) is shared by {most:,} rows",
                    hint="name more columns in the source's key, so that it tells rows apart",
                )
            yield RangeCut(KeyRange(low, tuple(high), low_inclusive=inclusive), int(upto) - before)
            low, inclusive, before = tuple(high), False, int(upto)

    def count(self, ranges: Sequence[KeyRange]) -> list[int]:
        """See Source.count."""
        return [each.rows for each in self.measure(ranges)]

    def measure(self, ranges: Sequence[KeyRange], cursor: duckdb.DuckDBPyConnection | None = None) -> list[RangeKeys]:
        """See Source.measure; in the snapshot of a cursor, if one is given."""
        measured = []
        # md5, since hash() need not stay the same from one version of DuckDB to the next.
        text = " || chr(31) || ".join(f"coalesce(CAST({quote(part.name)} AS VARCHAR), '')" for part in self.key)
        with duckdb_errors(self._name):
            for each in ranges:
                condition, values = range_condition(self.key, each)
                found = first_row(
                    cursor or self._cursor,
                    f"SELECT count(*), CAST(bit_xor(md5_number({text})) AS VARCHAR)"
                    f" FROM {self._relation} WHERE {condition}",
                    values,
                )
                measured.append(RangeKeys(int(found[0]), found[1] or "") if found else RangeKeys(0, ""))
        return measured
