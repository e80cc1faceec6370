"""Rows by document: how many each one has, and the tables with or without some of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from transforms.shred.result import ROW_FIELDS

DOCUMENT = "_document"


def rows_per_document(tables: Mapping[str, pa.Table], documents: int) -> pa.Table:
    """How many rows each document has in each table.

    tables: table name -> rows that carry their document's ordinal in `_document`, in any order.
    documents: how many documents the ordinals count, from 0; ValueError for a row of any other document.
    Returns one int64 column per table, in the order of `tables`; row i is document i.
    """
    return pa.table({name: _rows_by_ordinal(name, table, documents) for name, table in tables.items()})


def _rows_by_ordinal(name: str, table: pa.Table, documents: int) -> pa.Array:
    zeros = pl.zeros(documents, dtype=pl.Int64, eager=True)
    if not table.num_rows:
        return zeros.to_arrow()
    counted = pl.Series(table.column(DOCUMENT)).value_counts(name="rows")
    ordinals = counted.to_series(0)
    if not ordinals.is_between(0, documents - 1).fill_null(value=False).all():
        raise ValueError(
            f"table {name!r} has rows of documents {ordinals.min()!r} to {ordinals.max()!r}, "
            f"expected 0 to {documents - 1}"
        )
    return zeros.scatter(ordinals, counted.get_column("rows").cast(pl.Int64)).to_arrow()


def rows_as_json(counts: pa.Table) -> pa.Array:
    """What `rows_per_document` counted as one JSON text a document: `{"application":1,"contact":2}`.

    Tables without rows are left out and the others keep their order; a document without any row is `{}`.
    """
    if not counts.num_columns:
        return pa.array(["{}"] * counts.num_rows, pa.string())
    parts = [
        pl.when(pl.col(name) != 0).then(pl.format(",{}:{}", pl.lit(_quoted(name)), name)).otherwise(pl.lit(""))
        for name in counts.column_names
    ]
    text = pl.concat_str(pl.lit("{"), pl.concat_str(parts).str.strip_prefix(","), pl.lit("}"))
    return pc.cast(pl.DataFrame(counts).select(rows=text).to_series().to_arrow(), pa.string())


def parse_rows(rows: pa.Array | pa.ChunkedArray, tables: Iterable[str]) -> pa.Table:
    """The counts that `rows_as_json` wrote: one int64 column per name of `tables`, 0 where the text does not name it.

    A NULL text counts nothing. Names that are not among `tables` are left out.
    """
    names = list(tables)
    series = pl.Series(rows).cast(pl.String)
    if not names:
        return pa.table({})
    decoded = series.fill_null("{}").str.json_decode(pl.Struct(dict.fromkeys(names, pl.Int64)))
    frame = decoded.struct.unnest().select(pl.col(name).fill_null(0) for name in names)
    return frame.to_arrow().cast(pa.schema([(name, pa.int64()) for name in names]))


def strip_row_fields(table: pa.Table) -> pa.Table:
    """The table without the shredder's own columns (`_document`, `_row`, `_parent`, `_position`, `_line`)."""
    internal = {field.name for field in ROW_FIELDS}
    return table.select([name for name in table.column_names if name not in internal])


def keep_documents(tables: Mapping[str, pa.Table], ordinals: pa.Array | pa.ChunkedArray) -> dict[str, pa.Table]:
    """The rows of the documents of `ordinals`, in their order; a table that loses nothing is returned as it is."""
    return {name: _where(table, _among(table, ordinals)) for name, table in tables.items()}


def drop_documents(tables: Mapping[str, pa.Table], ordinals: pa.Array | pa.ChunkedArray) -> dict[str, pa.Table]:
    """The rows of all other documents, in their order; a table that loses nothing is returned as it is."""
    if not len(ordinals):
        return dict(tables)
    return {name: _where(table, pc.invert(_among(table, ordinals))) for name, table in tables.items()}


def _among(table: pa.Table, ordinals: pa.Array | pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.is_in(table.column(DOCUMENT), value_set=ordinals.cast(pa.int64()), skip_nulls=True)


def _where(table: pa.Table, mask: pa.ChunkedArray) -> pa.Table:
    if not table.num_rows or pc.all(mask).as_py():
        return table
    return table.filter(mask)


def _quoted(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)
