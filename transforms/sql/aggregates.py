"""Which aggregates and window functions a contract may use: those with one result whatever order rows come in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any  # the trees are JSON of DuckDB's making

# Exact in any order. Sums and averages are so for whole and decimal numbers only: see `float_problems`.
EXACT = {
    *("count", "count_star", "count_if", "countif", "min", "max", "sum", "avg", "mean", "bool_and", "bool_or"),
    *("bit_and", "bit_or", "bit_xor", "median", "quantile_cont", "quantile_disc", "quantile", "mad"),
}
# Exact once their rows are in order.
ORDERED = {"first", "last", "any_value", "arbitrary", "list", "array_agg", "string_agg", "group_concat", "listagg"}
# Window functions whose result for equal rows is the same.
PEERS = {"rank", "dense_rank", "rank_dense", "percent_rank", "cume_dist"}
ROW_BY_ROW = {"row_number", "ntile", "lag", "lead", "first_value", "last_value", "nth_value"}

_INSTEAD = {
    **dict.fromkeys(("arg_min", "argmin", "min_by"), "first(x ORDER BY y, x)"),
    **dict.fromkeys(("arg_max", "argmax", "max_by"), "first(x ORDER BY y DESC, x)"),
    "approx_count_distinct": "count(DISTINCT x)",
    "approx_quantile": "quantile_cont(x, 0.5)",
    "reservoir_quantile": "quantile_cont(x, 0.5)",
    "mode": "a GROUP BY of its own with count(*)",
}
_ADDING = {"sum", "avg", "mean"}
_FLOATS = {"FLOAT", "DOUBLE"}


def aggregate_refusal(name: str) -> str:
    """Why an aggregate may not be used at all; '' where it may."""
    if name in EXACT or name in ORDERED:
        return ""
    instead = f"; write {_INSTEAD[name]}" if name in _INSTEAD else ""
    return f"the aggregate {name} is refused: its result depends on the order in which rows come{instead}"


def float_problems(plan: dict[str, Any]) -> list[str]:
    """What is wrong with the sums and averages of a bound plan: floating numbers add up differently in each order."""
    found: dict[str, None] = {}
    for node in _nodes(plan):
        name = str(((node.get("qname") or {}).get("path") or [""])[-1])
        kinds = {str(argument.get("id")) for argument in node.get("arguments") or [] if isinstance(argument, dict)}
        if name in _ADDING and kinds & _FLOATS:
            kind = min(kinds & _FLOATS)
            found[f"{name} over {kind} depends on the order in which rows come; cast what it adds to DECIMAL"] = None
    return list(found)


def called_functions(plan: dict[str, Any]) -> list[str]:
    """The names of the functions of values that a bound plan calls, each once, in alphabetical order."""
    found = set()
    for node in _nodes(plan, ("BOUND_FUNCTION",)):
        found.add(str(((node.get("qname") or {}).get("path") or [""])[-1]))
    return sorted(found)


def _nodes(tree: Any, classes: tuple[str, ...] = ("BOUND_AGGREGATE", "BOUND_WINDOW")) -> Iterator[dict[str, Any]]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if node.get("expression_class") in classes:
                yield node
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
