"""The rules of an SQL table's query, on its syntax tree: no document sees another, and no result depends on order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any  # the trees are JSON of DuckDB's making

from transforms.sql.aggregates import EXACT, ORDERED, PEERS, ROW_BY_ROW, aggregate_refusal
from transforms.sql.functions import known_functions
from transforms.sql.relations import (
    DOCUMENT,
    Relation,
    Ties,
    groups_by_document,
    is_column,
    matches_document,
    named_list,
    tied_documents,
)
from transforms.sql.total_order import holds, is_total, numbers_rows, yields_row
from transforms.sql.tree import ALLOWED_CLASSES, is_qualified, own_expressions

_TABLE_FUNCTIONS = {"unnest", "range", "generate_series"}
_REFUSED = {
    "COLLATE": "COLLATE makes different texts equal, and which of them is shown is left to chance; use lower(x)",
    "DEFAULT": "DEFAULT means nothing here",
    "LAMBDA": "lambda functions are not supported",
    "PARAMETER": "parameters are not supported",
    "POSITIONAL_REFERENCE": "columns are named, not numbered",
}
_TOP = "QUALIFY row_number() OVER (PARTITION BY _document ORDER BY ..., _row) <= n"


@dataclass(frozen=True, slots=True)
class Output:
    """What a query yields as a relation."""

    of_documents: bool
    numbered: bool
    bound: bool


@dataclass(slots=True)
class QueryRules:
    """Walks a query and gathers what is wrong with it.

    tables: what the query may read, by its name in lower case. problems: message -> nearest name, '' for none.
    used: the tables it reads. whole: it may name any column of what it reads.
    """

    tables: Mapping[str, str]
    problems: dict[str, str] = field(default_factory=dict)
    used: dict[str, None] = field(default_factory=dict)
    aliases: set[str] = field(default_factory=set)

    def say(self, message: str, nearest: str = "") -> None:
        """Note a problem down."""
        self.problems.setdefault(message, nearest)

    def query(
        self, node: dict[str, Any], ctes: Mapping[str, Output], outer: frozenset[str], *, value: bool = False
    ) -> Output:
        """Check a query. ctes: what it may read beside the tables. outer: aliases of the queries around it. value: it
        stands for a value, not for a relation."""
        ctes = dict(ctes)
        for each in node["cte_map"]["map"]:
            ctes[each["key"].lower()] = self.query(each["value"]["query_node"], ctes, outer)
            self._names(each["value"]["aliases"])
        self._modifiers(node)
        if node["type"] == "SET_OPERATION_NODE":
            outputs = [self.query(child, ctes, outer, value=value) for child in node["children"]]
            self._same_place(node)
            return Output(any(each.of_documents for each in outputs), False, all(each.bound for each in outputs))
        if node["type"] != "SELECT_NODE":
            self.say(
                "WITH RECURSIVE is refused: how often it repeats depends on the data"
                if "RECURSIVE" in node["type"]
                else f"{node['type']} is not supported"
            )
            return Output(True, False, True)
        return self._select(node, ctes, outer, value=value)

    def _select(
        self, node: dict[str, Any], ctes: Mapping[str, Output], outer: frozenset[str], *, value: bool
    ) -> Output:
        ties = Ties()
        relations = self._from(node["from_table"], ctes, outer, ties)
        local = {relation.alias for relation in relations}
        bound = False
        for one, other in tied_documents(node["where_clause"]):
            if one in local and other in local:
                ties.tie(one, other)
            elif (one in local) != (other in local) and (one in outer or other in outer):
                ties.tie(one, other)
                bound = True
        for relation in relations:
            if relation.bound:
                ties.tie(relation.alias, "(outer)")
        documents = [relation for relation in relations if relation.of_documents]
        self._tied(documents, ties)
        if node["sample"] is not None:
            self.say("a sample is another one on every run")
        aggregated = self._is_aggregated(node)
        inside = outer | local
        for expression in own_expressions(_parts(node)):
            self._expression(expression, node, relations, ctes, inside, aggregated=aggregated)
        if aggregated and documents and not bound and not groups_by_document(node):
            self.say(
                "an aggregate here counts over all documents; add GROUP BY _document, or WHERE a._document = "
                "b._document in a subquery"
            )
        if documents and not bound and value:
            self.say("a subquery must be tied to its document: WHERE inner._document = outer._document")
        if documents and not bound and not value and not self._yields_document(node, relations):
            self.say("a query over documents must return _document as it is, so that rows stay with their document")
        numbered = not aggregated and len(relations) == 1 and relations[0].numbered and yields_row(node)
        return Output(bool(documents), numbered or numbers_rows(node), bound)

    def _tied(self, documents: list[Relation], ties: Ties) -> None:
        """All relations of documents must be tied to one document."""
        if not ties.together([relation.alias for relation in documents]):
            names = " and ".join(sorted(relation.alias or "a subquery" for relation in documents))
            self.say(f"{names} are not joined on _document, so that one document would meet another's rows")

    def _from(
        self, ref: dict[str, Any], ctes: Mapping[str, Output], outer: frozenset[str], ties: Ties
    ) -> list[Relation]:
        """The relations of a FROM, their ties noted down."""
        kind = ref["type"]
        alias = str(ref.get("alias") or "").lower()
        if ref.get("sample") is not None:
            self.say("a sample is another one on every run")
        self._names(ref.get("column_name_alias") or [])
        if kind == "JOIN":
            return self._join(ref, ctes, outer, ties)
        if kind == "BASE_TABLE":
            return [self._base(ref, alias, ctes)]
        if kind == "SUBQUERY":
            output = self.query(ref["subquery"]["node"], ctes, outer)
            relation = Relation(
                alias or f"(subquery {len(self.aliases)})", output.of_documents, output.numbered, output.bound
            )
        elif kind == "PIVOT":
            relation = self._unpivot(ref, alias, ctes, outer, ties)
        elif kind == "TABLE_FUNCTION":
            relation = self._table_function(ref, alias, ctes, outer)
        elif kind in ("EXPRESSION_LIST", "EMPTY"):
            relation = Relation(alias or "(values)", of_documents=False)
        else:
            self.say("SHOW, DESCRIBE and SUMMARIZE are refused" if kind == "SHOW_REF" else f"{kind} is not supported")
            relation = Relation(alias, of_documents=False)
        self.aliases.add(relation.alias)
        return [] if kind == "EMPTY" else [relation]

    def _base(self, ref: dict[str, Any], alias: str, ctes: Mapping[str, Output]) -> Relation:
        path = ref["qualified_name"]["path"]
        name = str(ref["table_name"])
        if len(path) != 1:
            self.say(f"the table {'.'.join(path)} is named with its schema")
        if ref["at_clause"] is not None:
            self.say("AT is refused: there is one state of a table")
        alias = alias or name.lower()
        self.aliases.add(alias)
        if name.lower() in ctes:
            output = ctes[name.lower()]
            return Relation(alias, output.of_documents, output.numbered, output.bound)
        if name.lower() in self.tables:
            self.used[self.tables[name.lower()]] = None
        else:
            near = get_close_matches(name.lower(), [*self.tables, *ctes], n=1)
            self.say(
                f"there is no table {name!r} that this one may read", self.tables.get(near[0], near[0]) if near else ""
            )
        return Relation(alias, of_documents=True, numbered=True)

    def _join(
        self, ref: dict[str, Any], ctes: Mapping[str, Output], outer: frozenset[str], ties: Ties
    ) -> list[Relation]:
        left = self._from(ref["left"], ctes, outer, ties)
        beside = outer | {relation.alias for relation in left}
        right = self._from(ref["right"], ctes, beside, ties)
        if ref["ref_type"] in ("ASOF", "POSITIONAL") or ref.get("ranking_expression") is not None:
            self.say(f"{ref['ref_type']} JOIN is refused: which rows meet is left to their order")
        for relation in right:
            if relation.bound and left:  # a lateral subquery, tied to what stands before it
                ties.tie(relation.alias, left[0].alias)
                relation.bound = False
        shared = ref["ref_type"] == "NATURAL" or DOCUMENT in named_list(ref["using_columns"])
        of_documents = [[each.alias for each in side if each.of_documents] for side in (left, right)]
        if shared and all(of_documents):
            ties.tie(of_documents[0][0], of_documents[1][0])
        for one, other in tied_documents(ref["condition"]):
            ties.tie(one, other)
        if ref["join_type"] in ("SEMI", "ANTI") and right:
            if all(of_documents) and not ties.together([of_documents[0][0], of_documents[1][0]]):
                self._tied([*left, *right], ties)
            return left
        return [*left, *right]

    def _unpivot(
        self, ref: dict[str, Any], alias: str, ctes: Mapping[str, Output], outer: frozenset[str], ties: Ties
    ) -> Relation:
        source = self._from(ref["source"], ctes, outer, ties)
        if ref["aggregates"] or not ref["unpivot_names"]:
            self.say("PIVOT is refused: its columns depend on the data; write max(CASE WHEN ... END) per column")
        made = [*ref["unpivot_names"], *(name for each in ref["pivots"] for name in each["unpivot_names"])]
        self._names(made)
        for each in ref["pivots"]:
            for entry in each["entries"]:
                if entry["star_expr"] is not None and is_column(entry["star_expr"], DOCUMENT):
                    self.say("_document cannot be unpivoted")
        return Relation(alias or "(unpivot)", any(each.of_documents for each in source), numbered=False)

    def _table_function(
        self, ref: dict[str, Any], alias: str, ctes: Mapping[str, Output], outer: frozenset[str]
    ) -> Relation:
        function = ref["function"]
        name = str(function["function_name"])
        if is_qualified(function):
            self.say(f"the function {name} is named with its schema")
        elif name.lower() not in _TABLE_FUNCTIONS:
            known = known_functions().knows(name)
            near = "" if known else known_functions().nearest(name)
            self.say(
                f"the table function {name} is refused; there are unnest, range and generate_series"
                if known
                else f"there is no function {name!r}",
                near,
            )
        for argument in function["arguments"]:
            for node in own_expressions(argument):
                self._expression(node, None, [], ctes, outer, aggregated=False)
        return Relation(alias or name.lower(), of_documents=False)

    def _expression(
        self,
        node: dict[str, Any],
        select: dict[str, Any] | None,
        relations: list[Relation],
        ctes: Mapping[str, Output],
        outer: frozenset[str],
        *,
        aggregated: bool,
    ) -> None:
        kind = node["class"]
        if str(node.get("alias") or "").lower() == DOCUMENT and not is_column(node, DOCUMENT):
            self.say("_document is the number of the document, and nothing else may be called so")
        if kind == "SUBQUERY":
            matched = matches_document(node)
            self.query(node["subquery"]["node"], ctes, outer, value=not matched)
        elif kind == "WINDOW":
            self._window(node, select, relations, aggregated=aggregated)
        elif kind == "FUNCTION":
            self._function(node, select, relations, aggregated=aggregated)
        elif kind == "STAR":
            self._star(node)
        elif kind not in ALLOWED_CLASSES or kind == "COLLATE":
            self.say(_REFUSED.get(kind, f"{kind.lower()} expressions are not supported"))

    def _star(self, node: dict[str, Any]) -> None:
        if node["columns"] or node["expr"] is not None:
            self.say("COLUMNS(...) is not supported; name the columns")
        made = [*(each["key"] for each in node["replace_list"]), *(each["value"] for each in node["rename_list"])]
        self._names(made)

    def _function(
        self, node: dict[str, Any], select: dict[str, Any] | None, relations: list[Relation], *, aggregated: bool
    ) -> None:
        name = str(node["function_name"]).lower()
        kind = known_functions().kind(name)
        if is_qualified(node):
            self.say(f"the function {name} is named with its schema")
        elif kind == "aggregate" or (name in EXACT and kind != "scalar"):
            self._aggregate(node, name, select, relations, aggregated=aggregated)
        elif name != "unnest":
            message, nearest = known_functions().refusal(node)
            if message:
                self.say(message, nearest)

    def _aggregate(
        self,
        node: dict[str, Any],
        name: str,
        select: dict[str, Any] | None,
        relations: list[Relation],
        *,
        aggregated: bool,
    ) -> None:
        refusal = aggregate_refusal(name)
        if refusal:
            self.say(refusal)
        if name not in ORDERED:
            return
        values = [argument["expression"] for argument in node["arguments"]]
        if any(value["class"] != "CONSTANT" for value in values[1:]):
            self.say(f"what stands between the values of {name} must be the same text for all")
        orders = [order["expression"] for order in node["order_bys"]["orders"]]
        if not orders or not (holds(orders, values[:1]) or is_total(orders, select, relations, grouped=False)):
            self.say(f"{name} needs an order that leaves no two values equal: {name}(x ORDER BY y, x)")

    def _window(
        self, node: dict[str, Any], select: dict[str, Any] | None, relations: list[Relation], *, aggregated: bool
    ) -> None:
        name = str(node["function_name"]).lower()
        if is_qualified(node):
            self.say(f"the function {name} is named with its schema")
            return
        if not any(is_column(each, DOCUMENT) for each in node["partitions"]):
            self.say(f"the window of {name} reaches over all documents; add PARTITION BY _document")
        if name in PEERS:
            if not node["orders"]:
                self.say(f"{name} ranks nothing without ORDER BY in its window")
            return
        if name not in ROW_BY_ROW:
            refusal = aggregate_refusal(name)
            if refusal:
                self.say(refusal.replace("the aggregate", "the window function"))
                return
        by_rows = "_ROWS" in node["start"] or "_ROWS" in node["end"]
        orders = [order["expression"] for order in node["orders"]]
        total = is_total([*orders, *node["partitions"]], select, relations, grouped=aggregated)
        if (by_rows or name in ROW_BY_ROW or name in ORDERED) and not (orders and total):
            self.say(
                f"the window of {name} needs an order that leaves no two rows equal; end its ORDER BY with _row (of "
                "every table in the FROM), or with all of GROUP BY"
            )

    def _modifiers(self, node: dict[str, Any]) -> None:
        for modifier in node["modifiers"]:
            kind = modifier["type"]
            if kind in ("LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER"):
                self.say(f"LIMIT and OFFSET count over all documents; use {_TOP}")
            elif kind == "DISTINCT_MODIFIER" and modifier["distinct_on_targets"]:
                self.say(
                    "DISTINCT ON is refused; use QUALIFY row_number() OVER (PARTITION BY _document, ... ORDER BY "
                    "..., _row) = 1"
                )

    def _is_aggregated(self, node: dict[str, Any]) -> bool:
        if node["group_expressions"] or node["group_sets"] or node["aggregate_handling"] != "STANDARD_HANDLING":
            return True
        functions = known_functions()
        return any(
            each["class"] == "FUNCTION" and functions.kind(str(each["function_name"])) == "aggregate"
            for each in own_expressions(_parts(node))
        )

    def _names(self, names: list[Any]) -> None:
        if DOCUMENT in named_list(names):
            self.say("_document is the number of the document, and nothing else may be called so")

    def _same_place(self, node: dict[str, Any]) -> None:
        """In a UNION by position, `_document` stands at the same one in all of them."""
        places = set()
        for child in node["children"]:
            if child["type"] != "SELECT_NODE" or any(each["class"] == "STAR" for each in child["select_list"]):
                return
            found = [at for at, each in enumerate(child["select_list"]) if is_column(each, DOCUMENT)]
            places.add(found[0] if found else -1)
        if len(places) > 1 and node["setop_type"] != "UNION_BY_NAME":
            self.say("_document stands at different places in the queries that are put together")

    def _yields_document(self, node: dict[str, Any], relations: list[Relation]) -> bool:
        own = {relation.alias for relation in relations if relation.of_documents}
        for each in node["select_list"]:
            if is_column(each, DOCUMENT) and str(each.get("alias") or DOCUMENT).lower() == DOCUMENT:
                return True
            if each["class"] == "STAR" and DOCUMENT not in named_list(each["exclude_list"]):
                renamed = [str(pair["key"]["column"]).lower() for pair in each["rename_list"]]
                if DOCUMENT not in renamed and (not each["relation_name"] or each["relation_name"].lower() in own):
                    return True
        return False


def _parts(node: dict[str, Any]) -> list[Any]:
    """Where a SELECT has expressions of its own."""
    names = ("select_list", "where_clause", "group_expressions", "having", "qualify", "modifiers", "from_table")
    return [node[name] for name in names]
