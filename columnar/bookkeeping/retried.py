"""Documents that were tried again, or purged: which rows of the document table count, and what the books hold of a
range since.

A retry is a chunk with a negative number: -1, -2 and so on. Its documents were in quarantine; the document table gets a
second row for each, and of the rows of one source key those of the newest chunk count. A purge is such a chunk too: its
documents were loaded, empty or duplicates, and are in quarantine from then on.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from columnar.bookkeeping.ledger import DOCUMENT
from columnar.bookkeeping.state import JobKey, Published
from columnar.bookkeeping.stored_json import stored_object
from loaders.sink import Sink

# The reason under which a purged document is in quarantine until it is read again.
PURGED = "purged"
# Per source key: the newest retry that read it, and its place where its range was read.
_RETRIED = {"source_key": pl.String, "newest": pl.Int64, "range_chunk": pl.Int64, "range_document": pl.Int64}
_ROWS = {"source_key": pl.String, "chunk": pl.Int64, "outcome": pl.String}


@dataclass(frozen=True, slots=True)
class Exchange:
    """What a retry did to a range: `former` documents left its quarantine, and `now` stand in their place.

    digest: that of all keys of the range from then on; '' where the one the range was read with holds. outcomes: of a
    purge, what the former documents were; of a retry nothing, for they were in quarantine.
    """

    former: int
    now: int
    digest: str = ""
    outcomes: Mapping[str, int] = field(default_factory=dict)

    def of(self, outcome: str) -> int:
        """How many of the former documents had that outcome."""
        if self.outcomes:
            return self.outcomes.get(outcome, 0)
        return self.former if outcome == "quarantined" else 0


@dataclass(frozen=True, slots=True)
class Accounted:
    """What the books say a range holds. keys: as `Published.keys`."""

    documents: int
    keys: str


def exchanges_text(exchanges: Mapping[int, Exchange]) -> str:
    """What a retry did to each range, as the ledger keeps it under `keys`."""
    found: dict[str, dict[str, object]] = {}
    for chunk, each in sorted(exchanges.items()):
        told: dict[str, object] = {"former": each.former, "now": each.now}
        told |= {"digest": each.digest} if each.digest else {}
        found[str(chunk)] = told | ({"outcomes": dict(each.outcomes)} if each.outcomes else {})
    return json.dumps(found, separators=(",", ":"))


def exchanges_of(retry: Published) -> dict[int, Exchange]:
    """The same, read back."""
    found = stored_object(retry.keys, f"columnar_ledger.keys of chunk {retry.chunk}")
    return {int(chunk): Exchange(**values) for chunk, values in found.items()}


def is_purge(keys: str) -> bool:
    """Whether a chunk below zero is a purge. keys: of its ledger row."""
    found = stored_object(keys, "columnar_ledger.keys of a chunk below zero")
    return any("outcomes" in values for values in found.values())


def retries(published: Iterable[Published]) -> list[Published]:
    """The retries and purges among published chunks, oldest first."""
    return sorted((each for each in published if each.chunk < 0), key=lambda each: -each.chunk)


def accounted(published: Iterable[Published]) -> dict[int, Accounted]:
    """What the books hold of each published range, after all retries."""
    chunks = list(published)
    found = {each.chunk: Accounted(each.documents, each.keys) for each in chunks if each.chunk > 0}
    for retry in retries(chunks):
        for chunk, each in exchanges_of(retry).items():
            before = found.get(chunk)
            if before is not None:  # a range that the ledger lost is told elsewhere
                found[chunk] = Accounted(before.documents + each.now - each.former, each.digest or before.keys)
    return found


class RetriedKeys:
    """The source keys that retries have read, so that the rows that count can be told from the former ones."""

    def __init__(self, sink: Sink, key: JobKey, chunks: Sequence[int]) -> None:
        self._sink = sink
        self._key = key
        self.chunks = tuple(chunks)
        newest = pl.DataFrame(schema={"source_key": pl.String, "newest": pl.Int64})
        for chunk in chunks:
            rows = sink.read(DOCUMENT.name, ["source_key"], {**key.columns(), "chunk": chunk})
            frame = pl.DataFrame(rows).select(pl.col("source_key").cast(pl.String), newest=pl.lit(chunk, pl.Int64))
            newest = pl.concat([newest, frame])
        newest = newest.group_by("source_key").agg(pl.col("newest").min())
        self.frame = newest.join(self._origins(newest), on="source_key", how="left").select(list(_RETRIED))

    def _origins(self, newest: pl.DataFrame) -> pl.DataFrame:
        found = pl.DataFrame(schema={name: kind for name, kind in _RETRIED.items() if name != "newest"})
        if newest.height:
            for rows in self._quarantined(["source_key", "chunk", "document"], {}):
                found = pl.concat([found, _first(rows, newest)])
        purged = newest.join(found, on="source_key", how="anti")
        if purged.height:
            columns = ["source_key", "chunk", "document"]
            for batch in self._sink.stream(DOCUMENT.name, columns, self._key.columns()):
                rows = pl.DataFrame(batch).with_columns(pl.col("source_key").cast(pl.String))
                found = pl.concat([found, _first(rows, purged)])
        return found.sort("range_document").unique("source_key", keep="first")

    def _quarantined(self, columns: Sequence[str], equal: Mapping[str, str | int]) -> Iterator[pl.DataFrame]:
        where = {**self._key.columns(), "outcome": "quarantined", **equal}
        for batch in self._sink.stream(DOCUMENT.name, list(columns), where):
            yield pl.DataFrame(batch).with_columns(pl.col("source_key").cast(pl.String))

    def quarantine(self, columns: Sequence[str], equal: Mapping[str, str | int]) -> Iterator[pl.DataFrame]:
        """The rows of documents that are in quarantine now, in any order.

        columns: of the document table, source_key, chunk and document among them. equal: values that columns must have.
        Adds range_chunk and range_document: where the document stood when its range was read.
        """
        for rows in self._quarantined(columns, equal):
            yield self.newest(rows).with_columns(
                pl.coalesce("range_chunk", "chunk").alias("range_chunk"),
                pl.coalesce("range_document", "document").alias("range_document"),
            )

    def newest(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Of rows of the document table (source_key, chunk) those that count; adds range_chunk and range_document, NULL
        for documents that were never tried again."""
        joined = rows.join(self.frame, on="source_key", how="left", maintain_order="left")
        return joined.filter(pl.col("newest").is_null() | (pl.col("newest") == pl.col("chunk"))).drop("newest")

    def of_range(self, chunk: int) -> pl.DataFrame:
        """source_key and fingerprint (hexadecimal) of the documents that the books say a range holds."""
        columns, found = ["source_key", "chunk", "fingerprint"], []
        mine = self.frame.filter(pl.col("range_chunk") == chunk)
        for number in (chunk, *mine["newest"].unique().to_list()):
            read = pl.DataFrame(self._sink.read(DOCUMENT.name, columns, {**self._key.columns(), "chunk": number}))
            rows = self.newest(read.with_columns(pl.col("source_key", "fingerprint").cast(pl.String)))
            here = rows if number == chunk else rows.filter(pl.col("range_chunk") == chunk)
            found.append(here.select("source_key", "fingerprint"))
        return pl.concat(found)


