"""The row of the target that somebody asks about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl
import pyarrow as pa

from columnar.errors import JobError
from columnar.jobs.key_text import parse_key
from columnar.lineage.key_values import read_back
from loaders.names import nearest
from loaders.sink import Sink
from transforms.contract.plan import ContractPlan, TypeKind
from transforms.contract.target_tables import TargetTable, target_tables
from transforms.convert.types import column_field

_MOST = 1000  # rows that are looked at where a table has no key


@dataclass(frozen=True, slots=True)
class FoundRow:
    """A row as the target holds it, with the columns of the contract. alike: how many rows had the key."""

    table: TargetTable
    row: pa.Table
    alike: int

    def value(self, column: str) -> Any:  # whatever the target holds
        """One of its values."""
        return self.row[column][0].as_py()


def find_row(sink: Sink, plan: ContractPlan, table: str, key: str) -> FoundRow:
    """The row with that key.

    table: as the contract or the target calls it. key: the values of the table's key, with commas between them; or, for
    any table, `column=value` with commas between them. JobError where there is no such table, column or row.
    """
    target = _table(plan, table)
    wanted = _key(target, key)
    if not sink.has(target.name):
        raise JobError(f"table {target.name} is not in the target yet", hint="`columnar run` makes it")
    names = [column.name for column in target.columns]
    batches: list[pa.RecordBatch] = []
    for batch in sink.select(target.name, names, _typed(target, wanted)):
        batches.append(batch)
        if sum(map(len, batches)) >= _MOST:
            break
    if not batches:
        told = ", ".join(f"{name} = {value}" for name, value in wanted.items())
        raise JobError(f"{target.name} has no row with {told}")
    rows = pa.Table.from_batches(batches)
    return FoundRow(target, rows.slice(0, 1), len(rows))


def _table(plan: ContractPlan, name: str) -> TargetTable:
    tables = target_tables(plan)
    titles = {title: each for each in tables for title in (plan.table(part).title for part in each.tables)}
    found = next((each for each in tables if each.name == name), titles.get(name))
    if found is None:
        hint = nearest(name, [each.name for each in tables], "table")
        raise JobError(f"the contract loads no table {name}", hint=hint)
    return found


def _key(table: TargetTable, text: str) -> dict[str, str]:
    names = [column.name for column in table.columns]
    pairs = [part.partition("=") for part in text.split(",")]
    if all(equal and name.strip() in names for name, equal, _ in pairs):
        return {name.strip(): value.strip() for name, _, value in pairs}
    if not table.key:
        raise JobError(
            f"{table.name} has no key in the contract", hint=f"name the row by its columns: {names[0]}=VALUE,..."
        )
    return dict(zip(table.key, parse_key(text, len(table.key)), strict=True))


def _typed(table: TargetTable, values: dict[str, str]) -> pa.Table:
    """The values as keys are told; as a text what is written otherwise, for the target to make something of it."""
    columns = {column.name: column for column in table.columns}
    found = {}
    for name, value in values.items():
        text = value.lower() if columns[name].type.kind is TypeKind.UUID else value
        try:
            found[name] = read_back([text], column_field(columns[name]).type)
        except (ValueError, pa.ArrowException, pl.exceptions.PolarsError):
            found[name] = pa.array([text], pa.string())
    return pa.table(found)
