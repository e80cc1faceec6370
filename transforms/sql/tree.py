"""DuckDB's syntax trees as `json_serialize_sql` writes them; an expression is a dict with a `class`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any  # the trees are JSON of DuckDB's making

# What an expression may be made of, as DuckDB's parser calls it; everything else is refused.
ALLOWED_CLASSES = {
    "BETWEEN",
    "CASE",
    "CAST",
    "COLLATE",
    "COLUMN_REF",
    "COMPARISON",
    "CONJUNCTION",
    "CONSTANT",
    "FUNCTION",
    "OPERATOR",
    "TYPE",
}


def expressions(tree: Any) -> Iterator[dict[str, Any]]:
    """Every expression in a syntax tree, itself and below, in the order of the text."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if "class" in node:
                yield node
            waiting += reversed(list(node.values()))
        elif isinstance(node, list):
            waiting += reversed(node)


def is_qualified(function: dict[str, Any]) -> bool:
    """Whether a function is called by schema or catalogue."""
    return len(function["qualified_name"]["path"]) != 1


def without_places(tree: Any) -> Any:
    """The tree without the places in the text, so that the same SQL at different places is equal."""
    if isinstance(tree, dict):
        return {key: without_places(value) for key, value in tree.items() if not key.startswith("query_location")}
    return [without_places(each) for each in tree] if isinstance(tree, list) else tree


def own_expressions(tree: Any) -> Iterator[dict[str, Any]]:
    """Every expression in a part of a query, but not those of queries inside it; a subquery itself is one of them."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if "class" in node:
                yield node
            inside = [
                value for key, value in node.items() if key not in ("subquery", "query_node", "function", "source")
            ]
            waiting += reversed(inside)
        elif isinstance(node, list):
            waiting += reversed(node)
