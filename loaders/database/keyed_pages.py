"""A table read in pages along one of its keys, for drivers that hold a result as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pyarrow as pa

from loaders.database.catalog import StoredColumn, StoredTable
from loaders.database.connection import Connection
from loaders.database.dialect import ReadingDialect
from loaders.database.select import Select, Selected

# Rows of a page: keys and names, some tens of megabytes at most.
PAGE_ROWS = 100_000


def paging_key(table: StoredTable) -> tuple[StoredColumn, ...]:
    """The columns of a key that orders every row; none where there is no such key."""
    for names in table.keys:
        columns = [table.column(name) for name in names]
        if all(column is not None and _orders(column) for column in columns):
            return tuple(column for column in columns if column is not None)
    return ()


def _orders(column: StoredColumn) -> bool:
    return not column.nullable and column.arrow is not None and column.ordered


def pages(
    connection: Connection,
    reading: ReadingDialect,
    select: Select,
    key: Sequence[StoredColumn],
    *,
    rows: int = PAGE_ROWS,
) -> Iterator[pa.Table]:
    """The rows of a SELECT (whose tail has its WHERE) in pages of so many, the server's own order of the key."""
    quoted = [reading.quote(column.name) for column in key]
    texts = [
        Selected(f"key {at}", reading.as_text(sql, column), pa.string())
        for at, (sql, column) in enumerate(zip(quoted, key, strict=True))
    ]
    order = f"ORDER BY {', '.join(quoted)} {reading.first(rows)}"
    page = replace(select, columns=(*select.columns, *texts), order=order)
    while True:
        found = connection.table(page)
        yield found.select([column.name for column in select.columns])
        if len(found) < rows:
            return
        last = [found[text.name][-1].as_py() for text in texts]
        condition, values = _behind(reading, quoted, key, last)
        tail = f"{select.tail} AND {condition}"
        page = replace(page, tail=tail, values=(*select.values, *values))


def _behind(
    reading: ReadingDialect, quoted: Sequence[str], key: Sequence[StoredColumn], last: Sequence[str]
) -> tuple[str, list[str]]:
    """(a > ?) OR (a = ? AND b > ?) …, and what is implied by it and lets an index serve."""
    steps, values = [], [last[0]]
    for depth in range(len(key)):
        equal = [f"{quoted[at]} = {reading.bound(key[at])}" for at in range(depth)]
        steps.append("(" + " AND ".join([*equal, f"{quoted[depth]} > {reading.bound(key[depth])}"]) + ")")
        values += last[: depth + 1]
    return f"({quoted[0]} >= {reading.bound(key[0])} AND ({' OR '.join(steps)}))", values
