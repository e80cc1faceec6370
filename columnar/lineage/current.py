"""What the documents of a range are now: after retries, and after other documents took the place of some."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from columnar.bookkeeping.books import Books
from columnar.bookkeeping.ledger import DOCUMENT
from columnar.bookkeeping.ledger import REPLACED as REPLACED_TABLE
from columnar.bookkeeping.retried import RetriedKeys
from loaders.sink import Sink

_COLUMNS = {
    "source_key": pl.String,
    "chunk": pl.Int64,
    "document": pl.Int64,
    "outcome": pl.String,
    "reason": pl.String,
    "root_key": pl.String,
    "fingerprint": pl.String,
    "run": pl.String,
    "rows": pl.String,
    "class": pl.String,
    "place": pl.String,
    "rule": pl.String,
}
# The outcome of a document that was loaded, until a later one took its place.
REPLACED = "replaced"


class CurrentDocuments:
    """The documents of a job's generation, as the newest rows of the document table have them."""

    def __init__(self, sink: Sink, books: Books) -> None:
        self._sink = sink
        self._key = books.key
        self.retried = RetriedKeys(sink, books.key, [each.chunk for each in books.retries])
        self._replaced = self._read_replaced()

    def _read_replaced(self) -> pl.DataFrame:
        found = pl.DataFrame(schema={"source_key": pl.String})
        if self._sink.has(REPLACED_TABLE.name):
            where: dict[str, str | int] = {"job": self._key.job, "of_generation": self._key.generation}
            rows = self._sink.read(REPLACED_TABLE.name, ["source_key"], where)
            found = pl.DataFrame(rows).select(pl.col("source_key").cast(pl.String)).drop_nulls().unique()
        return found.with_columns(replaced=pl.lit(value=True))

    def of_range(self, chunk: int) -> pl.DataFrame:
        """The documents of one published range, in any order: source_key, chunk, document, outcome (`replaced` too),
        reason, root_key, fingerprint, run, rows, class, place, rule, range_chunk."""
        mine = self.retried.frame.filter(pl.col("range_chunk") == chunk)
        parts = [self._of_chunk(number) for number in (chunk, *mine["newest"].unique().to_list())]
        rows = self.retried.newest(pl.concat(parts))
        here = (pl.col("chunk") == chunk) | (pl.col("range_chunk") == chunk)
        return self._with_replaced(rows.filter(here))

    def of_chunks(self, chunks: Sequence[int]) -> pl.DataFrame:
        """The same of chunks, retries included, without the documents that later chunks read again."""
        rows = self.retried.newest(pl.concat([self._of_chunk(chunk) for chunk in chunks]))
        return self._with_replaced(rows)

    def _of_chunk(self, chunk: int) -> pl.DataFrame:
        read = self._sink.read(DOCUMENT.name, list(_COLUMNS), {**self._key.columns(), "chunk": chunk})
        return pl.DataFrame(read).select(pl.col(name).cast(kind) for name, kind in _COLUMNS.items())

    def _with_replaced(self, rows: pl.DataFrame) -> pl.DataFrame:
        rows = rows.with_columns(pl.coalesce("range_chunk", "chunk").alias("range_chunk"))
        rows = rows.select(*_COLUMNS, "range_chunk").join(
            self._replaced, on="source_key", how="left", maintain_order="left"
        )
        lost = pl.col("replaced").fill_null(value=False) & (pl.col("outcome") == "loaded")
        outcome = pl.when(lost).then(pl.lit(REPLACED)).otherwise("outcome").alias("outcome")
        return rows.with_columns(outcome).drop("replaced")
