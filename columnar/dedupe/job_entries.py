"""The documents of a job's source as entries: read, shredded and converted as a run would, and loaded nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack

import polars as pl
import pyarrow as pa

from columnar.bookkeeping.ranges import StoredRange
from columnar.dedupe.entries import ENTRY, ENTRY_SCHEMA, PLACE, EntryBatch, EntryTable
from columnar.errors import JobError
from columnar.jobs.job import DuplicateSpec, Job
from columnar.jobs.job_file import read_plan
from columnar.jobs.options import RunOptions
from columnar.looking.look import look_at_session
from columnar.running.allocator import MemoryRelief
from columnar.running.budget import TreeBudget
from columnar.running.chunk import ChunkBuilder, PreparedChunk, null_key_chunk
from columnar.running.content_columns import Column, named_columns, not_content
from columnar.running.decide import DuplicateRule, keys_of
from columnar.running.duplicate_keys import duplicate_rule
from columnar.running.key_names import check_key_names
from columnar.running.reading import ReadAhead, ShreddedBatch
from columnar.running.run import Session, cut_uncovered
from loaders.names import nearest
from loaders.source import EVERYTHING
from transforms.canonical import canonical_fingerprints
from transforms.contract.plan import ContractPlan
from transforms.contract.target_tables import target_tables
from transforms.documents import DOCUMENT, rows_per_document, strip_row_fields


class JobEntries:
    """See Entries. key: columns as `table.column`; () as the job says. ignore: columns that are no content.

    target: whether the session has it. ranges: only these documents, in this order; None: all, in the source's.
    """

    noun = "document"

    def __init__(
        self, job: Job, options: RunOptions, *, key: Sequence[str], ignore: Sequence[str], target: bool = False
    ) -> None:
        self.described = f"the source of job {job.name}"
        self._stack = ExitStack()
        plan = read_plan(job)
        self._session = self._stack.enter_context(look_at_session(job, plan, options, target=target))
        plan = self._session.plan
        check_key_names(plan, self._session.source)
        stated = DuplicateSpec.model_validate({"on": tuple(key)}) if key else job.duplicates
        self._rule = duplicate_rule(stated or DuplicateSpec.model_validate({}), plan)
        if not self._rule.on:
            raise JobError(
                "what makes two documents the same? No table of the contract has a key", hint="name columns with --key"
            )
        self.key = tuple(f"{table}.{column}" for table, on in self._rule.keys for column in on)
        left_out = not_content(plan, [*self._key_columns(plan), *named_columns(plan, ignore, "--ignore")])
        self._left_out = left_out
        self.tables = _tables(plan, self._rule, left_out)
        self._entries = 0
        self.ranges: Sequence[StoredRange] | None = None

    @property
    def session(self) -> Session:
        """The job's source, opened for reading, and its target, where that was asked for."""
        return self._session

    def _key_columns(self, plan: ContractPlan) -> list[Column]:
        keys = dict(self._rule.keys)
        return [
            (table.name, column) for table in plan.tables for column in keys.get(table.target_name, ()) if table.load
        ]

    def column(self, name: str) -> str:
        """See Entries.column: `table.column`, or the column alone."""
        first = self.tables[0]
        column = name.removeprefix(f"{first.name}.")
        if column not in first.columns:
            raise JobError(f"table {first.name} has no column {column}", hint=nearest(column, first.columns, "column"))
        return column

    def batches(self) -> Iterator[EntryBatch]:
        """See Entries.batches: a chunk at a time."""
        for prepared in prepared_chunks(self._session, self.ranges):
            yield self._batch(prepared)

    def _batch(self, prepared: PreparedChunk) -> EntryBatch:
        count, first = len(prepared.documents), self._entries
        self._entries += count
        content = canonical_fingerprints(prepared.tables, count, without=self._left_out).cast(pa.binary())
        documents = pl.DataFrame(prepared.documents).with_row_index("document").cast({"document": pl.Int64})
        problems = pl.DataFrame(prepared.problems).unique("document", keep="first", maintain_order=True)
        told = problems.select("document", problem=pl.format("{}: {}", "reason", "detail"))
        frame = documents.with_columns(content=pl.Series(content, dtype=pl.Binary))
        frame = frame.join(told, on="document", how="left", maintain_order="left")
        frame = frame.join(self._keys(prepared, frame), on="document", how="left", maintain_order="left")
        # an exact copy under the same source key has no rows of its own
        twins = pl.DataFrame(prepared.twins).join(
            frame.select(
                pl.col("document").alias("winner"), twin_key="key", twin_content="content", twin_told="problem"
            ),
            on="winner",
        )
        frame = frame.join(twins, on="document", how="left", maintain_order="left")
        unread = pl.when(pl.col("key").is_null() & pl.col("twin_key").is_null()).then(
            pl.coalesce("problem", "key_problem", "twin_told", pl.lit("empty: no rows"))
        )
        entries = frame.select(
            entry=pl.col("document") + first,
            key=pl.coalesce("key", "twin_key"),
            source_key="source_key",
            origin=pl.lit(self._session.source.identity),
            content=pl.coalesce("content", "twin_content"),
            bytes_fingerprint="fingerprint",
            bytes="bytes",
            problem=unread,
        )
        tables = {name: rows_of_entries(table, first) for name, table in prepared.tables.items()}
        return EntryBatch(entries.to_arrow().cast(ENTRY_SCHEMA), tables)

    def _keys(self, prepared: PreparedChunk, frame: pl.DataFrame) -> pl.DataFrame:
        """document, key, key_problem: of the documents that have rows."""
        counts = rows_per_document(prepared.tables, frame.height)
        has_rows = (
            pl.DataFrame(counts).select(pl.any_horizontal(pl.all() > 0)).to_series() if counts.num_columns else None
        )
        empty = pl.DataFrame(schema={"document": pl.Int64, "key": pl.String, "key_problem": pl.String})
        if has_rows is None:
            return empty
        candidates = frame.filter(has_rows).select("document")
        keyed, problems = keys_of(prepared.tables, candidates, self._rule)
        told = problems.select("document", key_problem=pl.format("{}: {}", "reason", "detail"))
        keys = keyed.select("document", key="root_key")
        return keys.join(told, on="document", how="full", coalesce=True)

    def close(self) -> None:
        """See Entries.close."""
        self._stack.close()