def _first(rows: pl.DataFrame, wanted: pl.DataFrame) -> pl.DataFrame:
    """Where documents stood when their ranges were read."""
    first = rows.filter(pl.col("chunk") > 0).join(wanted, on="source_key", how="semi")
    return first.select("source_key", range_chunk="chunk", range_document="document")


def retry_problems(sink: Sink, key: JobKey, published: Iterable[Published]) -> list[str]:
    """What does not add up of the retries, counted from the document table: each document that was tried again must
    have been in quarantine, and the ledger must say how many came out of which range, and into it."""
    done = retries(published)
    if not done:
        return []
    purges = [each.chunk for each in done if is_purge(each.keys)]
    rows = _rows_of_retried(sink, key, [each.chunk for each in done], purges)
    counted = rows.group_by("source_key", "chunk").agg(
        now=pl.len(), inside=(pl.col("outcome") == "quarantined").all(), range_chunk=pl.col("range_chunk").first()
    )
    counted = counted.sort("source_key", pl.col("chunk"), descending=[False, True])
    counted = counted.with_columns(
        former=pl.col("now").shift(1).over("source_key"), was_inside=pl.col("inside").shift(1).over("source_key")
    ).filter(pl.col("chunk") < 0)
    retried = counted.filter(~pl.col("chunk").is_in(purges))
    wrong = retried.filter(~pl.col("was_inside").fill_null(value=False)).sort("chunk", "source_key")
    problems = [
        f"chunk {chunk}: it tried the document {text} again, which was not in quarantine"
        for chunk, text in wrong.select("chunk", "source_key").rows()
    ]
    sums = counted.group_by("chunk", "range_chunk").agg(pl.col("former").sum(), pl.col("now").sum())
    sums = sums.select("chunk", "range_chunk", "former", "now")
    found = {(chunk, of): (former, now) for chunk, of, former, now in sums.rows()}
    for retry in done:
        said = {of: (each.former, each.now) for of, each in exchanges_of(retry).items()}
        there = {of: counts for (chunk, of), counts in found.items() if chunk == retry.chunk}
        for of in sorted({*said, *there}, key=str):
            before, after = said.get(of, (0, 0)), there.get(of, (0, 0))
            if before != after:
                problems.append(
                    f"chunk {retry.chunk}: the ledger says {before[0]} documents of chunk {of} became {before[1]},"
                    f" the document table has {after[0]} that became {after[1]}"
                )
    return problems


def _rows_of_retried(sink: Sink, key: JobKey, chunks: Sequence[int], purges: Sequence[int]) -> pl.DataFrame:
    """Every row of every document that was tried again: source_key, chunk, outcome, range_chunk. Rows of ranges only
    where they are quarantined; that others are missing is what is looked for. Of documents that were purged, all."""
    columns = list(_ROWS)
    found = pl.DataFrame(schema=_ROWS)
    for chunk in chunks:
        read = sink.read(DOCUMENT.name, columns, {**key.columns(), "chunk": chunk})
        found = pl.concat([found, pl.DataFrame(read).select(pl.col(name).cast(kind) for name, kind in _ROWS.items())])
    tried = found.select("source_key").unique()
    for batch in sink.stream(DOCUMENT.name, columns, {**key.columns(), "outcome": "quarantined"}):
        rows = pl.DataFrame(batch).select(pl.col(name).cast(kind) for name, kind in _ROWS.items())
        found = pl.concat([found, rows.filter(pl.col("chunk") > 0).join(tried, on="source_key", how="semi")])
    purged = found.filter(pl.col("chunk").is_in(purges)).select("source_key").unique()
    if purged.height:
        for batch in sink.stream(DOCUMENT.name, columns, key.columns()):
            rows = pl.DataFrame(batch).select(pl.col(name).cast(kind) for name, kind in _ROWS.items())
            first = rows.filter((pl.col("chunk") > 0) & (pl.col("outcome") != "quarantined"))
            found = pl.concat([found, first.join(purged, on="source_key", how="semi")])
    ranges = found.filter(pl.col("chunk") > 0).group_by("source_key").agg(range_chunk=pl.col("chunk").first())
    return found.join(ranges, on="source_key", how="left")
