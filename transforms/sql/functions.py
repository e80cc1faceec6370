"""Which of DuckDB's functions contract SQL may call: those whose result depends on their arguments alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from transforms.sql.sandbox import Sandbox, SqlError
from transforms.sql.tree import ALLOWED_CLASSES, expressions, is_qualified

# DuckDB 2.0 calls these CONSISTENT, but they read the clock or name the engine.
_NOT_CONSISTENT = {"current_localtime", "current_localtimestamp", "version"}
_CLOCK_WITH_ONE_ARGUMENT = {"age"}  # age(x) is the time from x until now; age(x, y) is consistent

_KINDS = {
    "aggregate": "it is an aggregate, and an expression sees one row at a time",
    "window": "it is a window function, and an expression sees one row at a time",
    "table": "it yields rows, not a value",
    "table_macro": "it yields rows, not a value",
    "pragma": "it is a statement, not a function",
}

_CATALOGUE = """
    SELECT lower(function_name) AS name, function_type AS kind, stability, macro_definition AS definition, parameters
    FROM duckdb_functions() ORDER BY ALL
"""


@dataclass(frozen=True, slots=True)
class _Overload:
    kind: str
    stability: str | None
    definition: str | None
    parameters: tuple[str, ...]


class Functions:
    """DuckDB's own list of its functions, and what contract SQL may make of them."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._overloads: dict[str, list[_Overload]] = {}
        for row in sandbox.query(_CATALOGUE, {}).to_pylist():
            overload = _Overload(row["kind"], row["stability"], row["definition"], tuple(row["parameters"] or ()))
            self._overloads.setdefault(row["name"], []).append(overload)
        self._macros: dict[str, bool] = {}

    def nearest(self, name: str) -> str:
        """The known function whose name is most like `name`; '' where none is."""
        return next(iter(get_close_matches(name.lower(), self._overloads, n=1)), "")

    def knows(self, name: str) -> bool:
        """Whether there is a function of that name."""
        return name.lower() in self._overloads

    def refusal(self, name: str, arguments: int) -> str:
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
            return overload.stability == "CONSISTENT"
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
            return not is_qualified(node) and self.knows(name) and not self.refusal(name, len(node["arguments"]))
        return node["class"] in ALLOWED_CLASSES
