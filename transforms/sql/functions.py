"""Which of DuckDB's functions contract SQL may call: those whose result depends on their arguments alone, and whose
cost on one row is bounded."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Any

from transforms.sql.other_databases import instead_of
from transforms.sql.sandbox import Sandbox, SqlError, shared_sandbox
from transforms.sql.tree import ALLOWED_CLASSES, expressions, is_qualified

# DuckDB 2.0 calls these CONSISTENT, but they read the clock or name the engine.
_NOT_CONSISTENT = {"current_localtime", "current_localtimestamp", "version"}
_CLOCK_WITH_ONE_ARGUMENT = {"age"}  # age(x) is the time from x until now; age(x, y) is consistent

# What a query does row by row cannot be interrupted within a row, and texts do not count as memory of the engine.
_UNBOUNDED = {
    **dict.fromkeys(("levenshtein", "editdist3", "damerau_levenshtein"), "its time grows with the square of a text"),
    **dict.fromkeys(("range", "generate_series"), "it makes lists of any length"),
    **dict.fromkeys(("list_resize", "array_resize"), "it makes lists of any length"),
    **dict.fromkeys(("json_serialize_sql", "json_serialize_plan", "json_deserialize_sql"), "it is about SQL itself"),
}
_COUNTED = {"repeat": 1, "lpad": 1, "rpad": 1, "bar": 3}  # function -> the argument that says how long its result is
_MOST_CHARACTERS = 10_000
_REPLACING = {"replace", "regexp_replace"}
_MOST_REPLACED = 100
_PATTERNED = {"format", "printf"}
_WIDE = re.compile(r"\d{5,}|\*")
_LIST_AGGREGATES = {"aggregate", "list_aggr", "list_aggregate", "array_aggr", "array_aggregate"}
_OF_LISTS = {
    *("sum", "min", "max", "avg", "mean", "count", "first", "last", "string_agg", "bool_and", "bool_or", "median"),
    *("stddev", "stddev_samp", "stddev_pop", "var_samp", "var_pop", "product"),
}

_KINDS = {
    "aggregate": "it is an aggregate, and an expression sees one row at a time",
    "window": "it is a window function, and an expression sees one row at a time",
    "table": "it yields rows, not a value",
    "table_macro": "it yields rows, not a value",
    "pragma": "it is a statement, not a function",
}

# Less alike is another function, which may even run: isnull is not nullif.
_ALIKE = 0.75

# What takes or makes times with a zone depends on the engine's TimeZone, which contract SQL cannot set: it is UTC.
# Since 2.0.1 DuckDB calls these consistent within a query; without an argument they are the clock.
_CATALOGUE = """
    SELECT lower(function_name) AS name, function_type AS kind, macro_definition AS definition, parameters,
        stability = 'CONSISTENT' OR (
            stability = 'CONSISTENT_WITHIN_QUERY' AND len(parameter_types) > 0
            AND regexp_matches(array_to_string(parameter_types, ' ') || ' ' || return_type, 'TIME ZONE|TIMESTAMPTZ')
        ) AS consistent
    FROM duckdb_functions() ORDER BY ALL
