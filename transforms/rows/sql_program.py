"""The SQL tables of a plan, checked once and ready to run on every chunk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa

from transforms.contract.plan import ContractPlan, Identity, TablePlan
from transforms.convert.types import column_field
from transforms.errors import ContractError, Problem
from transforms.rows.delivery import Delivery, delivery, delivery_fault
from transforms.rows.program import schema_of
from transforms.shred.result import ROW_FIELDS
from transforms.sql.expression import check_scalar
from transforms.sql.relations import DOCUMENT
from transforms.sql.statement import Statement, read_statement
from transforms.sql.text import quoted

_LINE = "_line"


@dataclass(frozen=True, slots=True)
class SqlTableProgram:
    """A table made by SQL.

    at: its place in the plan. tables: what its SQL calls the tables it reads -> their names in the plan, and the
    columns it may use. query: the rows in their final order: `_document`, `_line` and one result per column, in the
    order of `deliveries`. level: after how many other SQL tables it can be made.
    """

    at: int
    plan: TablePlan
    tables: Mapping[str, tuple[str, tuple[str, ...]]]
    query: str
    deliveries: Mapping[int, Delivery]  # by the columns' places
    level: int
    schema: pa.Schema


def sql_programs(plan: ContractPlan, problems: list[Problem]) -> list[SqlTableProgram]:
    """The programs of the tables made by SQL, in the plan's order; what is wrong goes to `problems`."""
    programs: dict[str, SqlTableProgram] = {}
    for at, table in enumerate(plan.tables):
        if not table.sql:
            continue
        key = f"tables.{table.title}.sql"
        visible = {other.title: other for other in _readable(plan, at)}
        schemas = {title: _seen(other) for title, other in visible.items()}
        try:
            statement = read_statement(table.sql, schemas, what=key)
            wrong = list(_faults(table, statement, key))
            problems += wrong
            if not wrong:
                programs[table.name] = _program(at, table, statement, visible, programs)
        except ContractError as error:
            problems += error.problems
    return list(programs.values())


def _readable(plan: ContractPlan, at: int) -> Iterator[TablePlan]:
    """The tables that the SQL table of that place may read."""
    for other_at, other in enumerate(plan.tables):
        if other.scope == plan.tables[at].scope and (not other.sql or other_at < at):
            yield other


def _seen(table: TablePlan) -> pa.Schema:
    columns = (*table.inherited, *table.columns)
    return pa.schema([*ROW_FIELDS, *(column_field(each) for each in columns if each.identity is not Identity.DATABASE)])


def _faults(table: TablePlan, statement: Statement, key: str) -> Iterator[Problem]:
    """Whether the SELECT yields `_document` and the declared columns, and nothing else."""
    yielded = {name.lower(): (name, kind) for name, kind in statement.columns.items()}
    declared = {column.name.lower() for column in table.columns}
    for column in table.columns:
        if column.identity is Identity.DATABASE:
            continue
        if column.name.lower() not in yielded:
            yield Problem(f"it does not return the column {column.name!r}", key=key, expected=_expected(table))
            continue
        kind = yielded[column.name.lower()][1]
        place = f"tables.{table.title}.columns.{column.name}"
        try:
            check_scalar(kind, place)
        except ContractError as error:
            yield from error.problems
            continue
        if fault := delivery_fault(column, kind, place):
            yield fault
    if DOCUMENT not in yielded:
        yield Problem("it does not return _document", key=key, expected=_expected(table))
    for folded, (name, _) in yielded.items():
        if folded not in declared and folded not in (DOCUMENT, _LINE):
            yield Problem(f"it returns {name!r}, which is no column of the table", key=key, expected=_expected(table))


def _expected(table: TablePlan) -> str:
    return ", ".join([DOCUMENT, *(column.name for column in table.columns)])


def _program(
    at: int,
    table: TablePlan,
    statement: Statement,
    visible: Mapping[str, TablePlan],
    before: Mapping[str, SqlTableProgram],
) -> SqlTableProgram:
    names = {name.lower(): quoted(name) for name in statement.columns}
    kinds = {name.lower(): kind for name, kind in statement.columns.items()}
    deliveries = {
        place: delivery(column, kinds[column.name.lower()])
        for place, column in enumerate(table.columns)
        if column.name.lower() in kinds
    }
    own = [f"made.{names[table.columns[place].name.lower()]}" for place in deliveries]
    line = f"made.{names[_LINE]}" if _LINE in names else "0"
    selected = [f"made.{names[DOCUMENT]}", f"coalesce(CAST({line} AS INTEGER), 0)"]
    selected += [each.sql(column) for each, column in zip(deliveries.values(), own, strict=True)]
    # Rows that are equal in all of these are the same row, so that their order does not matter.
    order = ", ".join(f"{each} NULLS FIRST" for each in (f"made.{names[DOCUMENT]}", *own, *([line] * (line != "0"))))
    query = f"SELECT {', '.join(selected)} FROM (\n{statement.sql}\n) AS made ORDER BY {order}"
    tables = {title: (visible[title].name, columns) for title, columns in statement.tables.items()}
    level = max((before[name].level + 1 for name, _ in tables.values() if name in before), default=0)
    return SqlTableProgram(at, table, tables, query, deliveries, level, schema_of(table))
