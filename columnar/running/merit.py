"""Which of two documents is the better one: by columns of the key's table, as a whole number for each."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
import pyarrow as pa

from columnar.running.chunk import PreparedChunk
from loaders.sink import Sink
from transforms.documents import DOCUMENT
from transforms.duplicates import canonical_keys


@dataclass(frozen=True, slots=True)
class Keep:
    """The first or the last by some columns of the target's `table`, which has the key columns `on`. A NULL is worse
    than any value."""

    table: str
    on: tuple[str, ...]
    by: tuple[str, ...]
    last: bool


def with_merits(
    candidates: pa.Table, matched: pa.Table, keep: Keep, prepared: PreparedChunk, sink: Sink
) -> tuple[pa.Table, pa.Table]:
    """The candidates and the staged keys that they have, each with `merit`: the greater is the better one.

    What was loaded before is asked of the target, whoever loaded it; where several rows have a key, the best counts.
    """
    theirs = prepared.tables[keep.table]
    rows = pl.DataFrame(theirs.select([DOCUMENT, *keep.on, *keep.by])).unique(
        DOCUMENT, keep="first", maintain_order=True
    )
    wanted = pl.DataFrame(candidates).join(
        pl.DataFrame(matched).select("key").drop_nulls().unique(), on="key", how="semi"
    )
    keys = rows.join(wanted, left_on=DOCUMENT, right_on="document", how="semi").select(keep.on).unique()
    mine = rows.select(pl.col(DOCUMENT).alias("document"), *keep.by)
    before = _before(sink, keep, keys, mine)
    ranks = _ranks(pl.concat([mine.select(keep.by), before.select(keep.by)]), keep)
    merits = mine.join(ranks, on=keep.by, how="left", nulls_equal=True).select("document", "merit")
    staged = before.join(ranks, on=keep.by, how="left", nulls_equal=True).group_by("key").agg(pl.col("merit").max())
    return _joined(candidates, merits, "document"), _joined(matched, staged, "key")


def _before(sink: Sink, keep: Keep, keys: pl.DataFrame, mine: pl.DataFrame) -> pl.DataFrame:
    """key, and the columns of `by` in the candidates' types: of the target's rows."""
    found = pl.DataFrame(schema={"key": pl.String, **{name: mine.schema[name] for name in keep.by}})
    if not keys.height:
        return found
    kinds = keys.to_arrow().schema
    for batch in sink.select(keep.table, [*keep.on, *keep.by], keys.to_arrow()):
        told = pa.Table.from_batches([batch])
        texts = canonical_keys(told.select(list(keep.on)).cast(kinds), keep.on)
        rows = pl.DataFrame(told.select(list(keep.by))).cast(
            {name: mine.schema[name] for name in keep.by}, strict=False
        )
        found = pl.concat([found, rows.select(pl.Series("key", texts, dtype=pl.String), *keep.by)])
    return found


def _ranks(values: pl.DataFrame, keep: Keep) -> pl.DataFrame:
    """Each combination of values once, with its merit."""
    ordered = values.unique().sort(keep.by, descending=not keep.last, nulls_last=False)
    return ordered.with_columns(merit=pl.int_range(pl.len(), dtype=pl.Int64))


def _joined(table: pa.Table, merits: pl.DataFrame, on: str) -> pa.Table:
    frame = pl.DataFrame(table).join(merits, on=on, how="left", maintain_order="left")
    merit = frame["merit"].fill_null(0).to_arrow()
    return table.append_column("merit", merit)