"""


@dataclass(frozen=True, slots=True)
class _Overload:
    kind: str
    consistent: bool | None
    definition: str | None
    parameters: tuple[str, ...]


class Functions:
    """DuckDB's own list of its functions, and what contract SQL may make of them."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._overloads: dict[str, list[_Overload]] = {}
        for row in sandbox.query(_CATALOGUE, {}).to_pylist():
            overload = _Overload(row["kind"], row["consistent"], row["definition"], tuple(row["parameters"] or ()))
            self._overloads.setdefault(row["name"], []).append(overload)
        self._macros: dict[str, bool] = {}

    def nearest(self, name: str) -> str:
        """The known function whose name is most like `name`; '' where none is."""
        if instead_of(name):
            return ""
        return next(iter(get_close_matches(name.lower(), self._overloads, n=1, cutoff=_ALIKE)), "")

    def knows(self, name: str) -> bool:
        """Whether there is a function of that name."""
        return name.lower() in self._overloads

    def refusal(self, node: dict[str, Any]) -> tuple[str, str]:
        """Why a call may not stand in an expression, and the name that was perhaps meant; two '' where it may."""
        name = node["function_name"]
        if is_qualified(node):
            return f"the function {name} is named with its schema", ""
        if not self.knows(name):
            instead = instead_of(name)
            return f"there is no function {name!r}" + (f"; write {instead}" if instead else ""), self.nearest(name)
        reason = self._of_kind(name, len(node["arguments"])) or _of_cost(name.lower(), node["arguments"])
        return (f"the function {name} is refused: {reason}" if reason else ""), ""

    def kind(self, name: str) -> str:
        """`scalar`, `aggregate`, `window` or `table`; '' for a function that there is not."""
        kinds = [overload.kind.removesuffix("_macro") for overload in self._overloads.get(name.lower(), [])]
        if "scalar" in kinds or "macro" in kinds:
            return "scalar"
        return kinds[0] if kinds else ""

    def depends_on_arguments(self, name: str) -> bool:
        """Whether a function, as a bound plan names it, yields the same for the same arguments; macros are not in such
        plans, and aggregates are judged elsewhere."""
        scalars = [each for each in self._overloads.get(name.lower(), []) if each.kind == "scalar"]
        return name not in _NOT_CONSISTENT and all(each.consistent for each in scalars)

    def _of_kind(self, name: str, arguments: int) -> str:
        """Why a known function may not be called with so many arguments; '' where it may."""
        name = name.lower()
        overloads = self._overloads[name]
        values = [overload for overload in overloads if overload.kind in {"scalar", "macro"}]
        if not values:
            return _KINDS.get(overloads[0].kind, "it is no function of values")
        clock = name in _NOT_CONSISTENT or (name in _CLOCK_WITH_ONE_ARGUMENT and arguments == 1)
        if clock or name.startswith("__internal") or not all(self._is_consistent(name, each) for each in values):
            return "its result depends on more than its arguments"
        return ""

    def _is_consistent(self, name: str, overload: _Overload) -> bool:
        if overload.kind == "scalar":
            return bool(overload.consistent)
        if name not in self._macros:
            self._macros[name] = False  # while it is looked at: a macro that calls itself is none of ours
            same = [each for each in self._overloads[name] if each.kind == "macro"]
            self._macros[name] = all(self._is_consistent_macro(each) for each in same)
        return self._macros[name]

    def _is_consistent_macro(self, macro: _Overload) -> bool:
        """A macro is consistent when all that its definition does is; DuckDB does not say it of macros."""
        try:
            (statement,) = self._sandbox.parse(f"SELECT {macro.definition}")
        except (SqlError, ValueError):
            return False
        parameters = {parameter.lower() for parameter in macro.parameters}
        return all(self._may_stand(node, parameters) for node in expressions(statement["node"]["select_list"]))

    def _may_stand(self, node: dict[str, Any], parameters: Iterable[str]) -> bool:
        if node["class"] == "COLUMN_REF":
            return len(node["column_names"]) == 1 and node["column_names"][0].lower() in parameters
        if node["class"] == "FUNCTION":
            name = node["function_name"]
            return not is_qualified(node) and self.knows(name) and not self._of_kind(name, len(node["arguments"]))
        return node["class"] in ALLOWED_CLASSES


def _of_cost(name: str, arguments: list[dict[str, Any]]) -> str:
    """Why a call may take too much for one row; '' where it does not."""
    if name in _UNBOUNDED:
        return _UNBOUNDED[name]
    if name in _COUNTED and len(arguments) > _COUNTED[name]:
        literal = _literal(arguments[_COUNTED[name]])
        if not literal.isdigit() or int(literal) > _MOST_CHARACTERS:
            return f"its length must be a number of at most {_MOST_CHARACTERS}"
    if name in _REPLACING and len(arguments) > 2:
        fixed = [_literal(arguments[at]) for at in (0, 2)]
        if not fixed[0] and arguments[2]["expression"]["class"] != "CONSTANT":
            return "what it puts in must be a text written there: texts of documents would multiply"
        if len(fixed[1]) > _MOST_REPLACED:
            return f"what it puts in has more than {_MOST_REPLACED} characters"
    if name in _PATTERNED and arguments and _WIDE.search(_literal(arguments[0]) or "*"):
        return "its pattern must be a text, without widths of five digits"
    if name in _LIST_AGGREGATES and len(arguments) > 1 and _literal(arguments[1]) not in _OF_LISTS:
        return "it must name one of " + ", ".join(sorted(_OF_LISTS))
    return ""


def _literal(argument: dict[str, Any]) -> str:
    """A constant as it is written; '' for anything else."""
    expression = argument["expression"]
    literal = expression.get("literal") or {}
    return str(literal.get("text", "")) if expression["class"] == "CONSTANT" else ""


@cache
def known_functions() -> Functions:
    """The functions of this process' DuckDB."""
    return Functions(shared_sandbox())
