"""Documents that were loaded and purged since: what was known of them before counts no more."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
import pyarrow as pa

from columnar.bookkeeping.ledger import DOCUMENT
from columnar.bookkeeping.retried import PURGED
from loaders.sink import Sink


class PurgedDocuments:
    """The newest purge of each of a job's documents, in all its generations."""

    def __init__(self, sink: Sink, job: str) -> None:
        found = pl.DataFrame(schema={"generation": pl.Int32, "source_key": pl.String, "purge": pl.Int64})
        for batch in sink.stream(DOCUMENT.name, ["generation", "source_key", "chunk"], {"job": job, "reason": PURGED}):
            rows = pl.DataFrame(batch).select(
                pl.col("generation").cast(pl.Int32), pl.col("source_key").cast(pl.String), purge=pl.col("chunk")
            )
            found = pl.concat([found, rows])
        self._newest = found.group_by("generation", "source_key").agg(pl.col("purge").min())

    def without(self, rows: pa.RecordBatch) -> pa.RecordBatch:
        """Rows about loaded documents (generation, source_key, chunk) without those that were purged later."""
        if self._newest.is_empty():
            return rows
        keys = pl.DataFrame(rows.select(["generation", "source_key", "chunk"]))
        both = keys.join(self._newest, on=["generation", "source_key"], how="left", maintain_order="left")
        stays = both["purge"].is_null() | (both["chunk"] < both["purge"])  # below zero, the lowest is the newest
        return rows.filter(stays.to_arrow())


def purged_by(sink: Sink, equal: Mapping[str, str | int]) -> pl.DataFrame:
    """generation, source_key, root_key (NULL where no rows went) of the documents that one chunk purged. equal: the
    chunk's key."""
    columns = ["generation", "source_key", "root_key", "rows"]
    read = sink.read(DOCUMENT.name, columns, {**equal, "reason": PURGED})
    frame = pl.DataFrame(read).with_columns(pl.col("source_key", "root_key", "rows").cast(pl.String))
    key = pl.when(pl.col("rows") != "{}").then("root_key").alias("root_key")
    return frame.select(pl.col("generation").cast(pl.Int32), "source_key", key)
