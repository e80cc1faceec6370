"""The rows that each table keeps, with its parent's key columns in front: parents first, everything vectorised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import groupby

import pyarrow as pa
import pyarrow.compute as pc

from transforms.contract.plan import ContractPlan, TablePlan
from transforms.convert.result import Converted
from transforms.rows.beside import columns_beside
from transforms.rows.check import program_of
from transforms.rows.chunk import Chunk
from transforms.rows.failing import without_failing
from transforms.rows.made import make_columns
from transforms.rows.parent import parent_positions
from transforms.rows.pick import distinct_rows, ordered_rows
from transforms.rows.program import TableProgram
from transforms.rows.shape import shaped
from transforms.rows.sql_table import make_sql_tables
from transforms.sql.sandbox import Sandbox, shared_sandbox


def select_rows(plan: ContractPlan, converted: Converted, *, sandbox: Sandbox | None = None) -> Converted:
    """Gives the tables their parents' key columns and the columns made by SQL, drops the rows that the contract does
    not keep, and adds the tables made by SQL.

    converted: tables of ROW_FIELDS and the columns read from documents, the rows of a document together and by `_row`;
    rows keep their order. sandbox: where SQL runs; None: the shared one.

    In this order, each dropped row being counted once under the first rule that dropped it: rows without a parent row
    (`no_parent`) and rows whose parent row was dropped (`parent_dropped`); rows that the rules of a column made by SQL
    reject; `where`, NULL meaning no; `distinct`, one row per document and key, the first by its order, then by `_row`
    -- rows with a NULL in the key are all kept, for nothing says they are the same; `keep_if_any`, rows whose columns
    of that list are all NULL.
    Returns tables of ROW_FIELDS, inherited columns, own columns, in exactly the types of `table_schema` (columns that
    the database makes are NULL); what was changed is added to `changes`. Documents that the rules of SQL columns
    refuse, or whose values make SQL fail (`sql_error`), are added to `rejected`; changes and rows may still count some
    of them: convert again without them where that matters.
    ContractError where SQL of the plan cannot be used; SqlError where it fails on no document alone.
    """
    sandbox = sandbox or shared_sandbox()
    program = program_of(plan)
    chunk = Chunk.of(converted)
    for _, level in groupby(program.rows, key=lambda each: each.depth):
        _select_level(plan, list(level), chunk, sandbox)
    make_sql_tables(plan, program.sql, chunk, sandbox)
    return chunk.result()


def _select_level(plan: ContractPlan, programs: Sequence[TableProgram], chunk: Chunk, sandbox: Sandbox) -> None:
    """Tables none of which is above another."""
    for program in programs:
        rows, counts = without_failing(chunk, sandbox, partial(_started, plan, program, chunk, sandbox))
        chunk.working[program.plan.name] = rows
        chunk.count(program.plan.name, counts)
    make_columns(plan, programs, chunk, sandbox)
    for program in programs:
        rows, counts = without_failing(chunk, sandbox, partial(_selected, program, chunk, sandbox))
        del chunk.working[program.plan.name]
        chunk.done[program.plan.name] = shaped(program.schema, rows)
        chunk.count(program.plan.name, counts)


def _started(
    plan: ContractPlan, program: TableProgram, chunk: Chunk, sandbox: Sandbox
) -> tuple[pa.Table, dict[str, int]]:
    """The rows whose parent row is still there, with its key columns and all that their SQL sees; and how many had
    none."""
    table = program.plan
    rows, parents, counts = _with_parent(table, chunk.converted[table.name], chunk.done)
    for name, values in columns_beside(plan, program, rows, parents, chunk, sandbox).items():
        rows = rows.append_column(name, values)
    return rows, counts


def _with_parent(
    table: TablePlan, rows: pa.Table, selected: Mapping[str, pa.Table]
) -> tuple[pa.Table, pa.Array | None, dict[str, int]]:
    """The rows whose parent row is still there, with its key columns; where that stands; and how many had none."""
    if table.parent is None:
        return rows, None, {}
    parent = selected[table.parent]
    positions = parent_positions(rows, parent)
    no_parent = rows.column("_parent").null_count
    counts = {"no_parent": no_parent, "parent_dropped": positions.null_count - no_parent}
    if positions.null_count:
        rows = rows.filter(pc.is_valid(positions))
        positions = positions.drop_null()
    keys = parent.select([column.name for column in table.inherited]).take(positions)
    for field, values in zip(keys.schema, keys.columns, strict=True):
        rows = rows.append_column(field, values)
    return rows, positions, counts


def _selected(program: TableProgram, chunk: Chunk, sandbox: Sandbox) -> tuple[pa.Table, dict[str, int]]:
    """The rows that `where`, `distinct` and `keep_if_any` keep, and how many each of them dropped."""
    table = program.plan
    rows = chunk.working[table.name]
    counts: dict[str, int] = {}
    if table.where or table.distinct:
        rows = _where_and_distinct(program, rows, counts, sandbox)
    if table.keep_if_any:
        rows = _keep_if_any(table, rows, counts)
    return rows, counts


def _where_and_distinct(program: TableProgram, rows: pa.Table, counts: dict[str, int], sandbox: Sandbox) -> pa.Table:
    picked = None
    if rows.num_rows and (program.where or program.order):
        picked = ordered_rows(rows, program.where, program.order, sandbox, table=program.plan.name)
        counts["where"] = rows.num_rows - len(picked)
    if program.plan.distinct:
        before = rows.num_rows if picked is None else len(picked)
        picked = distinct_rows(rows, program.plan.distinct.on, picked)
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
