"""The rows that each table keeps, with its parent's key columns in front: parents first, everything vectorised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from transforms.contract.plan import ContractPlan, TablePlan
from transforms.convert.result import CHANGES_SCHEMA, Converted
from transforms.convert.types import table_schema
from transforms.rows.parent import parent_positions
from transforms.rows.pick import distinct_rows, ordered_rows
from transforms.shred.result import ROW_FIELDS
from transforms.sql.sandbox import Sandbox, SqlError, shared_sandbox

_HINT = "The `where` or `distinct.order` of this table fails on a value; TRY_CAST and the like give NULL instead."


def select_rows(plan: ContractPlan, converted: Converted, *, sandbox: Sandbox | None = None) -> Converted:
    """Gives the tables their parents' key columns and drops the rows that the contract does not keep.

    converted: tables of ROW_FIELDS and own columns, the rows of a document by `_row`; rows keep their order.
    sandbox: where `where` and `order` run; None: the shared one. One query per table that has either.

    In this order, each dropped row being counted once under the first rule that dropped it: rows without a parent row
    (`no_parent`) and rows whose parent row was dropped (`parent_dropped`); `where`, NULL meaning no; `distinct`, one
    row per document and key, the first by its order, then by `_row` -- rows with a NULL in the key are all kept, for
    nothing says they are the same; `keep_if_any`, rows whose columns of that list are all NULL.
    Returns tables of ROW_FIELDS, inherited columns, own columns, in exactly the types of `table_schema`; the counts are
    added to `changes`. SqlError where an expression fails on a value.
    """
    tables: dict[str, pa.Table] = {}
    dropped: list[tuple[str, str, int]] = []
    for table in plan.tables:
        rows, counts = _with_parent(table, converted.tables[table.name], tables)
        counts |= dict.fromkeys(("where", "distinct", "keep_if_any"), 0)
        if table.where or table.distinct:
            rows = _where_and_distinct(table, rows, counts, sandbox)
        if table.keep_if_any:
            rows = _keep_if_any(table, rows, counts)
        tables[table.name] = rows
        dropped += [(table.name, rule, count) for rule, count in counts.items() if count]
    return replace(converted, tables=tables, changes=_with_counts(converted.changes, dropped))


def schema_of(table: TablePlan) -> pa.Schema:
    """The schema of a selected table, and what its SQL sees: ROW_FIELDS, inherited columns, own columns."""
    return pa.schema([*ROW_FIELDS, *table_schema(table)])


def _with_parent(table: TablePlan, rows: pa.Table, selected: Mapping[str, pa.Table]) -> tuple[pa.Table, dict[str, int]]:
    """The rows whose parent row is still there, with its key columns in front; and how many had none."""
    if table.parent is None:
        return _shaped(table, rows, {}), {}
    parent = selected[table.parent]
    positions = parent_positions(rows, parent)
    no_parent = rows.column("_parent").null_count
    counts = {"no_parent": no_parent, "parent_dropped": positions.null_count - no_parent}
    if positions.null_count:
        rows = rows.filter(pc.is_valid(positions))
        positions = positions.drop_null()
    keys = parent.select([column.name for column in table.inherited]).take(positions)
    return _shaped(table, rows, dict(zip(keys.column_names, keys.columns, strict=True))), counts


def _shaped(table: TablePlan, rows: pa.Table, inherited: Mapping[str, pa.ChunkedArray]) -> pa.Table:
    schema = schema_of(table)
    columns = [inherited[name] if name in inherited else rows.column(name) for name in schema.names]
    return pa.table(columns, schema=schema)


def _where_and_distinct(table: TablePlan, rows: pa.Table, counts: dict[str, int], sandbox: Sandbox | None) -> pa.Table:
    order = table.distinct.order if table.distinct else ""
    picked = None
    if rows.num_rows and (table.where or order):
        try:
            picked = ordered_rows(rows, table.where, order, sandbox or shared_sandbox())
        except SqlError as error:
            raise SqlError(f"tables.{table.name}: {error.message}", hint=_HINT) from error
        counts["where"] = rows.num_rows - len(picked)
    if table.distinct:
        before = rows.num_rows if picked is None else len(picked)
        picked = distinct_rows(rows, table.distinct.on, picked)
        counts["distinct"] = before - len(picked)
    if picked is None or len(picked) == rows.num_rows:
        return rows
    return rows.take(picked.to_arrow())


def _keep_if_any(table: TablePlan, rows: pa.Table, counts: dict[str, int]) -> pa.Table:
    known = pc.is_valid(rows.column(table.keep_if_any[0]))
    for name in table.keep_if_any[1:]:
        known = pc.or_(known, pc.is_valid(rows.column(name)))
    kept = pc.sum(known, min_count=0).as_py()
    counts["keep_if_any"] = rows.num_rows - kept
    return rows if kept == rows.num_rows else rows.filter(known)


def _with_counts(changes: pa.Table, dropped: list[tuple[str, str, int]]) -> pa.Table:
    added = [{"table": table, "column": "", "rule": rule, "values": count} for table, rule, count in dropped]
    return pa.concat_tables([changes, pa.Table.from_pylist(added, schema=CHANGES_SCHEMA)])
