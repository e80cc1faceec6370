"""Reading one SQL expression, or one ORDER BY list, of a contract: by DuckDB's own parser, then by its binder."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from transforms.errors import ContractError, Problem
from transforms.sql.functions import known_functions
from transforms.sql.sandbox import SqlError, shared_sandbox
from transforms.sql.scope import Scope
from transforms.sql.tree import ALLOWED_CLASSES, expressions, without_places
from transforms.sql.whole_numbers import wanted_type

# Longer than any expression a person maintains; shorter than what makes a parser run out of stack.
MAX_LENGTH = 10_000

_HINT = "Contract SQL is DuckDB's: one expression over the columns of its own row, the same on every run."

_REFUSED = {
    "DEFAULT": "DEFAULT means nothing here",
    "LAMBDA": "lambda functions are not supported",
    "PARAMETER": "parameters are not supported",
    "POSITIONAL_REFERENCE": "columns are named, not numbered",
    "STAR": "* stands for many columns; name one",
    "SUBQUERY": "subqueries are not supported",
    "WINDOW": "window functions are not supported: an expression sees one row at a time",
}

# What a value can be read from: everything that has one text. Types with parameters begin with these words.
_SCALARS = (
    *("BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"),
    *("UHUGEINT", "BIGNUM", "FLOAT", "DOUBLE", "DECIMAL", "VARCHAR", "JSON", "UUID", "BLOB", "BIT", "ENUM", "INTERVAL"),
    *("DATE", "TIME", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", '"NULL"'),
)


@dataclass(frozen=True, slots=True)
class Expression:
    """SQL that may be run over a table which has the columns of a scope under their flat names.

    sql: the text with `relation.column` as one name; it stands on lines of its own, for it may end with a comment.
    columns: the flat names it uses. kind: the DuckDB type it yields; '' for an order.
    """

    sql: str
    columns: tuple[str, ...]
    kind: str = ""


def read_condition(sql: str, scope: Scope, *, what: str) -> Expression:
    """Exactly one SQL expression that is true, false or NULL for a row; ContractError for all else, as `read_value`."""
    expression = read_value(sql, scope, what=what)
    if expression.kind != "BOOLEAN":
        expected = "BOOLEAN: a comparison, IS NULL, IN, AND, OR, NOT"
        raise _error(f"this yields {expression.kind}", what, expected=expected)
    return expression


def read_value(sql: str, scope: Scope, *, what: str) -> Expression:
    """Exactly one SQL expression that yields one value for a row; raises ContractError for all else.

    what: the key it stands under, for the message: `tables.contact.where`.
    Refused: subqueries, aggregates, window and table functions, functions that DuckDB does not call consistent,
    parameters, lambdas, `*`, unknown columns and functions, what does not bind to the types or yields a list, and any
    text that is more or less than one expression, whatever is put around it. What passes may be run as `(\n{sql}\n)`.
    """
    tree, places = _parse(_SELECT.format(sql), sql, what)
    trees, rest = _take(tree, "select_list")
    wrapped, around = _take(_parse(f"SELECT 1 FROM rows WHERE (\n{sql}\n)", sql, what)[0], "where_clause")
    whole = trees == [wrapped] and not wrapped.get("alias")
    if not whole or rest != _frame("SELECT 1 FROM rows", "select_list") or around != _frame(_WHERE, "where_clause"):
        raise _error("this is not one expression", what, expected="one SQL expression and nothing after it")
    columns = _check_nodes(trees, scope, what)
    flat = _flattened(sql, places, scope, _SELECT.index("{"))
    (kind,) = _bind(f"SELECT (\n{flat}\n) FROM rows", scope, columns, what)
    check_scalar(kind, what)
    return Expression(flat, columns, kind)


def check_scalar(kind: str, what: str) -> None:
    """Raise ContractError where values of a DuckDB type have no text of their own: lists, structs, maps."""
    word = kind.partition("(")[0].partition(" ")[0]
    if word not in _SCALARS or kind.endswith("]"):
        raise _error(f"this yields {kind}", what, expected="one value: a text, a number, a date or the like")


def read_order(sql: str, scope: Scope, *, what: str) -> Expression:
    """An ORDER BY list, `role = 'PR' DESC, _position DESC NULLS LAST`; raises ContractError for all else.

    Each item is an expression as in `read_value`, of any type that has an order, and not a constant. What passes
    may be run as `ORDER BY\n{sql}\n, _row`.
    """
    tree, places = _parse(_ORDER_BY.format(sql), sql, what)
    alone, rest = _take(tree, "modifiers")
    followed, around = _take(_parse(f"SELECT 1 FROM rows ORDER BY\n{sql}\n, _row", sql, what)[0], "modifiers")
    _, frame = _take(_shared_parse(_ORDER), "modifiers")
    plain = all(len(each) == 1 and each[0]["type"] == "ORDER_MODIFIER" for each in (alone, followed))
    if not plain or rest != frame or around != frame or followed[0]["orders"][:-1] != alone[0]["orders"]:
        raise _error("this is not a list of expressions to order by", what, expected="expression [ASC|DESC], ...")
    items = [item["expression"] for item in alone[0]["orders"]]
    if any(item["class"] == "CONSTANT" for item in items):
        raise _error("a constant orders nothing", what, expected="a column or an expression over columns")
    columns = _check_nodes(items, scope, what)
    flat = _flattened(sql, places, scope, _ORDER_BY.index("{"))
    _bind(f"SELECT _row FROM rows ORDER BY\n{flat}\n, _row", scope, columns, what)
    return Expression(flat, columns)


_SELECT = "SELECT {}\nFROM rows"
_ORDER_BY = "SELECT 1 FROM rows ORDER BY {}\n"
_WHERE = "SELECT 1 FROM rows WHERE true"
_ORDER = "SELECT 1 FROM rows ORDER BY _row"


def _parse(statement: str, sql: str, what: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The syntax tree of a statement around `sql`, without the places in the text, and with them."""
    if len(sql) > MAX_LENGTH:
        raise _error(f"this is {len(sql)} characters long", what, expected=f"at most {MAX_LENGTH}")
    try:
        trees = shared_sandbox().parse(statement)
    except SqlError as error:
        raise _error(f"this is not SQL: {error.message.splitlines()[0]}", what) from error
    if len(trees) != 1:
        raise _error(f"there are {len(trees)} statements", what, expected="one expression")
    placed = dict(trees[0]["node"])
    return dict(without_places(placed)), placed


