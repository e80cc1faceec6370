"""Which keys make documents duplicates, and staging those that the target holds already."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from columnar.bookkeeping.ledger import DOCUMENT
from columnar.bookkeeping.state import JobKey
from columnar.errors import JobError
from columnar.jobs.job import DuplicateSpec
from columnar.running.decide import DuplicateRule
from loaders.errors import DataError
from loaders.names import nearest
from loaders.sink import Sink
from loaders.staged_keys import STAGED_SCHEMA, StagedKeys
from transforms.contract.plan import ContractPlan, TablePlan
from transforms.convert.types import table_schema
from transforms.duplicates import canonical_keys


def duplicate_rule(spec: DuplicateSpec | None, plan: ContractPlan) -> DuplicateRule:
    """The rule of a job; JobError for columns that the contract does not have."""
    if spec is None:
        return DuplicateRule(None, (), by_fingerprint=False)
    by_fingerprint = spec.fingerprint == "raw"
    if not spec.on:
        root = next((table for table in plan.tables if table.load and table.key and table.parent is None), None)
        return DuplicateRule(root.name if root else None, root.key if root else (), by_fingerprint)
    pairs = [each.rpartition(".")[::2] for each in spec.on]
    tables = list(dict.fromkeys(table for table, _ in pairs))
    if len(tables) != 1 or not tables[0]:
        raise JobError(
            f"duplicates: on: {', '.join(spec.on)} is not columns of one table", hint="write each as table.column"
        )
    table = _table(plan, tables[0])
    names = [column.name for column in (*table.inherited, *table.columns)]
    for _, column in pairs:
        if column not in names:
            raise JobError(
                f"duplicates: table {table.name} has no column {column}", hint=nearest(column, names, "column")
            )
    return DuplicateRule(table.name, tuple(column for _, column in pairs), by_fingerprint)


def _table(plan: ContractPlan, name: str) -> TablePlan:
    loaded = [table for table in plan.tables if table.load]
    for table in loaded:
        if table.name == name:
            return table
    names = [each.name for each in loaded]
    raise JobError(f"duplicates: the contract loads no table {name}", hint=nearest(name, names, "table"))


def stage_target_keys(sink: Sink, staged: StagedKeys, rule: DuplicateRule, plan: ContractPlan, job: JobKey) -> int:
    """Stage every key that the target's table holds, whoever loaded it, then what this job knows of the documents
    behind them (fingerprint, source key). Returns the number of keys in the table."""
    keys = 0
    if rule.on and rule.table is not None:
        keys = staged.stage(_table_keys(sink, rule, plan.table(rule.table)))
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


def _table_keys(sink: Sink, rule: DuplicateRule, table: TablePlan) -> Iterator[pa.RecordBatch]:
    """Keys as the target stores them, told in the contract's types so that they compare with those to come."""
    fields = table_schema(table)
    schema = pa.schema([fields.field(name) for name in rule.on])
    for batch in sink.stream(table.name, list(rule.on), {}):
        try:
            rows = pa.Table.from_batches([batch]).cast(pa.schema([field.with_nullable(True) for field in schema]))
        except pa.ArrowInvalid as error:
            raise DataError(f"{table.name} holds keys that are outside the contract's types: {error}") from error
        key = canonical_keys(rows, rule.on)
        yield _staged(key, pa.nulls(len(key), pa.binary()), pa.nulls(len(key), pa.string()))


def _known(batch: pa.RecordBatch) -> pa.RecordBatch:
    import polars as pl

    fingerprint = pl.Series(batch["fingerprint"]).cast(pl.String).str.decode("hex").to_arrow().cast(pa.binary())
    return _staged(batch["root_key"].cast(pa.string()), fingerprint, batch["source_key"].cast(pa.string()))


def _staged(key: pa.Array, fingerprint: pa.Array, source_key: pa.Array) -> pa.RecordBatch:
    place = pa.array(["target"] * len(key), pa.string())
    chunk = pa.nulls(len(key), pa.int64())
    return pa.RecordBatch.from_arrays([key, fingerprint, source_key, place, chunk], schema=STAGED_SCHEMA)
