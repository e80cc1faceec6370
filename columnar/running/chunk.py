"""One chunk between shredding and publishing: conversion in portions, source order, outcomes."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from columnar.bookkeeping.receipt import Receipt, count_changes, count_ways
from columnar.errors import IntegrityError
from columnar.running.identity import Numbering
from columnar.running.reading import ShreddedBatch, source_keys
from transforms.assemble.several import map_several
from transforms.contract.plan import ContractPlan
from transforms.contract.target_tables import TargetTable, target_tables
from transforms.documents import DOCUMENT, drop_documents
from transforms.duplicates import source_key_ties
from transforms.shred.result import ROW_FIELDS
from transforms.tables import tables_of

# One row per document that will not load, and why; line and column are 0 where unknown.
PROBLEM_SCHEMA = pa.schema(
    [
        ("document", pa.int64()),
        ("reason", pa.string()),
        ("line", pa.int32()),
        ("column", pa.int32()),
        ("detail", pa.string()),
    ]
)


@dataclass(frozen=True)
class PreparedChunk:
    """A chunk, converted, in source order; `document` is a row's place there.

    documents: one row per document: source_key, fingerprint (null where none), bytes, content (the canonical
    fingerprint; null until somebody asks for it).
    tables: the tables to load, by their names in the target and in the order in which they load, with `_document`; only
    rows of documents that can load. Columns that the database makes hold numbers: see columnar.running.identity.
    problems: PROBLEM_SCHEMA. twins: document, winner: exact copies under the same source key. keys: a digest of
    the source keys. plan: what the tables were made by; None where there are none.
    """

    chunk: int
    documents: pa.Table
    tables: dict[str, pa.Table]
    problems: pa.Table
    twins: pa.Table
    receipt: Receipt
    keys: str
    plan: ContractPlan | None = None

    @property
    def targets(self) -> tuple[TargetTable, ...]:
        """What the tables are in the target, in the order in which they load."""
        return target_tables(self.plan) if self.plan is not None else ()


@dataclass
class ChunkBuilder:
    """Takes the batches of one chunk as they arrive and converts them in portions of bounded size.

    portion_bytes: extracts that are converted together. Documents are independent of each other, so portions do not
    change any result; conversion's fixed cost is why they are not smaller.
    """

    plan: ContractPlan
    portion_bytes: int
    receipt: Receipt = field(default_factory=Receipt)
    _count: int = 0
    _held: int = 0
    _waiting: list[dict[str, pa.Table]] = field(default_factory=list)
    _converted: list[dict[str, pa.Table]] = field(default_factory=list)
    _problems: list[pa.Table] = field(default_factory=list)
    _keys: list[pa.Table] = field(default_factory=list)
    _sizes: list[pa.Array] = field(default_factory=list)
    _fingerprints: list[pa.Array] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._targets = target_tables(self.plan)
        self._numbering = Numbering(self.plan)

    def add(self, batch: ShreddedBatch) -> None:
        """One more batch."""
        shredded = batch.shredded
        offset = pa.scalar(self._count, pa.int64())
        extracts = {name: _shift(table, "_document", offset) for name, table in shredded.extracts.items()}
        self._problems.append(_shift(shredded.refused, "document", offset).cast(PROBLEM_SCHEMA))
        self._keys.append(batch.keys)
        self._sizes.append(batch.sizes)
        self._fingerprints.append(batch.fingerprints)
        self._count += len(batch.sizes)
        self._waiting.append(extracts)
        self._held += batch.extract_bytes
        self.receipt.stage_bytes["shred"] = self.receipt.stage_bytes.get("shred", 0) + batch.extract_bytes
        count_changes(self.receipt.changes, map_several(self.plan, shredded.several), "cells")
        count_ways(self.receipt.ways, shredded.ways)
        self.receipt.seconds["shred"] = self.receipt.seconds.get("shred", 0.0) + batch.seconds
        if self._held >= self.portion_bytes:
            self._convert()

    def _convert(self) -> None:
        if not self._waiting:
            return
        with self.receipt.timed("convert"):
            names = list(self._waiting[0])
            extracts = {name: pa.concat_tables([each[name] for each in self._waiting]) for name in names}
            self._waiting, self._held = [], 0
            made = tables_of(self.plan, extracts)
            del extracts
            tables = self._numbering.number(made.tables)
            loaded = {target.name: self._loaded(target, tables) for target in self._targets}
        self.receipt.count_bytes("convert", loaded.values())
        self._converted.append(loaded)
        rejected = made.rejected.append_column("column", pa.nulls(len(made.rejected), pa.int32()).fill_null(0))
        self._problems.append(rejected.select(PROBLEM_SCHEMA.names).cast(PROBLEM_SCHEMA))
        count_changes(self.receipt.changes, made.changes, "values")

    def _loaded(self, target: TargetTable, tables: dict[str, pa.Table]) -> pa.Table:
        """The rows of every table that loads into this one, table by table: `_renumber` brings those of a document
        together, in that order."""
        names = [*(field.name for field in ROW_FIELDS), *(column.name for column in target.columns)]
        parts = [tables[name].select(names) for name in target.tables]
        return parts[0] if len(parts) == 1 else pa.concat_tables(parts, promote_options="default")

    def finish(self, chunk: int, listed: pa.Table, keys: str) -> PreparedChunk:
        """The whole chunk.

        listed: its keys in source order, as the source listed them in the same snapshot; a document that is missing or
        was not listed is an IntegrityError. keys: their digest.
        """
        self._convert()
        with self.receipt.timed("arrange"):
            return self._arrange(chunk, listed, keys)

    def _arrange(self, chunk: int, listed: pa.Table, keys: str) -> PreparedChunk:
        place = self._places(chunk, listed)
        documents = pa.table(
            {
                "source_key": source_keys(listed),
                "fingerprint": _reordered(self._fingerprints, place, pa.binary()),
                "bytes": _reordered(self._sizes, place, pa.int64()),
                "content": pa.nulls(self._count, pa.binary()),
            }
        )
        problems = pa.concat_tables([PROBLEM_SCHEMA.empty_table(), *self._problems])
        problems = _renumber(problems, "document", place)
        ties = source_key_ties(documents["source_key"], documents["fingerprint"])
        problems, twins = _resolve_ties(problems, ties)
        tables = {}
        for target in self._targets:
            parts = [each[target.name] for each in self._converted]
            if parts:
                tables[target.name] = _renumber(pa.concat_tables(parts), DOCUMENT, place)
        self._converted = []
        tables = drop_documents(tables, pa.concat_arrays([_chunk(problems["document"]), _chunk(twins["document"])]))
        self.receipt.documents = self._count
        self.receipt.bytes = pc.sum(documents["bytes"]).as_py() or 0
        self.receipt.stage_bytes["read"] = self.receipt.bytes
        return PreparedChunk(chunk, documents, tables, problems, twins, self.receipt, keys, self.plan)

    def _places(self, chunk: int, listed: pa.Table) -> pa.Array:
        """Arrival -> place in source order. Documents that share a key are ordered by fingerprint, so that the result
        does not depend on how the source returned them."""
        names = listed.column_names
        arrived = pl.DataFrame(pa.concat_tables(self._keys) if self._keys else listed.slice(0, 0)).with_row_index(
            "arrival"
        )
        arrived = arrived.with_columns(fingerprint=pl.Series(pa.chunked_array(self._fingerprints, pa.binary())))
        arrived = arrived.with_columns(
            turn=pl.struct("fingerprint", "arrival").rank("ordinal").over(names) if arrived.height else pl.lit(0)
        )
        expected = pl.DataFrame(listed).with_row_index("place")
        expected = expected.with_columns(
            turn=pl.col("place").rank("ordinal").over(names) if expected.height else pl.lit(0)
        )
        both = arrived.join(expected, on=[*names, "turn"], how="left", maintain_order="left")
        lost = expected.height - both["place"].drop_nulls().len()
        if lost or both["place"].null_count():
            raise IntegrityError(
                [
                    f"chunk {chunk}: the source listed {expected.height} documents and returned {arrived.height},"
                    f" {lost} of the listed not among them"
                ],
                hint="nothing of the chunk was loaded; run the same command again, and doubt the source if it repeats",
            )
        return pa.array(both["place"].cast(pl.Int64).to_arrow())


def _shift(table: pa.Table, column: str, offset: pa.Scalar) -> pa.Table:
    at = table.schema.get_field_index(column)
    return table.set_column(at, table.schema.field(at), pc.add(table.column(at), offset))


def _renumber(table: pa.Table, column: str, place: pa.Array) -> pa.Table:
    """Replace arrival numbers by places and put the rows in their order; rows of one document keep theirs."""
    at = table.schema.get_field_index(column)
    places = place.take(_chunk(table.column(at)))
    table = table.set_column(at, table.schema.field(at), places)
    if len(places) < 2 or pc.all(pc.greater_equal(places[1:], places[:-1])).as_py():
        return table
    return table.take(pc.sort_indices(places))  # a stable sort


def _reordered(parts: list[pa.Array], place: pa.Array, kind: pa.DataType) -> pa.Array:
    values = _chunk(pa.chunked_array(parts, kind))
    return values.take(pc.sort_indices(place)) if len(place) else values


def _chunk(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)


def _resolve_ties(problems: pa.Table, ties: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Exact copies under one source key are twins of the first and share its fate: they have no problems of their own.
    Different documents under one key are all problems, whatever else is wrong with them."""
    ambiguous = ties.filter(pc.equal(ties["outcome"], "duplicate_source_key"))
    twins = ties.filter(pc.equal(ties["outcome"], "duplicate")).select(["document", "winner"])
    if not len(ambiguous) and not len(twins):
        return problems, twins
    taken = pa.concat_arrays([_chunk(ambiguous["document"]), _chunk(twins["document"])])
    problems = problems.filter(pc.invert(pc.is_in(problems["document"], taken)))
    detail = "different documents share this source key: name more key columns"
    return pa.concat_tables([problems, problem_rows(ambiguous["document"], "duplicate_source_key", detail)]), twins


