"""Which documents of the quarantine are to be tried again."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from columnar.bookkeeping.receipt import Progress
from columnar.bookkeeping.retried import RetriedKeys
from columnar.errors import JobError
from columnar.jobs.job import Job
from columnar.jobs.key_text import key_parts, parse_key
from columnar.jobs.options import RunOptions
from columnar.running.reading import key_text
from loaders.errors import UsageError
from loaders.names import nearest
from loaders.source import Key, KeyRange, Source
from transforms.shred.choose import ShredderKind

_ROWS = {
    "source_key": pl.String, "chunk": pl.Int64, "document": pl.Int64, "run": pl.String, "reason": pl.String,
    "fingerprint": pl.String,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryOptions:
    """Which documents are tried again, and how.

    reasons: only with one of these. keys: only under these source keys, as the quarantine lists them (the parts of a
    composite key also with commas between them). run: only those that this run or retry put there. limit: at most so
    many source keys, in source order. changed_contract: go on with the contract as it is now. memory, workers,
    shredder, on_step, on_progress, on_wait: as in RunOptions.
    """

    reasons: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    run: str | None = None
    limit: int | None = None
    changed_contract: bool = False
    memory: int | None = None
    workers: int | None = None
    shredder: ShredderKind | str | None = None
    on_step: Callable[[str], None] = RunOptions().on_step
    on_progress: Callable[[Progress], None] = RunOptions().on_progress
    on_wait: Callable[[str], None] = RunOptions().on_wait

    def of_run(self) -> RunOptions:
        """What of it a run is told too."""
        return RunOptions(
            memory=self.memory,
            workers=self.workers,
            shredder=self.shredder,
            on_step=self.on_step,
            on_progress=self.on_progress,
            on_wait=self.on_wait,
        )


@dataclass(frozen=True)
class Wanted:
    """Documents to be tried again.

    keys: text -> key, in the source's order. rows: what the quarantine says of them (source_key, reason, fingerprint,
    range_chunk, range_document, run), a row a document. gone: keys of which it is known already that the source does
    not have them. null_keys: documents that were asked for and cannot be read again, because no key leads to them.
    """

    keys: dict[str, Key]
    rows: pl.DataFrame
    gone: tuple[str, ...]
    null_keys: int


def select_wanted(job: Job, source: Source, retried: RetriedKeys, options: RetryOptions) -> Wanted:
    """The documents that are in quarantine now and that the options ask for.

    JobError for a reason, a key or a run of which nothing is in quarantine.
    """
    columns = {**_ROWS, "range_chunk": pl.Int64, "range_document": pl.Int64}
    rows = pl.DataFrame(schema=columns)
    for found in retried.quarantine(list(_ROWS), {}):
        rows = pl.concat([rows, found.select(pl.col(name).cast(kind) for name, kind in columns.items())])
    _check_known(rows, "reason", options.reasons)
    _check_known(rows, "run", [options.run] if options.run is not None else [])
    asked = rows
    if options.reasons:
        asked = asked.filter(pl.col("reason").is_in(options.reasons))
    if options.run is not None:
        asked = asked.filter(pl.col("run") == options.run)
    if options.keys:
        asked = asked.filter(pl.col("source_key").is_in(_texts(job, rows, options.keys)))
    texts = asked["source_key"].drop_nulls().unique().to_list()
    keys = {text: _key(text, len(source.key)) for text in texts}
    try:
        ranks = source.rank(list(keys.values()))
    except UsageError:  # a source that can order only the keys that it has
        there = source.count([KeyRange(key, key, low_inclusive=True) for key in keys.values()])
        keys = {text: key for (text, key), count in zip(keys.items(), there, strict=True) if count}
        ranks = source.rank(list(keys.values()))
    kept = dict(_in_order(keys, ranks)[: options.limit])
    gone = () if len(keys) == len(texts) else tuple(sorted(set(texts) - set(keys)))
    # a key is tried as a whole, whatever was asked of its documents
    mine = rows.filter(pl.col("source_key").is_in([*kept, *gone]))
    return Wanted(kept, mine, gone, asked["source_key"].null_count())


def _check_known(rows: pl.DataFrame, column: str, wanted: Sequence[str]) -> None:
    known = rows[column].unique().sort().to_list()
    for each in wanted:
        if each not in known:
            hint = nearest(each, known, column) if known else "the quarantine is empty"
            raise JobError(f"no document is in quarantine for the {column} {each!r}", hint=hint)


def _texts(job: Job, rows: pl.DataFrame, keys: Sequence[str]) -> list[str]:
    texts = [key_text(parse_key(each, key_parts(job))) for each in keys]
    known = set(rows["source_key"].drop_nulls())
    for text in texts:
        if text not in known:
            hint = "`columnar quarantine list` lists what is; a key that loaded since is no longer there"
            raise JobError(f"no document with the source key {text} is in quarantine", hint=hint)
    return texts


def _key(text: str, parts: int) -> Key:
    """A source key of the document table, read back."""
    return (text,) if parts == 1 else tuple(json.loads(text))


def _in_order(keys: dict[str, Key], ranks: Sequence[int]) -> list[tuple[str, Key]]:
    """Keys that the source calls equal are ordered by their texts, as it orders them itself."""
    place = dict(zip(keys, ranks, strict=True))
    return sorted(keys.items(), key=lambda each: (place[each[0]], [part.encode() for part in each[1]]))
