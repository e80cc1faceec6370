"""The SQL of a plan's tables that have rows, checked once and ready to run on every chunk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from transforms.contract.plan import ColumnPlan, ContractPlan, Identity, Join, Preference, TablePlan, Take
from transforms.convert.runs import is_read
from transforms.convert.types import column_field
from transforms.errors import ContractError, Problem
from transforms.rows.delivery import Delivery, delivery, delivery_fault
from transforms.shred.result import ROW_FIELDS
from transforms.sql.expression import Expression, read_condition, read_order, read_value
from transforms.sql.scope import Scope
from transforms.sql.text import quoted, text_literal


@dataclass(frozen=True, slots=True)
class MadeColumn:
    """A column made by SQL. at: its place in the plan; wave: after how many others it can be made."""

    at: int
    plan: ColumnPlan
    expression: Expression
    delivery: Delivery
    wave: int


@dataclass(frozen=True, slots=True)
class JoinProgram:
    """How the one row of a join is chosen. where, order: over the joined table; None for none."""

    plan: Join
    table: str
    columns: pa.Schema
    where: Expression | None
    order: Expression | None


@dataclass(frozen=True, slots=True)
class TableProgram:
    """What is run for a table with rows.

    at: its place in the plan. order: the preferences of `distinct`, then its SQL. beside: relation -> the columns of it
    that the table's SQL uses. schema: of the table when all is done.
    """

    at: int
    plan: TablePlan
    made: tuple[MadeColumn, ...]
    joins: tuple[JoinProgram, ...]
    where: Expression | None
    order: Expression | None
    beside: Mapping[str, tuple[str, ...]]
    ancestors: Mapping[str, str]  # what SQL calls them -> their names in the plan, nearest first
    schema: pa.Schema

    @property
    def depth(self) -> int:
        """How many tables are above it."""
        return len(self.ancestors)


def schema_of(table: TablePlan) -> pa.Schema:
    """The schema of a selected table: ROW_FIELDS, inherited columns, own columns."""
    return pa.schema([*ROW_FIELDS, *(column_field(column) for column in (*table.inherited, *table.columns))])


def table_programs(plan: ContractPlan, problems: list[Problem]) -> dict[int, TableProgram]:
    """The programs of the tables with rows, by their places; what is wrong goes to `problems`."""
    programs = {}
    for at, table in enumerate(plan.tables):
        if table.rows is not None:
            programs[at] = _TableReader(plan, at, table, problems).read()
    return programs


def titled(plan: ContractPlan, near: TablePlan, name: str) -> TablePlan | None:
    """The table that a table of the plan calls by a name: one of its own contract, by title, or by name in the plan."""
    for table in plan.tables:
        if table.name == name or (table.scope == near.scope and table.title == name):
            return table
    return None


class _Read(Protocol):
    def __call__(self, sql: str, scope: Scope, *, what: str) -> Expression: ...


class _TableReader:
    """Reads the SQL of one table."""

    def __init__(self, plan: ContractPlan, at: int, table: TablePlan, problems: list[Problem]) -> None:
        self._plan, self._at, self._table, self._problems = plan, at, table, problems
        self._key = f"tables.{table.title}"
        self._joined = {join.name: titled(plan, table, join.table) for join in table.joins}
        self._ancestors = {each.title: each.name for each in _ancestors(plan, table)}
        self._relations = self._find_relations()

    def read(self) -> TableProgram:
        table = self._table
        made = tuple(self._made())
        joins = tuple(join for plan in table.joins if (join := self._join(plan)) is not None)
        where = self._one(read_condition, table.where, self._scope(), f"{self._key}.where") if table.where else None
        order = None
        if table.distinct is not None:
            order = self._order(
                table.distinct.prefer, table.distinct.order, self._scope(), f"{self._key}.distinct", table.distinct.take
            )
        used = [each.expression for each in made]
        beside = _beside([*used, *(each for each in (where, order) if each is not None)])
        return TableProgram(self._at, table, made, joins, where, order, beside, self._ancestors, schema_of(table))

    def _find_relations(self) -> dict[str, pa.Schema]:
        relations = {
            title: pa.schema([*ROW_FIELDS, *_visible(ancestor)])
            for title, name in self._ancestors.items()
            for ancestor in [self._plan.table(name)]
        }
        taken = {name.lower(): name for name in relations}
        for join in self._table.joins:
            key = f"{self._key}.joins.{join.name}"
            joined = self._joined[join.name]
            if join.name.lower() in taken:
                self._say(f"{join.name!r} is the name of a table around this one, too", key, "another name")
            elif joined is None or joined.rows is None:
                self._say(f"there is no table {join.table!r} with rows", f"{key}.table", "a table with rows")
            else:
                relations[join.name] = converted_schema(joined)
        return relations

    def _scope(self, *, before: int | None = None) -> Scope:
        """What SQL sees: all columns, or those that are there when the column of that place is made."""
        fields = [*ROW_FIELDS, *(column_field(column) for column in self._table.inherited if not _by_database(column))]
        withheld = {}
        for at, column in enumerate(self._table.columns):
            if _by_database(column):
                withheld[column.name] = "the database makes its value when the row is loaded"
            elif before is None or at < before or is_read(self._table, column):
                fields.append(column_field(column))
            elif at == before:
                withheld[column.name] = "it is the column itself"
            else:
                withheld[column.name] = "it is made by SQL, and stands after this one"
        withheld |= {
            column.name: "the database makes its value when the row is loaded"
            for column in self._table.inherited
            if _by_database(column)
        }
        return Scope(pa.schema(fields), self._relations, withheld)

    def _made(self) -> Iterator[MadeColumn]:
        waves: dict[str, int] = {}
        for at, column in enumerate(self._table.columns):
            if not column.sql:
                continue
            key = f"{self._key}.columns.{column.name}.sql"
            expression = self._one(read_value, column.sql, self._scope(before=at), key)
            wave = 0
            if expression is not None:
                wave = max((waves[name] + 1 for name in expression.columns if name in waves), default=0)
                fault = delivery_fault(column, expression.kind, key.removesuffix(".sql"))
                self._problems += [fault] if fault else []
                yield MadeColumn(at, column, expression, delivery(column, expression.kind), wave)
            waves[column.name] = wave

    def _join(self, join: Join) -> JoinProgram | None:
        joined = self._joined[join.name]
        if joined is None or joined.rows is None:
            return None
        key = f"{self._key}.joins.{join.name}"
        scope = Scope(converted_schema(joined))
        for theirs, ours in join.on:
            self._check_on(scope.columns, theirs, ours, f"{key}.on.{theirs}")
        where = self._one(read_condition, join.where, scope, f"{key}.where") if join.where else None
        order = self._order(join.prefer, "", scope, key, join.take)
        return JoinProgram(join, joined.name, scope.columns, where, order)

    def _check_on(self, theirs: pa.Schema, their: str, our: str, key: str) -> None:
        """Both columns of a join must be there before any SQL, and compare."""
        own = {column.name: column for column in (*self._table.inherited, *self._table.columns)}
        mine = own.get(our)
        readable = mine is not None and (mine in self._table.inherited or is_read(self._table, mine))
        if their not in theirs.names:
            self._say(
                f"the joined table has no column {their!r} that is read from documents", key, "one of its columns"
            )
        elif mine is None or not readable:
            self._say(f"this table has no column {our!r} that is there before its SQL", key, "one of its columns")
        elif not _comparable(theirs.field(their).type, column_field(mine).type):
            kinds = f"{theirs.field(their).type} and {column_field(mine).type}"
            self._say(f"{their!r} and {our!r} are of different types: {kinds}", key, "two columns of one type")

    def _order(self, prefer: Iterable[Preference], sql: str, scope: Scope, key: str, take: Take) -> Expression | None:
        """The order of preference: by listed values, then SQL, then the row; None where that is the rows' own order."""
        preferences = [ranked for each in prefer if (ranked := self._ranked(each, scope, f"{key}.prefer"))]
        order = self._one(read_order, sql, scope, f"{key}.order") if sql else None
        last = "_row DESC" if take is Take.LAST else "_row"
        parts = [*(part for _, part in preferences), *([f"\n{order.sql}\n"] if order else []), last]
        if len(parts) == 1 and take is Take.FIRST:
            return None
        columns = dict.fromkeys([*(name for name, _ in preferences), *(order.columns if order else ()), "_row"])
        return Expression(", ".join(parts), tuple(columns))

    def _ranked(self, preference: Preference, scope: Scope, key: str) -> tuple[str, str] | None:
        name = scope.find([str(preference.by)])
        if name is None:
            message, nearest = scope.refusal([str(preference.by)])
            self._problems.append(Problem(message, key=f"{key}.{preference.by}", nearest=nearest))
            return None
        values = ", ".join(text_literal(value) for value in preference.values)
        ranked = f"list_position([{values}], CAST({quoted(name.flat)} AS VARCHAR)) NULLS LAST"
        return name.flat, ranked

    def _one(self, read: _Read, sql: str, scope: Scope, key: str) -> Expression | None:
        try:
            return read(sql, scope, what=key)
        except ContractError as error:
            self._problems += error.problems
            return None

    def _say(self, message: str, key: str, expected: str) -> None:
        self._problems.append(Problem(message, key=key, expected=expected))


def converted_schema(table: TablePlan) -> pa.Schema:
    """A table with rows as it is converted: ROW_FIELDS and the columns read from documents."""
    return pa.schema([*ROW_FIELDS, *(column_field(column) for column in table.columns if is_read(table, column))])


def _ancestors(plan: ContractPlan, table: TablePlan) -> Iterator[TablePlan]:
    """The tables around a table, the nearest first."""
    while table.parent is not None:
        table = plan.table(table.parent)
        yield table


def _visible(table: TablePlan) -> list[pa.Field]:
    return [column_field(column) for column in (*table.inherited, *table.columns) if not _by_database(column)]


def _by_database(column: ColumnPlan) -> bool:
    return column.identity is Identity.DATABASE


def _comparable(one: pa.DataType, other: pa.DataType) -> bool:
    return bool(one == other or (pa.types.is_integer(one) and pa.types.is_integer(other)))


def _beside(expressions: Iterable[Expression]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for expression in expressions:
        for name in expression.columns:
            relation, point, column = name.rpartition(".")
            if point:
                found.setdefault(relation, {})[column] = None
    return {relation: tuple(columns) for relation, columns in found.items()}