def problem_rows(documents: pa.Array | pa.ChunkedArray, reason: str, detail: str) -> pa.Table:
    """PROBLEM_SCHEMA rows that all say the same, without a place."""
    count = len(documents)
    columns = [
        documents,
        pa.array([reason] * count),
        pa.array([0] * count),
        pa.array([0] * count),
        pa.array([detail] * count),
    ]
    return pa.table(
        {field.name: column.cast(field.type) for field, column in zip(PROBLEM_SCHEMA, columns, strict=True)}
    )


def null_key_chunk(chunk: int, rows: int, keys: str) -> PreparedChunk:
    """The rows whose source key is NULL: nothing could lead back to them, so none is loaded and all are counted."""
    nulls = {
        "source_key": pa.nulls(rows, pa.string()),
        "fingerprint": pa.nulls(rows, pa.binary()),
        "bytes": pa.nulls(rows, pa.int64()),
        "content": pa.nulls(rows, pa.binary()),
    }
    problems = problem_rows(pa.array(range(rows), pa.int64()), "null_key", "the source key is NULL")
    twins = pa.table({"document": pa.array([], pa.int64()), "winner": pa.array([], pa.int64())})
    return PreparedChunk(chunk, pa.table(nulls), {}, problems, twins, Receipt(documents=rows), keys)
