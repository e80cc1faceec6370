"""Orders that leave no two rows of a document equal, so that nothing is left to chance."""

from __future__ import annotations

from typing import Any  # the trees are JSON of DuckDB's making

from transforms.sql.relations import DOCUMENT, ROW, Relation, is_column
from transforms.sql.tree import own_expressions, without_places


def is_total(
    orders: list[dict[str, Any]], select: dict[str, Any] | None, relations: list[Relation], *, grouped: bool
) -> bool:
    """Whether no two rows of a document are equal under an order: it names what tells the rows apart."""
    if select is None:
        return False
    if grouped:
        groups = [each for each in select["group_expressions"] if not is_column(each, DOCUMENT)]
        plain = select["aggregate_handling"] == "STANDARD_HANDLING" and len(select["group_sets"]) == 1
        return plain and holds(orders, groups)
    named = {
        (each["column_names"][0].lower() if len(each["column_names"]) > 1 else "")
        for each in orders
        if is_column(each, ROW)
    }
    if len(relations) == 1:
        return relations[0].numbered and bool(named)
    return all(relation.numbered and relation.alias in named for relation in relations)


def holds(orders: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> bool:
    """Whether every wanted expression is among the orders, whatever it is called."""
    have = [_bare(each) for each in orders]
    return bool(wanted) and all(_bare(each) in have for each in wanted)


def _bare(expression: dict[str, Any]) -> Any:
    return {key: value for key, value in without_places(expression).items() if key != "alias"}


def numbers_rows(node: dict[str, Any]) -> bool:
    """Whether it says `row_number() OVER (PARTITION BY _document ...) AS _row`."""
    return any(
        each["class"] == "WINDOW"
        and each["function_name"] == "row_number"
        and str(each.get("alias") or "").lower() == ROW
        and len(each["partitions"]) == 1
        for each in node["select_list"]
    )


def yields_row(node: dict[str, Any]) -> bool:
    """Whether a SELECT yields `_row` as it is, and each row once."""
    return any(
        each["class"] == "STAR" or (is_column(each, ROW) and str(each.get("alias") or ROW).lower() == ROW)
        for each in node["select_list"]
    ) and not any(each.get("function_name") == "unnest" for each in own_expressions(node["select_list"]))
