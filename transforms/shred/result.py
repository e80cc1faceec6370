"""What a shredder returns, whichever shredder it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import TypeAlias

import pyarrow as pa

# The first columns of every extract. `_row` counts the rows of this extract within its document from 0, in document
# order; `_parent` is the `_row` of the parent extract's row (null: the table has no parent, or no ancestor element is a
# row of it); `_position` counts from 1 among the rows with the same parent row (the same document where there is no
# parent); `_line` is the line its start tag ends on. (_document, _row) identifies a row, whatever the batch.
ROW_FIELDS = (
    pa.field("_document", pa.int64(), nullable=False),
    pa.field("_row", pa.int32(), nullable=False),
    pa.field("_parent", pa.int32()),
    pa.field("_position", pa.int32(), nullable=False),
    pa.field("_line", pa.int32(), nullable=False),
)

# Documents that are not shredded: reason is one of REASONS; line and column are 1-based, 0 where unknown.
REFUSED_SCHEMA = pa.schema(
    [
        pa.field("document", pa.int64(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("line", pa.int32(), nullable=False),
        pa.field("column", pa.int32(), nullable=False),
        pa.field("detail", pa.string(), nullable=False),
    ]
)

# The coarse, stable codes of the shredder; what went wrong exactly is in `detail`.
REASONS = (
    "not_well_formed",
    "truncated",
    "doctype",
    "encoding",
    "limit",
    "wrong_root",
    "no_contract",
    "empty",
    "namespace",
    "many_values",
)

# Cells whose path met several nodes, per table and column.
SEVERAL_SCHEMA = pa.schema([("table", pa.string()), ("column", pa.string()), ("cells", pa.int64())])

# How many documents were read which way ("native" or "lxml"), and why lxml read them: one of WHYS. For "native": '', or
# `xpath` where lxml read them too.
WAYS_SCHEMA = pa.schema(
    [
        pa.field("way", pa.string(), nullable=False),
        pa.field("why", pa.string(), nullable=False),
        pa.field("documents", pa.int64(), nullable=False),
    ]
)

# Why lxml read a document: for all of a run (the first two), for all of a contract (the next three), or for that one.
WHYS = (
    "by_choice", "no_kernel", "routes", "predicates", "xpath",
    "doctype", "encoding", "declaration", "xml_version", "namespace_uri", "limit",
)  # fmt: skip


Refusal: TypeAlias = tuple[int, str, int, int, str]  # a row of REFUSED_SCHEMA
_Rows: TypeAlias = tuple[tuple[object, ...], ...]


class _Maker:
    """Makes the tables of a schema. Of few rows most batches have the same: to look these up is faster."""

    def __init__(self, schema: pa.Schema) -> None:
        self._schema = schema
        self._made = lru_cache(maxsize=16)(self._make)

    def __call__(self, rows: _Rows) -> pa.Table:
        return self._made(rows) if len(rows) < _FEW else self._make(rows)

    def _make(self, rows: _Rows) -> pa.Table:
        columns = [pa.array([row[at] for row in rows], kind.type) for at, kind in enumerate(self._schema)]
        return pa.Table.from_arrays(columns, schema=self._schema)


_FEW = 3
_refused, _several, _ways = map(_Maker, (REFUSED_SCHEMA, SEVERAL_SCHEMA, WAYS_SCHEMA))


def refused_table(refused: Iterable[Refusal]) -> pa.Table:
    """REFUSED_SCHEMA, in document order."""
    return _refused(tuple(sorted(refused, key=itemgetter(0))))


def several_table(several: Mapping[tuple[str, str], int]) -> pa.Table:
    """SEVERAL_SCHEMA, from (table, column) -> cells; in a fixed order."""
    return _several(tuple((*of, cells) for of, cells in sorted(several.items()) if cells))


def ways_table(counts: Mapping[tuple[str, str], int]) -> pa.Table:
    """WAYS_SCHEMA, from (way, why) -> documents; in a fixed order, without those that no document took."""
    return _ways(tuple((*way, documents) for way, documents in sorted(counts.items()) if documents))


@dataclass(frozen=True)
class Shredded:
    """One batch of documents, shredded.

    extracts: table name -> one Arrow table: ROW_FIELDS, then the table's own columns as text (`string`; `list<string>`
        for `many: list`); null: no such node; '' : an empty one. Rows stand in document order. Inherited columns are
        not in it. Documents that were refused have no rows anywhere.
    refused: REFUSED_SCHEMA, in document order, one row a document.
    several: SEVERAL_SCHEMA, only cells of documents that were not refused.
    ways: WAYS_SCHEMA; its documents are those of the batch, each counted once.
    """

    extracts: dict[str, pa.Table]
    refused: pa.Table
    several: pa.Table
    ways: pa.Table
