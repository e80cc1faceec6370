"""Checking one SQL expression, or one ORDER BY list, of a contract: by DuckDB's own parser, then by its binder."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from typing import Any

import pyarrow as pa

from transforms.errors import ContractError, Problem
from transforms.sql.functions import Functions
from transforms.sql.sandbox import SqlError, shared_sandbox
from transforms.sql.tree import ALLOWED_CLASSES, expressions, is_qualified, without_places

# Longer than any expression a person maintains; shorter than what makes a parser run out of stack.
MAX_LENGTH = 10_000

_HINT = "Contract SQL is DuckDB's: one expression over the columns of its own table, the same on every run."

_REFUSED = {
    "DEFAULT": "DEFAULT means nothing here",
    "LAMBDA": "lambda functions are not supported",
    "PARAMETER": "parameters are not supported",
    "POSITIONAL_REFERENCE": "columns are named, not numbered",
    "STAR": "* stands for many columns; name one",
    "SUBQUERY": "subqueries are not supported",
    "WINDOW": "window functions are not supported: an expression sees one row at a time",
}

_CLOCK_AND_SESSION = {
    *("current_catalog", "current_date", "current_role", "current_schema", "current_time", "current_timestamp"),
    *("current_user", "localtime", "localtimestamp", "session_user", "user"),
}


def check_expression(sql: str, columns: pa.Schema, *, what: str) -> None:
    """Accepts exactly one SQL expression that is true, false or NULL for a row; raises ContractError for all else.

    columns: the columns it may name, with their types.
    what: the key it stands under, for the message: `tables.contact.where`.
    Refused: subqueries, aggregates, window and table functions, functions that DuckDB does not call consistent,
    parameters, lambdas, `*`, unknown columns and functions, what does not bind to the types, and any text that is more
    or less than one expression, whatever is put around it. What passes may be run as `WHERE (\n{sql}\n)`.
    """
    trees, rest = _take(_parse(f"SELECT {sql}\nFROM rows", sql, what), "select_list")
    wrapped, around = _take(_parse(f"SELECT 1 FROM rows WHERE (\n{sql}\n)", sql, what), "where_clause")
    whole = trees == [wrapped] and not wrapped.get("alias")
    if not whole or rest != _frame("SELECT 1 FROM rows", "select_list") or around != _frame(_WHERE, "where_clause"):
        raise _error("this is not one expression", what, expected="one SQL expression and nothing after it")
    _check_nodes(trees, columns, what)
    (kind,) = _bind(f"SELECT (\n{sql}\n) FROM rows", columns, what)
    if kind != "BOOLEAN":
        raise _error(f"this yields {kind}", what, expected="BOOLEAN: a comparison, IS NULL, IN, AND, OR, NOT")


def check_order(sql: str, columns: pa.Schema, *, what: str) -> None:
    """Accepts an ORDER BY list, `role = 'PR' DESC, _position DESC NULLS LAST`; raises ContractError for all else.

    Each item is an expression as in `check_expression`, of any type that has an order, and not a constant. What passes
    may be run as `ORDER BY\n{sql}\n, _row`.
    """
    alone, rest = _take(_parse(f"SELECT 1 FROM rows ORDER BY {sql}\n", sql, what), "modifiers")
    followed, around = _take(_parse(f"SELECT 1 FROM rows ORDER BY\n{sql}\n, _row", sql, what), "modifiers")
    _, frame = _take(_shared_parse(_ORDER), "modifiers")
    plain = all(len(each) == 1 and each[0]["type"] == "ORDER_MODIFIER" for each in (alone, followed))
    if not plain or rest != frame or around != frame or followed[0]["orders"][:-1] != alone[0]["orders"]:
        raise _error("this is not a list of expressions to order by", what, expected="expression [ASC|DESC], ...")
    items = [item["expression"] for item in alone[0]["orders"]]
    if any(item["class"] == "CONSTANT" for item in items):
        raise _error("a constant orders nothing", what, expected="a column or an expression over columns")
    _check_nodes(items, columns, what)
    _bind(f"SELECT _row FROM rows ORDER BY\n{sql}\n, _row", columns, what)


_WHERE = "SELECT 1 FROM rows WHERE true"
_ORDER = "SELECT 1 FROM rows ORDER BY _row"


def _parse(statement: str, sql: str, what: str) -> dict[str, Any]:
    """The syntax tree of a statement around `sql`, without the places in the text."""
    if len(sql) > MAX_LENGTH:
        raise _error(f"this is {len(sql)} characters long", what, expected=f"at most {MAX_LENGTH}")
    try:
        trees = shared_sandbox().parse(statement)
    except SqlError as error:
        raise _error(f"this is not SQL: {error.message.splitlines()[0]}", what) from error
    if len(trees) != 1:
        raise _error(f"there are {len(trees)} statements", what, expected="one expression")
    return dict(without_places(trees[0]["node"]))


@cache
def _shared_parse(statement: str) -> dict[str, Any]:
    return dict(without_places(shared_sandbox().parse(statement)[0]["node"]))


def _frame(statement: str, part: str) -> dict[str, Any]:
    """What stands around the part of a harmless statement of the same form."""
    return _take(_shared_parse(statement), part)[1]


def _take(node: dict[str, Any], part: str) -> tuple[Any, dict[str, Any]]:
    """A part of a syntax tree, and the rest."""
    return node.get(part), {key: value for key, value in node.items() if key != part}


def _check_nodes(trees: Any, columns: pa.Schema, what: str) -> None:
    problems = []
    for node in expressions(trees):
        message, nearest = _refusal(node, columns)
        if message:
            problems.append(Problem(message, key=what, nearest=nearest))
    if problems:
        raise ContractError(list(dict.fromkeys(problems)), hint=_HINT)


def _refusal(node: dict[str, Any], columns: pa.Schema) -> tuple[str, str]:
    """Why an expression may not stand there, and the name that was perhaps meant; two '' where it may."""
    kind = node["class"]
    if kind == "COLUMN_REF":
        return _column_refusal(".".join(node["column_names"]), columns)
    if kind == "FUNCTION":
        return _function_refusal(node)
    if kind not in ALLOWED_CLASSES:
        return _REFUSED.get(kind, f"{kind.lower()} expressions are not supported"), ""
    return "", ""


def _column_refusal(name: str, columns: pa.Schema) -> tuple[str, str]:
    known = {column.lower(): column for column in columns.names}
    if name.lower() in known:
        return "", ""
    if name.lower() in _CLOCK_AND_SESSION:
        return f"{name} is refused: its value depends on when and where it is asked for", ""
    near = get_close_matches(name.lower(), known, n=1)
    return f"there is no column {name!r}", known[near[0]] if near else ""


def _function_refusal(node: dict[str, Any]) -> tuple[str, str]:
    name, functions = node["function_name"], _functions()
    if is_qualified(node):
        return f"the function {name} is named with its schema", ""
    if not functions.knows(name):
        return f"there is no function {name!r}", functions.nearest(name)
    reason = functions.refusal(name, len(node["arguments"]))
    return (f"the function {name} is refused: {reason}" if reason else ""), ""


@cache
def _functions() -> Functions:
    return Functions(shared_sandbox())


def _bind(statement: str, columns: pa.Schema, what: str) -> list[str]:
    """The types a statement yields over the columns; running it could still fail, on a value."""
    try:
        return shared_sandbox().types(statement, {"rows": columns.empty_table()})
    except SqlError as error:
        raise _error(error.message.splitlines()[0], what) from error


def _error(message: str, what: str, *, expected: str = "") -> ContractError:
    return ContractError([Problem(message, key=what, expected=expected)], hint=_HINT)
