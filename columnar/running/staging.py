"""Staging the duplicate keys that the target holds: only what is new since the last run, where that can be told."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from columnar.bookkeeping.ledger import DOCUMENT, LEDGER, REPLACED
from columnar.bookkeeping.purged import PurgedDocuments, purged_by
from columnar.bookkeeping.state import JobKey
from columnar.bookkeeping.stored_json import stored_counts
from columnar.running.decide import DuplicateRule, row_rules
from loaders.errors import DataError
from loaders.sink import Sink
from loaders.staged_keys import STAGED_SCHEMA, ChunkKey, StagedKeys
from transforms.contract.plan import ContractPlan
from transforms.contract.target_tables import TargetTable, target_tables
from transforms.convert.types import column_field
from transforms.duplicates import canonical_keys


def stage_target_keys(sink: Sink, staged: StagedKeys, rule: DuplicateRule, plan: ContractPlan, job: JobKey) -> int:
    """Stage every key that the target's table holds, whoever loaded it, and what this job knows of the documents behind
    them (fingerprint, source key). Returns the number of keys that are staged.

    What the last run staged stays, where it was staged for the same target, rule and contract, all its chunks are in
    the ledger, and the tables have as many rows as they must: then only the chunks that it did not come to are added.
    Who changes a table's keys and not their number is not noticed; without the file in the workspace all is staged
    anew.

    Of tables whose rows are compared the same holds; but nothing leads from a chunk to the keys of its rows, so a
    chunk that brought some and was not come to makes the keys of that table be staged anew, once they are asked for.
    """
    identity = _identity(sink, rule, plan, job)
    published = _published(sink, job)
    if not (staged.is_of(identity) and _catch_up(sink, staged, rule, plan, job, published)):
        staged.begin(identity)
        _stage_all(sink, staged, rule, plan, job, published)
    return staged.count()


def _identity(sink: Sink, rule: DuplicateRule, plan: ContractPlan, job: JobKey) -> str:
    compared = [rule.keys, rule.by_fingerprint, rule.canonical, rule.without]
    return json.dumps([sink.identity, job.job, plan.sha256, compared], separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class _Chunk:
    attempt: str
    rows: Mapping[str, int]


def _published(sink: Sink, job: JobKey) -> dict[ChunkKey, _Chunk]:
    """The job's chunks in the ledger, in the order in which they were published."""
    columns = ["generation", "chunk", "attempt", "rows", "published_at"]
    found = sink.read(LEDGER.name, columns, {"job": job.job}).to_pylist()
    ordered = sorted(found, key=lambda row: row["published_at"])
    return {(row["generation"], row["chunk"]): _chunk(row) for row in ordered}


def _chunk(row: Mapping[str, Any]) -> _Chunk:
    return _Chunk(row["attempt"], stored_counts(row["rows"], f"columnar_ledger.rows of chunk {row['chunk']}"))


# --- anew


def _stage_all(
    sink: Sink,
    staged: StagedKeys,
    rule: DuplicateRule,
    plan: ContractPlan,
    job: JobKey,
    published: Mapping[ChunkKey, _Chunk],
) -> None:
    if not rule.used:
        staged.note({key: chunk.attempt for key, chunk in published.items()}, {})
        return
    tables = {table.name: table for table in target_tables(plan)}
    rows = {name: 0 for name, _ in rule.keys}
    for name, on in rule.keys:
        rows[name] = staged.stage(_table_keys(sink, rule, tables[name], on))
    purged = PurgedDocuments(sink, job.job)
    for batch in _loaded(sink, rule, {"job": job.job}):
        known = purged.without(batch)
        if rule.on:
            there = staged.matching(pa.Table.from_batches([known]), by_fingerprint=False)["key"]
            matched = pc.is_in(known["key"], there.combine_chunks(), skip_nulls=True)
            if not rule.by_fingerprint:
                known = known.filter(matched)
            else:  # a key that is gone from the table does not count, its content does
                key = pc.if_else(matched, known["key"], pa.scalar(None, pa.string()))
                known = known.set_column(0, STAGED_SCHEMA.field("key"), key)
        staged.stage([known])
    staged.forget_documents(_lost(sink, {"job": job.job}))
    staged.note({key: chunk.attempt for key, chunk in published.items()}, rows)


def _table_keys(sink: Sink, rule: DuplicateRule, table: TargetTable, on: tuple[str, ...]) -> Iterator[pa.RecordBatch]:
    """Keys as the target stores them, told in the contract's types so that they compare with those to come."""
    fields = {column.name: column_field(column) for column in table.columns}
    schema = pa.schema([fields[name] for name in on])
    for batch in sink.stream(table.name, list(on), {}):
        try:
            rows = pa.Table.from_batches([batch]).cast(pa.schema([field.with_nullable(True) for field in schema]))
        except pa.ArrowInvalid as error:
            raise DataError(f"{table.name} holds keys that are outside the contract's types: {error}") from error
        key = rule.whole(table.name, canonical_keys(rows, on)).to_arrow().cast(pa.string())
        count = len(key)
        yield _staged(key, pa.nulls(count, pa.binary()), pa.nulls(count, pa.string()), pa.nulls(count), pa.nulls(count))


