"""The row of the target that somebody asks about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from columnar.errors import JobError
from columnar.jobs.key_text import parse_key
from loaders.names import nearest
from loaders.sink import Sink
from transforms.contract.plan import ContractPlan
from transforms.contract.target_tables import TargetTable, target_tables

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
    for batch in sink.select(target.name, names, wanted):
        batches.append(batch)
        if sum(map(len, batches)) >= _MOST:
            break
    if not batches:
        told = ", ".join(f"{name} = {wanted[name][0].as_py()}" for name in wanted.column_names)
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


def _key(table: TargetTable, text: str) -> pa.Table:
    names = [column.name for column in table.columns]
    pairs = [part.partition("=") for part in text.split(",")]
    if all(equal and name.strip() in names for name, equal, _ in pairs):
        return _texts({name.strip(): value.strip() for name, _, value in pairs})
    if not table.key:
        raise JobError(
            f"{table.name} has no key in the contract", hint=f"name the row by its columns: {names[0]}=VALUE,..."
        )
    return _texts(dict(zip(table.key, parse_key(text, len(table.key)), strict=True)))


def _texts(values: dict[str, str]) -> pa.Table:
    return pa.table({name: pa.array([value], pa.string()) for name, value in values.items()})
