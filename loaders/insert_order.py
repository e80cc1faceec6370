"""In which groups the rows of one table are inserted, where one INSERT cannot take them all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl
import pyarrow as pa

from loaders.sink import ForeignKeySpec


def in_groups(rows: pa.Table, keys: Sequence[ForeignKeySpec], omitted: Sequence[str]) -> Iterator[pa.Table]:
    """The rows as one INSERT after the other takes them. keys: the table's foreign keys to itself. omitted: columns
    that are left out where they are NULL."""
    for wave in in_waves(rows, keys) if keys else (rows,):
        yield from without_nulls(wave, omitted)


def in_waves(rows: pa.Table, keys: Sequence[ForeignKeySpec]) -> Iterator[pa.Table]:
    """Rows that refer to rows of their own table, each wave after those that it refers to; the rows of a wave keep
    their order. Rows that refer to each other or to themselves come last, for the database to judge.

    keys: the table's foreign keys to itself.
    """
    names = dict.fromkeys(name for key in keys for name in (*key.columns, *key.references))
    left = pl.DataFrame(rows.select(list(names))).with_row_index("at")
    while left.height:
        waiting = pl.concat([_waiting(left, key) for key in keys]).unique()
        ready = left.join(waiting, on="at", how="anti", maintain_order="left") if waiting.height < left.height else left
        yield rows if ready.height == len(rows) else rows.take(ready["at"].cast(pl.Int64).to_arrow())
        left = left.join(ready.select("at"), on="at", how="anti", maintain_order="left")


def _waiting(left: pl.DataFrame, key: ForeignKeySpec) -> pl.DataFrame:
    """Which rows refer to one that is not inserted yet."""
    theirs = left.select(
        pl.col(name).cast(left.schema[own], strict=False).alias(f"key{at}")
        for at, (own, name) in enumerate(zip(key.columns, key.references, strict=True))
    )
    ours = left.select("at", *(pl.col(own).alias(f"key{at}") for at, own in enumerate(key.columns)))
    return ours.join(theirs, on=theirs.columns, how="semi").select("at")


def without_nulls(rows: pa.Table, columns: Sequence[str]) -> Iterator[pa.Table]:
    """The rows in groups that have the same of `columns` NULL, without those columns."""
    names = [name for name in columns if name in rows.column_names and rows[name].null_count]
    if not names:
        yield rows
        return
    nulls = pl.DataFrame(rows.select(names)).select(null=pl.struct(pl.col(name).is_null() for name in names))
    groups = nulls.with_row_index("at").group_by("null", maintain_order=True).agg("at")
    for group in range(groups.height):
        some = rows.take(groups["at"][group].cast(pl.Int64).to_arrow())
        yield some.drop_columns([name for name, is_null in groups["null"][group].items() if is_null])
