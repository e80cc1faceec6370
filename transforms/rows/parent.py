"""Where the parent row of each row stands."""

from __future__ import annotations

import polars as pl
import pyarrow as pa

# `_row` is an int32: with it in the low half, (document, row) is one int64 for any document of a chunk.
_ROW_SPAN = 2**32


def parent_positions(rows: pa.Table, parent: pa.Table) -> pa.Array:
    """The position in `parent` of each row's parent row, int64; null where it has none or it is not there any more.

    A row's parent row is the one with the same `_document` whose `_row` is the row's `_parent`.
    """
    children = _identity(rows, "_parent")
    parents = _identity(parent, "_row").with_row_index("position")
    joined = children.join(parents, on="identity", how="left", maintain_order="left").select(
        pl.col("position").cast(pl.Int64)
    )
    return joined.collect().to_series().to_arrow()


def _identity(rows: pa.Table, row: str) -> pl.LazyFrame:
    frame = pl.DataFrame(rows.select(["_document", row]))
    return frame.lazy().select(identity=pl.col("_document") * _ROW_SPAN + pl.col(row))
