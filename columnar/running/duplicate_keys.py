"""Which keys make documents duplicates, and staging those that the target holds already."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from columnar.bookkeeping.ledger import DOCUMENT
from columnar.bookkeeping.state import JobKey
from columnar.errors import JobError
from columnar.jobs.job import DuplicateSpec
from columnar.running.decide import DuplicateRule
from columnar.running.identity import made_places
from loaders.errors import DataError
from loaders.names import nearest
from loaders.sink import Sink
from loaders.staged_keys import STAGED_SCHEMA, StagedKeys
from transforms.contract.plan import Conflict, ContractPlan, TablePlan
from transforms.contract.target_tables import TargetTable, target_tables
from transforms.convert.types import column_field
from transforms.duplicates import canonical_keys


def duplicate_rule(spec: DuplicateSpec | None, plan: ContractPlan) -> DuplicateRule:
    """The rule of a job, by the names of the target; JobError for columns that the contract does not have, or that the
    database makes: two copies of a document would get different values.

    Where several contracts share the source, each has its own table to compare, or none.
    """
    if spec is None:
        return DuplicateRule(None, (), by_fingerprint=False)
    by_fingerprint = spec.fingerprint == "raw"
    chosen = _stated(spec.on, plan) if spec.on else _by_default(plan)
    if not chosen:
        return DuplicateRule(None, (), by_fingerprint)
    keys = {table.target_name: on for table, on in chosen}
    scopes = {table.scope for table, _ in chosen}
    unkeyed = [table.target_name for table in plan.tables if table.load and table.scope not in scopes]
    (table, on), *others = keys.items()
    return DuplicateRule(table, on, by_fingerprint, tuple(others), tuple(dict.fromkeys(unkeyed)))


Chosen = list[tuple[TablePlan, tuple[str, ...]]]


def _by_default(plan: ContractPlan) -> Chosen:
    """Of each contract the key of the first loaded table that has one and no parent. Tables that skip rows are left
    out: what they say is that several documents bring the same key."""
    chosen: Chosen = []
    for table in plan.tables:
        if not _tells_documents(table) or any(table.scope == other.scope for other, _ in chosen):
            continue
        made = made_places(plan).get(table.name, {})
        on = tuple(name for name in table.key if name not in made)
        if not on:
            raise JobError(
                f"duplicates: the key of {table.title} ({', '.join(table.key)}) is made by the database, so it does not"
                " tell copies of a document",
                hint="name columns that do, as `duplicates: {on: table.column}`, or say `duplicates: off`",
            )
        chosen.append((table, on))
    return chosen


def _tells_documents(table: TablePlan) -> bool:
    return table.load and bool(table.key) and table.parent is None and table.on_conflict is not Conflict.SKIP


def _stated(columns: Sequence[str], plan: ContractPlan) -> Chosen:
    """The columns that a job names, by table."""
    wanted: dict[str, list[str]] = {}
    for each in columns:
        name, _, column = each.rpartition(".")
        wanted.setdefault(name, []).append(column)
    chosen = [(table, tuple(on)) for name, on in wanted.items() for table in _named(plan, name)]
    scopes = [table.scope for table, _ in chosen]
    if len(set(scopes)) < len(scopes):
        raise JobError(
            f"duplicates: on: {', '.join(columns)} is not columns of one table", hint="write each as table.column"
        )
    for table, on in chosen:
        _check_columns(table, on, made_places(plan).get(table.name, {}))
    return chosen


def _check_columns(table: TablePlan, on: Sequence[str], made: Collection[str]) -> None:
    names = [column.name for column in (*table.inherited, *table.columns) if column.load]
    for column in on:
        if column not in names:
            raise JobError(
                f"duplicates: table {table.title} has no column {column}", hint=nearest(column, names, "column")
            )
        if column in made:
            raise JobError(
                f"duplicates: {table.title}.{column} is made by the database, so copies never have the same",
                hint="name columns whose values the documents bring",
            )


def _named(plan: ContractPlan, name: str) -> list[TablePlan]:
    """The loaded tables of that name, in their contract or in the target."""
    if not name:
        raise JobError("duplicates: on: these are not columns of one table", hint="write each as table.column")
    loaded = [table for table in plan.tables if table.load]
    found = [table for table in loaded if table.title == name] or [
        table for table in loaded if name in (table.target_name, table.name)
    ]
    if found:
        return found if len({table.scope for table in found}) == len(found) else found[:1]
    names = list(dict.fromkeys(each.title for each in loaded))
    raise JobError(f"duplicates: the contract loads no table {name}", hint=nearest(name, names, "table"))


def stage_target_keys(sink: Sink, staged: StagedKeys, rule: DuplicateRule, plan: ContractPlan, job: JobKey) -> int:
    """Stage every key that the target's table holds, whoever loaded it, then what this job knows of the documents
    behind them (fingerprint, source key). Returns the number of keys in the tables."""
    keys = 0
    tables = {table.name: table for table in target_tables(plan)}
    for name, on in rule.keys:
        keys += staged.stage(_table_keys(sink, rule, tables[name], on))
    columns = ["root_key", "fingerprint", "source_key"]
    for batch in sink.stream(DOCUMENT.name, columns, {"job": job.job, "outcome": "loaded"}):
        known = _known(batch)
        if rule.on:
            there = staged.matching(pa.Table.from_batches([known]), by_fingerprint=False)["key"]
            matched = pc.is_in(known["key"], there.combine_chunks(), skip_nulls=True)
            if not rule.by_fingerprint:
                known = known.filter(matched)
            else:  # a key that is gone from the table does not count, its content does
                key = pc.if_else(matched, known["key"], pa.scalar(None, pa.string()))
                known = known.set_column(0, STAGED_SCHEMA.field("key"), key)
        if rule.used:
            staged.stage([known])
    return keys


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
        yield _staged(key, pa.nulls(len(key), pa.binary()), pa.nulls(len(key), pa.string()))


def _known(batch: pa.RecordBatch) -> pa.RecordBatch:
    import polars as pl

    fingerprint = pl.Series(batch["fingerprint"]).cast(pl.String).str.decode("hex").to_arrow().cast(pa.binary())
    return _staged(batch["root_key"].cast(pa.string()), fingerprint, batch["source_key"].cast(pa.string()))


def _staged(key: pa.Array, fingerprint: pa.Array, source_key: pa.Array) -> pa.RecordBatch:
    place = pa.array(["target"] * len(key), pa.string())
    chunk = pa.nulls(len(key), pa.int64())
    return pa.RecordBatch.from_arrays([key, fingerprint, source_key, place, chunk], schema=STAGED_SCHEMA)
