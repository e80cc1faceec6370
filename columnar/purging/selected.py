"""The documents that a purge takes, as the books have them now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from columnar.bookkeeping.books import Books
from columnar.bookkeeping.ledger import DOCUMENT
from columnar.bookkeeping.stored_json import stored_counts
from columnar.errors import JobError
from columnar.jobs.job import Job
from columnar.jobs.key_text import key_parts, parse_key
from columnar.lineage.current import REPLACED, CurrentDocuments
from columnar.purging.options import PurgeOptions
from columnar.running.reading import key_text
from loaders.names import nearest
from loaders.sink import Sink


@dataclass(frozen=True)
class Selected:
    """documents: to be purged, a row each, as CurrentDocuments has them. kept: others that were asked for, by why they
    stay: `quarantined`, `replaced`, `null_key`. left_behind: duplicates elsewhere whose winner is purged."""

    documents: pl.DataFrame
    kept: dict[str, int]
    left_behind: int

    def rows(self) -> dict[str, int]:
        """Rows by table that the books say these documents have."""
        found: dict[str, int] = {}
        for text in self.documents["rows"].to_list():
            for table, count in stored_counts(text or "{}", "columnar_document.rows").items():
                found[table] = found.get(table, 0) + count
        return found

    def outcomes(self) -> dict[str, int]:
        """How many of each outcome."""
        return dict(self.documents["outcome"].value_counts(sort=True).rows())

    @property
    def root_keys(self) -> list[str]:
        """The keys by which rows of the loaded ones are found."""
        loaded = self.documents.filter((pl.col("outcome") == "loaded") & (pl.col("rows") != "{}"))
        return loaded["root_key"].drop_nulls().unique().to_list()


def select_documents(job: Job, sink: Sink, books: Books, options: PurgeOptions) -> Selected:
    """JobError for a run, a chunk or a key of which the books know nothing."""
    options.check()
    now = CurrentDocuments(sink, books)
    if options.keys:
        asked = _of_keys(job, sink, books, now, options.keys)
    elif options.chunks:
        asked = pl.concat([_of_chunk(books, now, chunk) for chunk in dict.fromkeys(options.chunks)])
    else:
        asked = now.of_chunks(_chunks_of_run(books, str(options.run)))
    asked = asked.unique(["chunk", "document"], maintain_order=True)
    stays = (
        pl.when(pl.col("source_key").is_null())
        .then(pl.lit("null_key"))
        .when(pl.col("outcome").is_in(["quarantined", REPLACED]))
        .then("outcome")
    )
    asked = asked.with_columns(stays=stays)
    kept = dict(asked["stays"].drop_nulls().value_counts(sort=True).rows())
    mine = asked.filter(pl.col("stays").is_null()).drop("stays")
    return Selected(mine, kept, _left_behind(sink, books, mine))


def _chunks_of_run(books: Books, run: str) -> list[int]:
    chunks = [each.chunk for each in (*books.published, *books.retries) if each.run == run]
    if not chunks:
        known = list(dict.fromkeys(each.run for each in (*books.published, *books.retries)))
        hint = nearest(run, known, "run") if known else "`columnar run` begins the job"
        raise JobError(f"run {run} has published nothing in this generation", hint=hint)
    return chunks


def _of_chunk(books: Books, now: CurrentDocuments, chunk: int) -> pl.DataFrame:
    known = {each.chunk for each in (*books.published, *books.retries)}
    if chunk not in known:
        raise JobError(f"chunk {chunk} is not published", hint="`columnar_ledger` in the target lists those that are")
    return now.of_range(chunk) if chunk > 0 else now.of_chunks([chunk])


def _of_keys(job: Job, sink: Sink, books: Books, now: CurrentDocuments, keys: Sequence[str]) -> pl.DataFrame:
    texts = list(dict.fromkeys(key_text(parse_key(each, key_parts(job))) for each in keys))
    found = []
    for text in texts:
        where: dict[str, str | int] = {**books.key.columns(), "source_key": text}
        chunks = sink.read(DOCUMENT.name, ["chunk"], where)["chunk"].to_pylist()
        if not chunks:
            raise JobError(f"no document with the source key {text} has been read", hint="`columnar run` reads them")
        rows = now.of_chunks(list(dict.fromkeys(chunks)))
        found.append(rows.filter(pl.col("source_key") == text))
    return pl.concat(found)


def _left_behind(sink: Sink, books: Books, mine: pl.DataFrame) -> int:
    """Duplicates that stay, and whose winner goes until it is read again."""
    winners = mine.filter(pl.col("outcome") == "loaded").select(winner="source_key").unique()
    count = 0
    for batch in (
        sink.stream(DOCUMENT.name, ["source_key", "winner"], {**books.key.columns(), "outcome": "duplicate"})
        if winners.height
        else ()
    ):
        rows = pl.DataFrame(batch).select(pl.all().cast(pl.String)).join(winners, on="winner", how="semi")
        count += rows.join(mine.select("source_key"), on="source_key", how="anti").height
    return count