def prepared_chunks(session: Session, ranges: Sequence[StoredRange] | None = None) -> Iterator[PreparedChunk]:
    """Every document of a session's source, chunk by chunk in its order, as far as a run takes them before it decides
    which are duplicates. ranges: only these, each a chunk."""
    ranges = list(cut_uncovered(session, EVERYTHING, [])) if ranges is None else ranges
    trees = TreeBudget(session.shares.trees)
    relief = MemoryRelief(session.memory)
    ahead = ReadAhead(
        session.source, session.make_shredder(trees), session.plan,
        shares=session.shares, trees=trees, workers=session.workers,
        on_step=lambda _: None, relieve=relief.relieve, patience=session.patience,
    )  # fmt: skip
    builder = ChunkBuilder(session.plan, session.shares.extracts)

    def consume(batch: ShreddedBatch) -> None:
        builder.add(batch)

    def begin_again() -> None:
        nonlocal builder
        builder = ChunkBuilder(session.plan, session.shares.extracts)

    for chunk in ahead.chunks(ranges, consume, begin_again):
        if chunk.keys is None or chunk.found is None:
            yield null_key_chunk(chunk.stored.chunk, chunk.stored.rows_when_cut, "")
            continue
        yield builder.finish(chunk.stored.chunk, chunk.keys, chunk.found.digest)
        builder = ChunkBuilder(session.plan, session.shares.extracts)
        relief.relieve()


def _tables(plan: ContractPlan, rule: DuplicateRule, left_out: dict[str, set[str]]) -> tuple[EntryTable, ...]:
    """The target's tables, the one that has the key first."""
    found = [
        EntryTable(
            table.name,
            tuple(column.name for column in table.columns),
            table.key,
            frozenset(left_out.get(table.name, ())),
        )
        for table in target_tables(plan)
    ]
    return tuple(sorted(found, key=lambda table: table.name != rule.table))


def rows_of_entries(table: pa.Table, first: int) -> pa.Table:
    """Rows with ENTRY and PLACE instead of the shredder's own columns. first: the entry of document 0."""
    frame = pl.DataFrame(table.select([DOCUMENT]))
    places = frame.select(
        pl.col(DOCUMENT).alias(ENTRY) + first, pl.int_range(pl.len(), dtype=pl.Int64).over(DOCUMENT).alias(PLACE)
    ).to_arrow()
    rows = strip_row_fields(table)
    return rows.add_column(0, PLACE, places[PLACE]).add_column(0, ENTRY, places[ENTRY])
