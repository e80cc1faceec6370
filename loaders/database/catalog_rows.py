"""Rows of a database's own catalogue, which are few and short."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from loaders.database.connection import Connection
from loaders.database.select import Select, Selected, Value


def catalog_rows(
    connection: Connection,
    texts: Mapping[str, str],
    tail: str,
    values: Sequence[Value] = (),
    *,
    integers: Mapping[str, str] | None = None,
    order: str = "",
) -> list[dict[str, Any]]:
    """The rows of a SELECT, by name. texts, integers: name -> SQL. tail, order: see Select."""
    columns = [Selected(name, sql, pa.string()) for name, sql in texts.items()]
    columns += [Selected(name, sql, pa.int64()) for name, sql in (integers or {}).items()]
    found: list[dict[str, Any]] = connection.table(Select(tuple(columns), tail, tuple(values), order)).to_pylist()
    return found