def _loaded(sink: Sink, rule: DuplicateRule, equal: Mapping[str, str | int]) -> Iterator[pa.RecordBatch]:
    """The keys of documents that the job loaded, as it knows them."""
    columns = ["root_key", rule.fingerprint, "source_key", "generation", "chunk"]
    for batch in sink.stream(DOCUMENT.name, columns, {**equal, "outcome": "loaded"}):
        texts = pl.Series(batch[rule.fingerprint]).cast(pl.String)
        fingerprint = texts.str.decode("hex").to_arrow().cast(pa.binary())
        key, source_key = batch["root_key"].cast(pa.string()), batch["source_key"].cast(pa.string())
        yield _staged(key, fingerprint, source_key, batch["generation"], batch["chunk"])


def _lost(sink: Sink, equal: Mapping[str, str | int]) -> Iterator[pa.Table]:
    """generation, source_key: of documents of the job whose places others took."""
    if not sink.has(REPLACED.name):
        return
    for batch in sink.stream(REPLACED.name, ["of_generation", "source_key"], equal):
        frame = pl.DataFrame(batch).drop_nulls()
        yield frame.select(pl.col("of_generation").alias("generation"), pl.col("source_key").cast(pl.String)).to_arrow()


def _staged(
    key: pa.Array, fingerprint: pa.Array, source_key: pa.Array, generation: pa.Array, chunk: pa.Array
) -> pa.RecordBatch:
    place = pa.array(["target"] * len(key), pa.string())
    columns = [key, fingerprint, source_key, place, generation.cast(pa.int32()), chunk.cast(pa.int64())]
    return pa.RecordBatch.from_arrays(columns, schema=STAGED_SCHEMA)


# --- since the last run


def _catch_up(
    sink: Sink,
    staged: StagedKeys,
    rule: DuplicateRule,
    plan: ContractPlan,
    job: JobKey,
    published: Mapping[ChunkKey, _Chunk],
) -> bool:
    """Add the chunks that were published and not staged; False where what is staged is not what the target holds."""
    known, rows = staged.chunks(), staged.table_rows()
    if set(rows) != {name for name, _ in rule.keys}:
        return False
    if any(key not in published or published[key].attempt != attempt for key, attempt in known.items()):
        return False
    fresh = {key: chunk for key, chunk in published.items() if key not in known}
    if any(count < 0 for chunk in fresh.values() for count in chunk.rows.values()):  # a purge: keys are gone
        return False
    changed: set[str] = set()
    for (generation, chunk), each in fresh.items():
        equal: dict[str, str | int] = {"job": job.job, "generation": generation, "chunk": chunk}
        gone = _gone(sink, equal)
        for table in rows:
            rows[table] += each.rows.get(table, 0) - gone.get(table, 0)
        changed.update(name for name, count in (*each.rows.items(), *gone.items()) if count)
    if any(sink.count(table) != count for table, count in rows.items()):
        return False
    _forget_rows(sink, staged, {name: each.key for name, each in row_rules(target_tables(plan), rule).items()}, changed)
    for (generation, chunk), each in fresh.items():
        equal = {"job": job.job, "generation": generation, "chunk": chunk}
        staged.forget_keys(_lost_keys(sink, equal))
        if chunk < 0:
            purged = purged_by(sink, equal)
            staged.forget_keys(purged["root_key"].drop_nulls().to_arrow().cast(pa.string()))
            staged.forget_documents([purged.select("generation", "source_key").to_arrow()])
        if rule.used:
            staged.stage(_loaded(sink, rule, equal))
        staged.note({(generation, chunk): each.attempt}, {})
    staged.note_rows(rows)
    return True


def _forget_rows(
    sink: Sink, staged: StagedKeys, compared: Mapping[str, tuple[str, ...]], changed: Collection[str]
) -> None:
    """Forget the row keys of tables that are compared otherwise now, or whose rows are not those that were staged."""
    for name, (key, rows) in staged.rows.tables().items():
        if compared.get(name) != key or name in changed or sink.count(name) != rows:
            staged.rows.forget(name)


def _gone(sink: Sink, equal: Mapping[str, str | int]) -> dict[str, int]:
    """How many rows made room for those of a chunk, by table."""
    found: dict[str, int] = {}
    if sink.has(REPLACED.name):
        for text in sink.read(REPLACED.name, ["rows"], equal)["rows"].to_pylist():
            for table, count in stored_counts(text, "columnar_replaced.rows").items():
                found[table] = found.get(table, 0) + count
    return found


def _lost_keys(sink: Sink, equal: Mapping[str, str | int]) -> pa.Array:
    if not sink.has(REPLACED.name):
        return pa.array([], pa.string())
    keys = sink.read(REPLACED.name, ["root_key"], equal)["root_key"].cast(pa.string())
    return keys.combine_chunks().drop_null()
