"""The SELECTs that no dialect writes by itself: of key ranges and pages, and as turbodbc gets them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from loaders.database.catalog import StoredColumn
from loaders.database.key_ranges import KeyRanges
from loaders.database.keyed_pages import pages
from loaders.database.range_reading import DocumentColumn
from loaders.database.select import Select, Selected
from loaders.database.truncation_guard import TruncationGuard
from loaders.mssql.dialect import MSSQL
from loaders.mssql.session import before_select
from loaders.mssql.statement import select_sql
from loaders.source import EVERYTHING, NULL_KEYS, KeyRange


@dataclass
class Listening:
    """A connection that writes down what it is asked, and answers everything with one row of ones."""

    asked: list[str] = field(default_factory=list)
    streams: bool = False

    def table(self, select: Select) -> pa.Table:
        self.asked.append(select_sql(select))
        ones = [pa.array(["1"], pa.string()).cast(pa.int64()) if f.type == pa.int64() else ["1"] for f in select.schema]
        return pa.table(ones, schema=select.schema)


def range_statements(key: Sequence[StoredColumn], document: StoredColumn, name: str) -> Iterator[tuple[str, str]]:
    """What is asked of a source with this key. name: of the key."""
    connection, reading = Listening(), MSSQL.reading
    keys = KeyRanges(reading, "[dbo].[incoming]", tuple(key), "incoming")
    within = KeyRange(("1",) * len(key), ("2",) * len(key))
    size = DocumentColumn(reading, document).size
    beside = [Selected("place", keys.place, pa.int64()), Selected("size", size, pa.int64())]
    list(keys.cut(connection, within, rows=5_000, total_bytes=1 << 28, size=size))  # type: ignore[arg-type]
    list(keys.cut(connection, EVERYTHING, rows=5_000, total_bytes=1 << 28, size=None))  # type: ignore[arg-type]
    keys.count(connection, NULL_KEYS)  # type: ignore[arg-type]
    keys.measure(connection, within)  # type: ignore[arg-type]
    keys.key_at(connection, within, 100)  # type: ignore[arg-type]
    keys.rank(connection, [("1",) * len(key)])  # type: ignore[arg-type]
    connection.table(keys.listing(within, beside))
    told = ("cut by size", "cut by number", "count of NULL keys", "measure", "key at", "rank", "listing")
    yield from ((f"{name}: {each}", sql) for each, sql in zip(told, connection.asked, strict=True))
    fetched = Selected("document", DocumentColumn(reading, document).sql, pa.string())
    tail, values = keys.tail(within)
    select = Select((*keys.selected(), fetched), tail, values, document="document", longest=1_000_000, rows=1)
    guard = TruncationGuard(reading.length, utf16=True, what="")
    yield f"{name}: documents over turbodbc", before_select() + guard.select(select, 1 << 20)
    yield f"{name}: lengths over turbodbc", before_select() + guard.probe(select)


def page_statements(key: Sequence[StoredColumn]) -> Iterator[tuple[str, str]]:
    """A table in pages along a key, the second one behind the first."""
    connection = Listening()
    select = Select((Selected("a", "CAST([a] AS bigint)", pa.int64()),), "FROM [dbo].[t] WHERE 1 = 1")
    found = pages(connection, MSSQL.reading, select, key, rows=1)  # type: ignore[arg-type]
    next(found)
    next(found)
    yield from zip(("first page", "second page"), connection.asked, strict=True)
