"""Reading the SELECT of an SQL table: what it reads, what it yields, and that it may be run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import pyarrow as pa

from transforms.errors import ContractError, Problem
from transforms.sql.aggregates import called_functions, float_problems
from transforms.sql.functions import known_functions
from transforms.sql.queries import QueryRules
from transforms.sql.relations import DOCUMENT
from transforms.sql.sandbox import SqlError, shared_sandbox
from transforms.sql.scope import CLOCK_AND_SESSION
from transforms.sql.tree import expressions, without_places
from transforms.sql.whole_numbers import wanted_type

# Longer than any SELECT a person maintains.
MAX_LENGTH = 50_000

_HINT = "An SQL table is one SELECT over tables of the contract, the same for a document whatever else is loaded."
_UNKNOWN = re.compile(r'Referenced column "([^"]+)" (?:was )?not found|does not have a column named "([^"]+)"')


@dataclass(frozen=True, slots=True)
class Statement:
    """A SELECT that may be run as `FROM (\\n{sql}\\n)`. tables: what it reads, by name, and which of their columns it
    may use. columns: what it yields: name as it is written there -> DuckDB type."""

    sql: str
    tables: Mapping[str, tuple[str, ...]]
    columns: Mapping[str, str]


def read_statement(sql: str, tables: Mapping[str, pa.Schema], *, what: str) -> Statement:
    """One SELECT (UNPIVOT, too) over tables of the contract; raises ContractError with all that is wrong with it.

    tables: those it may read, with all their columns. what: the key it stands under: `tables.score.sql`.
    Refused: other statements; other tables, files and table functions; schema names; recursion; PIVOT; functions as in
    `read_value`; whatever lets one document see another's rows (aggregates, joins, windows and subqueries that are not
    tied to `_document`, LIMIT); whatever depends on the order of rows (windows and ordered aggregates without a total
    order, arg_max and the like, sums of floating numbers).
    """
    sql = sql.strip().removesuffix(";")
    node = _parse(sql, what)
    rules = QueryRules({name.lower(): name for name in tables})
    rules.query(node, {}, frozenset())
    columns = {name.lower(): name for table in rules.used for name in tables[table].names}
    for each in expressions(node):
        if each["class"] == "COLUMN_REF" and len(each["column_names"]) == 1:
            name = each["column_names"][0]
            if name.lower() in CLOCK_AND_SESSION and name.lower() not in columns:
                rules.say(f"{name} is refused: its value depends on when and where it is asked for")
    _raise([Problem(message, key=what, nearest=near) for message, near in rules.problems.items()])
    read = {name: tables[name].empty_table() for name in rules.used}
    try:
        yielded = shared_sandbox().columns(sql, read)
    except SqlError as error:
        _raise([_bind_problem(error.message, read, what)])
    _check_bound(sql, read, what)
    used = {name: _columns_used(node, tables[name], rules.aliases) for name in rules.used}
    return Statement(sql, used, yielded)


def _parse(sql: str, what: str) -> dict[str, Any]:
    if len(sql) > MAX_LENGTH:
        _raise([Problem(f"this is {len(sql)} characters long", key=what, expected=f"at most {MAX_LENGTH}")])
    alone = _parsed(sql, sql, what)
    if len(alone) != 1:
        message = f"there are {len(alone)} statements" if alone else "there is no statement"
        _raise([Problem(message, key=what, expected="one SELECT")])
    inside = _parsed(f"SELECT 1 FROM (\n{sql}\n) AS t", sql, what)
    node = dict(alone[0]["node"])
    wrapped = inside[0]["node"]["from_table"]
    if len(inside) != 1 or wrapped["type"] != "SUBQUERY":
        _raise([Problem("this is not one SELECT", key=what, expected="one SELECT and nothing after it")])
    if without_places(wrapped["subquery"]["node"]) != without_places(node):
        _raise([Problem("this is not one SELECT", key=what, expected="one SELECT and nothing after it")])
    return node


def _parsed(statement: str, sql: str, what: str) -> list[dict[str, Any]]:
    try:
        return shared_sandbox().parse(statement)
    except SqlError as error:
        raise ContractError([_syntax_problem(error.message, sql, what)], hint=_HINT) from error


def _syntax_problem(message: str, sql: str, what: str) -> Problem:
    first = message.splitlines()[0]
    if "Only SELECT" in first:
        word = sql.split(None, 1)[0].upper() if sql.split() else ""
        if word == "PIVOT":
            said = "PIVOT is refused: its columns depend on the data; write max(CASE WHEN ... END) per column"
            return Problem(said, key=what)
        if word in ("SELECT", "WITH", "FROM", "UNPIVOT"):
            return Problem("something else stands beside the SELECT", key=what, expected="one SELECT")
        return Problem(f"{word} is refused", key=what, expected="one SELECT")
    return Problem(f"this is not SQL: {first}", key=what)


def _bind_problem(message: str, read: Mapping[str, pa.Table], what: str) -> Problem:
    """What DuckDB says of names and types; the nearest name among all columns that are there."""
    first = message.splitlines()[0]
    found = _UNKNOWN.search(first)
    if found is None:
        return Problem(first, key=what, expected=wanted_type(first))
    name = found[1] or found[2]
    names = {column.lower(): column for table in read.values() for column in table.column_names}
    near = get_close_matches(name.lower(), names, n=1)
    return Problem(f"there is no column {name!r}", key=what, nearest=names[near[0]] if near else "")


def _check_bound(sql: str, read: Mapping[str, pa.Table], what: str) -> None:
    """Sums are looked at in the bound plan, which knows the type of what they add; functions once more, since a name
    such as current_date is a column in one place and a function in another."""
    try:
        plan = shared_sandbox().bound(sql, read)
    except SqlError as error:
        _raise([Problem(f"this cannot be checked: {error.message.splitlines()[0]}", key=what)])
    functions = known_functions()
    late = [name for name in called_functions(plan) if not functions.depends_on_arguments(name)]
    messages = [f"{name} is refused: its result depends on more than its arguments" for name in late]
    _raise([Problem(message, key=what) for message in [*messages, *float_problems(plan)]])


def _columns_used(node: dict[str, Any], schema: pa.Schema, aliases: set[str]) -> tuple[str, ...]:
    """The columns of a table that a query may use: all where it says `*`, names a whole row, or joins by what is
    common."""
    named = {DOCUMENT}
    for each in expressions(node):
        if each["class"] == "STAR":
            return tuple(schema.names)
        if each["class"] == "COLUMN_REF":
            named |= {name.lower() for name in each["column_names"]}
            if len(each["column_names"]) == 1 and each["column_names"][0].lower() in aliases:
                return tuple(schema.names)
    for ref in _joins(node):
        if ref["ref_type"] == "NATURAL":
            return tuple(schema.names)
        named |= {str(name).lower() for name in ref["using_columns"]}
    return tuple(name for name in schema.names if name.lower() in named)


def _joins(tree: Any) -> list[dict[str, Any]]:
    found, waiting = [], [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if node.get("type") == "JOIN" and "using_columns" in node:
                found.append(node)
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
    return found


def _raise(problems: list[Problem]) -> None:
    if problems:
        raise ContractError(problems, hint=_HINT)
