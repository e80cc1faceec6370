"""What stands in a FROM: relations of documents' rows, and what else there is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any  # the trees are JSON of DuckDB's making

DOCUMENT = "_document"
ROW = "_row"


@dataclass(slots=True)
class Relation:
    """One relation of a FROM.

    alias: lower case; '' for one without a name. of_documents: its rows belong to documents, and it has `_document`.
    numbered: `_document` and `_row` together name one of its rows. bound: it is tied to the document of an outer row.
    """

    alias: str
    of_documents: bool
    numbered: bool = False
    bound: bool = False


@dataclass(slots=True)
class Ties:
    """Which relations are tied to the same document, by equations of their `_document`."""

    groups: dict[str, str] = field(default_factory=dict)

    def tie(self, one: str, other: str) -> None:
        """The two are of one document."""
        self.groups[self.head(one)] = self.head(other)

    def head(self, alias: str) -> str:
        """One of the relations that this one is tied to, the same for all of them."""
        while (above := self.groups.setdefault(alias, alias)) != alias:
            alias = above
        return alias

    def together(self, aliases: list[str]) -> bool:
        """Whether all of these are of one document."""
        return len({self.head(alias) for alias in aliases}) <= 1


def conjuncts(condition: dict[str, Any] | None) -> Iterator[dict[str, Any]]:
    """The conditions that must all hold for a condition to hold."""
    if condition is None:
        return
    if condition["class"] == "CONJUNCTION" and condition["type"] == "CONJUNCTION_AND":
        for child in condition["children"]:
            yield from conjuncts(child)
    else:
        yield condition


def tied_documents(condition: dict[str, Any] | None) -> Iterator[tuple[str, str]]:
    """The aliases a and b, in lower case, of every `a._document = b._document` that must hold."""
    for each in conjuncts(condition):
        if each["class"] == "COMPARISON" and each["type"] == "COMPARE_EQUAL":
            one, other = _qualifier(each["left"]), _qualifier(each["right"])
            if one and other:
                yield one, other


def _qualifier(node: dict[str, Any]) -> str:
    names = node.get("column_names") or []
    return names[0].lower() if len(names) == 2 and names[1].lower() == DOCUMENT else ""


def is_column(node: dict[str, Any], name: str) -> bool:
    """Whether an expression is a column of that name, of any relation."""
    return bool(node["class"] == "COLUMN_REF" and node["column_names"][-1].lower() == name)


def named_list(values: list[Any]) -> list[str]:
    """Names in a list of DuckDB's tree, in lower case."""
    return [str(value).lower() for value in values or []]


def groups_by_document(node: dict[str, Any]) -> bool:
    """Whether every group of a SELECT is of one document."""
    if node["aggregate_handling"] == "FORCE_AGGREGATES":
        return any(is_column(each, DOCUMENT) for each in node["select_list"])
    named = set()
    for at, each in enumerate(node["group_expressions"]):
        literal = str((each.get("literal") or {}).get("text", ""))
        if literal.isdigit() and 0 < int(literal) <= len(node["select_list"]):
            each = node["select_list"][int(literal) - 1]
        if is_column(each, DOCUMENT):
            named.add(at)
    return bool(named) and all(named & set(each) for each in node["group_sets"])


def matches_document(subquery: dict[str, Any]) -> bool:
    """Whether it is `(_document, x) IN (SELECT _document, y ...)`."""
    child, node = subquery.get("child"), subquery["subquery"]["node"]
    if subquery["subquery_type"] != "ANY" or not child or node["type"] != "SELECT_NODE":
        return False
    if subquery.get("comparison_type") != "COMPARE_EQUAL":
        return False
    if child["class"] == "FUNCTION" and child["function_name"] == "row":
        ours = [argument["expression"] for argument in child["arguments"]]
    else:
        ours = [child]
    pairs = zip(ours, node["select_list"], strict=False)
    return any(is_column(one, DOCUMENT) and is_column(other, DOCUMENT) for one, other in pairs)
