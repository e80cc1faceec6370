"""Columns made by SQL: one query per table and wave, then the columns' own rules, grouped over the tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from transforms.contract.plan import ColumnPlan, ContractPlan, TablePlan
from transforms.convert.columns import columns_of
from transforms.convert.rejection import refusals
from transforms.convert.runs import Cells
from transforms.convert.tally import tally
from transforms.convert.types import arrow_type, column_field
from transforms.rows.chunk import Chunk
from transforms.rows.delivery import Delivery
from transforms.rows.failing import Part, evaluate, without_failing
from transforms.rows.program import MadeColumn, TableProgram
from transforms.sql.sandbox import Sandbox


@dataclass(frozen=True, slots=True)
class Result:
    """Where the results for a column are: in a working table, under a name that no column of a contract can have.

    table, at: places in the plan, of the table and of the column.
    """

    table: int
    at: int
    plan: ColumnPlan
    delivery: Delivery

    @property
    def name(self) -> str:
        """Its name in the working table."""
        return f"result.{self.at}"


def make_columns(plan: ContractPlan, programs: Sequence[TableProgram], chunk: Chunk, sandbox: Sandbox) -> None:
    """Add the columns made by SQL to the working tables of these programs, in their waves.

    Rows and documents that a column's rules refuse are gone before the next wave, and counted.
    """
    waves = 1 + max((column.wave for program in programs for column in program.made), default=-1)
    for wave in range(waves):
        results = []
        for program in programs:
            made = [column for column in program.made if column.wave == wave]
            if made:
                _query(program, made, chunk, sandbox)
                results += [Result(program.at, column.at, column.plan, column.delivery) for column in made]
        settle_results(plan, results, chunk)


def settle_results(plan: ContractPlan, results: Sequence[Result], chunk: Chunk) -> None:
    """Put the columns' own rules to the results in the working tables, which then have the columns instead."""
    places = dict.fromkeys(result.table for result in results)
    tables = {at: chunk.working[plan.tables[at].name] for at in places}
    cells = [
        Cells(
            result.table,
            result.at,
            result.delivery.rule,
            _delivered(tables[result.table].column(result.name), result),
            typed=result.delivery.typed,
        )
        for result in results
    ]
    columns = columns_of(plan, cells)
    refused = refusals(plan, {plan.tables[at].name: table for at, table in tables.items()}, columns.outcomes)
    chunk.changes.append(tally(plan, columns.outcomes, refused))
    for result in results:
        field = column_field(result.plan)
        table = tables[result.table]
        place = table.schema.get_field_index(result.name)
        values = columns.column(result.table, result.at, field.type)
        tables[result.table] = table.set_column(place, field, values)
    for at, table in tables.items():
        chunk.working[plan.tables[at].name] = refused.without(at, table)
    chunk.reject(refused.rejected)


def label(table: TablePlan, column: str) -> str:
    """What a column is called in messages."""
    return f"{table.name}.{column}"


def _query(program: TableProgram, made: Sequence[MadeColumn], chunk: Chunk, sandbox: Sandbox) -> None:
    """Run the SQL of columns over the working table, and add the results to it.

    They come in the order of the rows: DuckDB keeps it where nothing but expressions is asked for.
    """
    name = program.plan.name
    selected = ", ".join(
        column.delivery.sql("(\n" + column.expression.sql + "\n)") + f" AS value{at}" for at, column in enumerate(made)
    )
    used = list(dict.fromkeys(part for column in made for part in column.expression.columns)) or ["_row"]
    parts = [
        Part(label(program.plan, column.plan.name), column.expression.sql, column.expression.columns) for column in made
    ]
    if not chunk.working[name].num_rows:
        chunk.working[name] = _with_results(chunk.working[name], made, None)
        return
    values = without_failing(
        chunk,
        sandbox,
        lambda: evaluate(f"SELECT {selected} FROM rows", chunk.working[name], used, parts, sandbox),
    )
    rows = chunk.working[name]
    assert values.num_rows == rows.num_rows  # noqa: S101  one value a row
    chunk.working[name] = _with_results(rows, made, values)


def _with_results(rows: pa.Table, made: Sequence[MadeColumn], values: pa.Table | None) -> pa.Table:
    """The rows with the results; None: there are no rows, and nothing was run."""
    for at, column in enumerate(made):
        result = pa.nulls(0, pa.string()) if values is None else values.column(at)
        rows = rows.append_column(f"result.{column.at}", result)
    return rows


def _delivered(values: pa.ChunkedArray, result: Result) -> pa.ChunkedArray:
    """Results in the Arrow type of the column, numbers as they are, or as text."""
    kind = arrow_type(result.plan.type) if result.delivery.typed else pa.string()
    if not len(values):
        return pa.chunked_array([], kind)
    keeps = result.delivery.typed and (pa.types.is_integer(values.type) or pa.types.is_decimal(values.type))
    return values if keeps or values.type == kind else values.cast(kind)
