"""The extracts of a plan's tables, with the values of their picks in them and a row for each of their slots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from transforms.assemble.picks import with_picks
from transforms.assemble.slots import rows_of_slots
from transforms.contract.extracts import Extract, extracts_of
from transforms.contract.plan import ColumnPlan, ContractPlan, TablePlan
from transforms.convert.beside import beside_name
from transforms.convert.result import CHANGES_SCHEMA
from transforms.shred.result import ROW_FIELDS

EMPTY_SLOT = "empty_slot"  # the rule under which the rows of empty slots are counted


@dataclass(frozen=True)
class Assembled:
    """Tables of text of one chunk.

    extracts: table name -> ROW_FIELDS, then every column that has a path, as text or as the shredder read it; one per
        table of the plan that has rows, in the plan's order.
    changes: CHANGES_SCHEMA, column '' and rule `empty_slot`: the rows that slots with nothing in them did not give.
    """

    extracts: dict[str, pa.Table]
    changes: pa.Table


def assemble(plan: ContractPlan, extracts: Mapping[str, pa.Table]) -> Assembled:
    """Puts the picks and slots of a chunk together.

    extracts: what a shredder returned for the plan; of each document all rows or none, by `_row`.

    Tables without picks and slots are returned as they are. Everything is decided within one document: what else is
    in the chunk changes nothing.
    """
    reads = _extracts_by_table(plan)
    tables: dict[str, pa.Table] = {}
    empty: dict[str, int] = {}
    for table in plan.tables:
        if table.rows is None:
            continue
        if not (table.picks or table.slots):
            tables[table.name] = extracts[table.name]
            continue
        rows = with_picks(table, reads[table.name], extracts) if table.picks else extracts[table.name]
        if table.slots:
            rows, empty[table.name] = rows_of_slots(table, rows)
        tables[table.name] = _shaped(table, rows)
    return Assembled(tables, _changes(empty))


def _extracts_by_table(plan: ContractPlan) -> dict[str, list[Extract]]:
    """What is read for each table that has picks."""
    found: dict[str, list[Extract]] = {table.name: [] for table in plan.tables if table.picks}
    if found:
        for extract in extracts_of(plan):
            if extract.table in found:
                found[extract.table].append(extract)
    return found


def _shaped(table: TablePlan, rows: pa.Table) -> pa.Table:
    """ROW_FIELDS and the columns in the plan's order, without what only served picks."""
    there = set(rows.column_names)
    own = [column.name for column in table.columns if _has_path(table, column)]
    names = [each for name in own for each in (name, beside_name(name)) if each in there]
    fields = [*ROW_FIELDS, *(pa.field(name, rows.schema.field(name).type) for name in names)]
    return pa.Table.from_arrays([rows.column(field.name) for field in fields], schema=pa.schema(fields))


def _has_path(table: TablePlan, column: ColumnPlan) -> bool:
    return column.path is not None or any(name == column.name for slot in table.slots for name, _ in slot.paths)


def _changes(empty: Mapping[str, int]) -> pa.Table:
    rows = [
        {"table": table, "column": "", "rule": EMPTY_SLOT, "values": count} for table, count in empty.items() if count
    ]
    return pa.Table.from_pylist(rows, schema=CHANGES_SCHEMA)
