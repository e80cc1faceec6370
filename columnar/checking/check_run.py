"""The contract run over sample documents, with the parts that a run has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from transforms.assemble import assemble
from transforms.assemble.several import map_several
from transforms.contract.plan import ContractPlan
from transforms.shred.result import Shredded, ways_table
from transforms.shred.shredder import Shredder
from transforms.tables import tables_of


@dataclass(frozen=True, slots=True)
class Sample:
    """A document. text: it comes out of a text column, or a file read as text."""

    name: str
    data: bytes
    text: bool


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a document would not load."""

    reason: str
    line: int
    column: int
    detail: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What the contract makes of some documents, by their number among them.

    extracts: text as it was read, one per table with rows, before conversion. tables: as they would be loaded.
    changes: (table, column, rule) -> values.
    """

    extracts: dict[str, pa.Table]
    tables: dict[str, pa.Table]
    problems: dict[int, Problem]
    changes: dict[tuple[str, str, str], int]


def run_contract(
    plan: ContractPlan, shredder: Shredder, samples: Sequence[Sample], keys: Mapping[str, Sequence[str]]
) -> Trial:
    """From documents to tables, all documents at once. keys: for each key name, one text per sample.

    SqlError where SQL of the contract fails on a value.
    """
    shredded = shred_samples(shredder, samples, keys)
    made = tables_of(plan, shredded.extracts)
    problems = {
        row["document"]: Problem(row["reason"], row["line"], row["column"], row["detail"])
        for row in shredded.refused.to_pylist()
    }
    for row in made.rejected.to_pylist():
        problems[row["document"]] = Problem(row["reason"], row["line"], 0, row["detail"])
    changes = {(row["table"], row["column"], row["rule"]): row["values"] for row in made.changes.to_pylist()}
    for row in map_several(plan, shredded.several).to_pylist():
        changes[row["table"], row["column"], "several"] = row["cells"]
    return Trial(assemble(plan, shredded.extracts).extracts, made.tables, problems, changes)


def shred_samples(shredder: Shredder, samples: Sequence[Sample], keys: Mapping[str, Sequence[str]]) -> Shredded:
    """Text and bytes are different columns, so they are shredded apart and put together again in the samples' order."""
    parts = []
    for text in (False, True):
        numbers = [number for number, sample in enumerate(samples) if sample.text is text]
        if not numbers:
            continue
        documents = pa.array([samples[number].data for number in numbers], pa.large_binary())
        if text:
            documents = documents.view(pa.large_string())
        key_columns = {
            name: pa.array([values[number] for number in numbers], pa.string()) for name, values in keys.items()
        }
        shredded = shredder.shred(documents, key_columns)
        if len(numbers) == len(samples):
            return shredded
        parts.append(_renumbered(shredded, pa.array(numbers, pa.int64())))
    if not parts:
        return shredder.shred(pa.array([], pa.large_binary()), {name: pa.array([], pa.string()) for name in keys})
    several = pa.concat_tables([part.several for part in parts])
    ways = Counter[tuple[str, str]]()
    for row in pa.concat_tables([part.ways for part in parts]).to_pylist():
        ways[row["way"], row["why"]] += row["documents"]
    return Shredded(
        extracts={
            name: pa.concat_tables([part.extracts[name] for part in parts]).sort_by("_document")
            for name in parts[0].extracts
        },
        refused=pa.concat_tables([part.refused for part in parts]).sort_by("document"),
        several=several.group_by(["table", "column"])
        .aggregate([("cells", "sum")])
        .rename_columns({"cells_sum": "cells"}),
        ways=ways_table(ways),
    )


def _renumbered(shredded: Shredded, numbers: pa.Array) -> Shredded:
    def renumber(table: pa.Table) -> pa.Table:
        return table.set_column(0, table.schema.field(0), numbers.take(table.column(0).combine_chunks()))

    extracts = {name: renumber(table) for name, table in shredded.extracts.items()}
    return replace(shredded, extracts=extracts, refused=renumber(shredded.refused))