@cache
def _shared_parse(statement: str) -> dict[str, Any]:
    return dict(without_places(shared_sandbox().parse(statement)[0]["node"]))


def _frame(statement: str, part: str) -> dict[str, Any]:
    """What stands around the part of a harmless statement of the same form."""
    return _take(_shared_parse(statement), part)[1]


def _take(node: dict[str, Any], part: str) -> tuple[Any, dict[str, Any]]:
    """A part of a syntax tree, and the rest."""
    return node.get(part), {key: value for key, value in node.items() if key != part}


def _check_nodes(trees: Any, scope: Scope, what: str) -> tuple[str, ...]:
    """The flat names of the columns in the trees; ContractError for every node that may not stand there."""
    problems: list[Problem] = []
    columns: dict[str, None] = {}
    for node in expressions(trees):
        if node["class"] == "COLUMN_REF":
            name = scope.find(node["column_names"])
            message, nearest = ("", "") if name else scope.refusal(node["column_names"])
            columns |= {name.flat: None} if name else {}
        else:
            message, nearest = _refusal(node)
        if message:
            problems.append(Problem(message, key=what, nearest=nearest))
    if problems:
        raise ContractError(list(dict.fromkeys(problems)), hint=_HINT)
    return tuple(columns)


def _refusal(node: dict[str, Any]) -> tuple[str, str]:
    """Why an expression may not stand there, and the name that was perhaps meant; two '' where it may."""
    kind = node["class"]
    if kind == "FUNCTION":
        return known_functions().refusal(node)
    if kind not in ALLOWED_CLASSES:
        return _REFUSED.get(kind, f"{kind.lower()} expressions are not supported"), ""
    return "", ""


def _flattened(sql: str, placed: dict[str, Any], scope: Scope, start: int) -> str:
    """The text with every `relation.column` as one quoted name. start: where it begins in the text of the tree."""
    text = sql.encode()
    for node in sorted(expressions(placed), key=lambda node: -int(node.get("query_location") or 0)):
        if node["class"] == "COLUMN_REF" and len(node["column_names"]) > 1:
            name = scope.find(node["column_names"])
            assert name is not None  # noqa: S101  the nodes are checked
            at = node["query_location"] - start
            quoted = '"' + name.flat + '"'
            text = text[:at] + quoted.encode() + text[at + node["query_location_length"] :]
    return text.decode()


def _bind(statement: str, scope: Scope, columns: tuple[str, ...], what: str) -> list[str]:
    """The types a statement yields over the columns; running it could still fail, on a value."""
    try:
        return shared_sandbox().types(statement, {"rows": scope.table(columns)})
    except SqlError as error:
        raise _error(error.message.splitlines()[0], what, expected=wanted_type(error.message)) from error


def _error(message: str, what: str, *, expected: str = "") -> ContractError:
    return ContractError([Problem(message, key=what, expected=expected)], hint=_HINT)
