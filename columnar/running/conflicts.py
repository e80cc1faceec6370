"""Rows whose key the target holds already, of tables that leave such rows out (`on_conflict: skip`).

The first row of a key wins: one of the target, then one of an earlier chunk of the run, then the first in the order of
the source. Like the keys of documents, those of rows are decided at one place and in one order; a chunk that is decided
once more, without a document, may have other winners.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from loaders.sink import Sink
from loaders.staged_keys import StagedKeys
from transforms.duplicates import canonical_keys

# A column of canonical keys beside those of the table, by a name that no column can have.
ROW_KEY = "#key"


def stage_row_keys(sink: Sink, staged: StagedKeys, tables: Mapping[str, tuple[str, ...]]) -> None:
    """Stage every key that these tables of the target hold, whoever loaded them, unless they are staged already.

    tables: name -> key columns.
    """
    for name, key in tables.items():
        if not staged.has_rows(name):
            staged.stage_rows(name, _stored_keys(sink, name, key))


def _stored_keys(sink: Sink, name: str, key: tuple[str, ...]) -> Iterator[pa.Array]:
    for batch in sink.stream(name, list(key), {}):
        yield canonical_keys(pa.Table.from_batches([batch]), key)


def with_row_keys(
    rows: Mapping[str, pa.Table], tables: Mapping[str, tuple[str, ...]], sink: Sink, staged: StagedKeys
) -> dict[str, pa.Table]:
    """The rows whose key is not staged, with ROW_KEY: as the target would store it. Other tables stay as they are."""
    keyed = dict(rows)
    for name in tables.keys() & rows.keys():
        keys = canonical_keys(sink.as_stored(name, rows[name].select(list(tables[name]))), tables[name])
        known = staged.known_rows(name, keys)
        free = pc.invert(pc.is_in(keys, value_set=known, skip_nulls=True))
        keyed[name] = rows[name].append_column(ROW_KEY, keys).filter(free)
    return keyed


def first_rows(keyed: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """The first row of each key, as the rows stand; a row without a key stays, for the target to judge."""
    first = dict(keyed)
    for name, rows in keyed.items():
        if ROW_KEY in rows.column_names:
            keys = pl.Series(rows[ROW_KEY])
            kept = keys.is_first_distinct() | keys.is_null()
            first[name] = rows if kept.all() else rows.filter(kept.to_arrow())
    return first


def without_row_keys(keyed: Mapping[str, pa.Table]) -> tuple[dict[str, pa.Table], dict[str, pa.Array]]:
    """The rows without ROW_KEY, and the keys by table."""
    keys = {name: rows[ROW_KEY].combine_chunks() for name, rows in keyed.items() if ROW_KEY in rows.column_names}
    return {name: rows.drop_columns([ROW_KEY]) if name in keys else rows for name, rows in keyed.items()}, keys
