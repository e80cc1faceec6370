"""Tables made by SQL over the tables of a chunk."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import pyarrow as pa

from transforms.contract.plan import ContractPlan
from transforms.rows.chunk import Chunk, rejected_documents
from transforms.rows.failing import REASON, failing_documents, first_line
from transforms.rows.made import Result, settle_results
from transforms.rows.shape import shaped
from transforms.rows.sql_program import SqlTableProgram
from transforms.shred.result import ROW_FIELDS
from transforms.sql.sandbox import Sandbox, SqlError


def make_sql_tables(plan: ContractPlan, programs: Sequence[SqlTableProgram], chunk: Chunk, sandbox: Sandbox) -> None:
    """Add the tables made by SQL to those that are done; each level reads those before it."""
    for level in range(1 + max((program.level for program in programs), default=-1)):
        running = [program for program in programs if program.level == level]
        results = []
        for program in running:
            chunk.working[program.plan.name] = _rows(program, _made(program, chunk, sandbox))
            for at, each in program.deliveries.items():
                results.append(Result(program.at, at, program.plan.columns[at], each))
        settle_results(plan, results, chunk)
        for program in running:
            chunk.done[program.plan.name] = shaped(program.schema, chunk.working.pop(program.plan.name))


def _made(program: SqlTableProgram, chunk: Chunk, sandbox: Sandbox) -> pa.Table:
    """What the query of a table returns; documents whose values make it fail are refused first."""
    while True:
        tables = _read(program, chunk)
        try:
            return sandbox.query(program.query, tables)
        except SqlError:
            chunk.reject(_failing(program, tables, sandbox))


def _read(program: SqlTableProgram, chunk: Chunk) -> dict[str, pa.Table]:
    return {title: chunk.done[name].select(list(columns)) for title, (name, columns) in program.tables.items()}


def _failing(program: SqlTableProgram, tables: dict[str, pa.Table], sandbox: Sandbox) -> pa.Table:
    """REJECTED_SCHEMA of the documents on whose rows the query fails."""
    columns = {title: pl.Series(table.column("_document")) for title, table in tables.items()}
    documents = pl.concat([*columns.values(), pl.Series([], dtype=pl.Int64)]).unique().sort()
    starts = {title: column.search_sorted(documents, "left") for title, column in columns.items()}
    ends = {title: column.search_sorted(documents, "right") for title, column in columns.items()}

    def attempt(first: int, last: int) -> None:
        some = {
            title: table.slice(starts[title][first], ends[title][last] - starts[title][first])
            for title, table in tables.items()
        }
        sandbox.query(program.query, some)

    what = f"{program.plan.name}.sql"
    found = failing_documents(len(documents), attempt, what)
    return rejected_documents(
        [(documents[at], 0, f"{what}: {first_line(message)}") for at, message in sorted(found.items())], REASON
    )


def _rows(program: SqlTableProgram, made: pa.Table) -> pa.Table:
    """The rows with the fields that every table has, numbered within their document.

    SqlError where a row belongs to no document.
    """
    document = pl.Series("_document", made.column(0))
    if document.null_count():
        raise SqlError(
            f"{program.plan.name}.sql: it returns a row whose _document is NULL",
            hint="Take _document from the side of an outer join that is always there.",
        )
    number = pl.int_range(len(document), eager=True) - document.search_sorted(document)
    fields = {
        "_document": document.to_arrow(),
        "_row": number.to_arrow(),
        "_parent": pa.nulls(len(document), pa.int32()),
        "_position": (number + 1).to_arrow(),
        "_line": made.column(1),
    }
    table = pa.table(fields).cast(pa.schema(ROW_FIELDS))
    for (at, _), values in zip(program.deliveries.items(), made.columns[2:], strict=True):
        table = table.append_column(f"result.{at}", values)
    return table
