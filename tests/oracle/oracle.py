"""The oracle: a contract's tables read with one plain XPath per cell. Slow, and meant to be obviously right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree
from ruamel.yaml import YAML

from tests.oracle.document import Tree, read_document
from tests.oracle.rewrite import DEFAULT_PREFIX, FUNCTION_PREFIX, FUNCTION_URI, Reads, Rewritten, rewrite, rewrite_rows

Cell = str | list[str] | None


@dataclass(frozen=True)
class Row:
    """One row of one table: `parent` is the row number in the parent's table, `cells` the raw text by column."""

    row: int
    parent: int | None
    position: int
    line: int
    cells: dict[str, Cell]


@dataclass(frozen=True)
class Reading:
    """What the oracle read from one document: rows by table, and cells that met several nodes; or why it refused."""

    refused: str | None = None
    tables: dict[str, list[Row]] = field(default_factory=dict)
    several: Counter[tuple[str, str]] = field(default_factory=Counter)


class ManyValuesError(Exception):
    """A column with `many: error` met several nodes."""


class Oracle:
    """A contract, given as YAML text. Only what decides raw rows and cells is read: types and policies are not."""

    def __init__(self, contract: str) -> None:
        self._contract = YAML(typ="safe").load(contract)
        given = dict(self._contract.get("namespaces") or {})
        self._default = "" in given
        self._namespaces = {prefix or DEFAULT_PREFIX: uri for prefix, uri in given.items()}
        self._root = etree.QName(*self._name(self._contract["root"]))
        self._paths: dict[str, etree.XPath] = {}

    def read(self, document: str | bytes | None, key: Mapping[str, str | None] | None = None) -> Reading:
        """Read one document; `key`: the source key's columns by name, for `$name`."""
        tree = self.tree(document)
        if isinstance(tree, str):
            return Reading(refused=tree)
        try:
            return self._tables(tree, key or {})
        except ManyValuesError:
            return Reading(refused="many_values")

    def _tables(self, tree: Tree, key: Mapping[str, str | None]) -> Reading:
        reading = Reading()
        order = {element: index for index, element in enumerate(tree.elements)}
        tables = self._contract["tables"]
        rows = {name: self.row_elements(table["rows"], tree.root, order) for name, table in tables.items()}
        numbers = {name: {element: number for number, element in enumerate(found)} for name, found in rows.items()}
        for name, table in tables.items():
            siblings: Counter[int | None] = Counter()
            reading.tables[name] = []
            for number, element in enumerate(rows[name]):
                parent = parent_row(element, numbers[table["parent"]]) if table.get("parent") else None
                siblings[parent] += 1
                cells = {}
                for column, settings in table["columns"].items():
                    settings = {"path": settings} if isinstance(settings, str) else settings
                    values = self.values_at(settings, element, siblings[parent], key, order)
                    many = settings.get("many", "first")
                    cells[column] = cell_of(values, many, settings.get("separator", ""))
                    reading.several[name, column] += len(values) > 1 and many != "list"
                line = tree.lines[order[element]]
                reading.tables[name].append(Row(number, parent, siblings[parent], line, cells))
        return reading

    def tree(self, document: str | bytes | None) -> Tree | str:
        """The document's tree, or why it is refused."""
        policy = (self._contract.get("document") or {}).get("declaration", "auto")
        tree = read_document(document, declaration=policy)
        if isinstance(tree, str):
            return tree
        return tree if etree.QName(tree.root) == self._root else "wrong_root"

    def row_elements(self, path: str, root: etree._Element, order: dict[etree._Element, int]) -> list[etree._Element]:
        """The elements that are a table's rows."""
        return self._select(rewrite_rows(path, default=self._default), root, order)

    def elements(self, path: str, start: etree._Element, order: dict[etree._Element, int]) -> list[etree._Element]:
        """The elements at a path of element steps, from an element or from the document."""
        return self._select(rewrite(path, default=self._default).elements, start, order)

    def values_at(
        self,
        settings: Mapping[str, str],
        element: etree._Element,
        position: int,
        key: Mapping[str, str | None],
        order: dict[etree._Element, int],
    ) -> list[str]:
        """The texts at a column's `path` or `xpath` from an element."""
        if "xpath" in settings:
            return self._evaluate(settings["xpath"], element)
        return self._values(rewrite(settings["path"], default=self._default), element, position, key, order)

    def _select(self, path: str, start: etree._Element, order: dict[etree._Element, int]) -> list[etree._Element]:
        """The elements of an XPath, each once, in document order."""
        if path not in self._paths:
            prefixes = {**self._namespaces, FUNCTION_PREFIX: FUNCTION_URI}
            self._paths[path] = etree.XPath(path, namespaces=prefixes, extensions={(FUNCTION_URI, "own"): _own})
        found: Any = self._paths[path](start)
        return sorted(set(found), key=order.__getitem__)

    def _values(
        self,
        reads: Rewritten,
        row: etree._Element,
        position: int,
        key: Mapping[str, str | None],
        order: dict[etree._Element, int],
    ) -> list[str]:
        if reads.reads is Reads.POSITION:
            return [str(position)]
        if reads.reads is Reads.CONSTANT:
            return [reads.detail]
        if reads.reads is Reads.KEY:
            value = key.get(reads.detail)
            return [] if value is None else [value]
        if len(list(row.iterancestors())) < reads.up:
            return []  # `..` counts elements: nothing is above the root, where XPath still has the document node
        found = self._select(reads.elements, row, order)
        if reads.reads is Reads.ATTRIBUTE:
            uri, local = self._name(reads.detail, attribute=True)
            name = f"{{{uri}}}{local}" if uri else local
            return [str(element.attrib[name]) for element in found if name in element.attrib]
        if reads.reads is Reads.TEXT:
            return [_own_text(element) for element in found]
        if reads.reads is Reads.XML:
            return [etree.tostring(element, encoding="unicode", with_tail=False) for element in found]
        return [_string(element) for element in found]

    def _evaluate(self, expression: str, row: etree._Element) -> list[str]:
        """An `xpath:` column: the string value of each node, or the one string of anything else."""
        prefixes = {prefix: uri for prefix, uri in self._namespaces.items() if prefix != DEFAULT_PREFIX}
        found = _xpath(row, expression, prefixes)
        if not isinstance(found, list):
            return [str(_xpath(row, f"string({expression})", prefixes))]
        return [str(node) if isinstance(node, str) else _string(node) for node in found]

    def _name(self, name: str, *, attribute: bool = False) -> tuple[str | None, str]:
        prefix, _, local = name.rpartition(":")
        if prefix == "xml":
            return "http://www.w3.org/XML/1998/namespace", local
        if prefix or (self._default and not attribute):
            return self._namespaces[prefix or DEFAULT_PREFIX] or None, local
        return None, local


def _xpath(element: etree._Element, expression: str, prefixes: Mapping[str, str]) -> Any:  # XPath has four types
    return element.xpath(expression, namespaces=dict(prefixes) or None)


def _string(element: etree._Element) -> str:
    return str(_xpath(element, "string()", {}))


def _own_text(element: etree._Element) -> str:
    return "".join(_xpath(element, "text()", {}))


def _own(context: object) -> str:
    """XPath function: the own text of the context node."""
    return _own_text(context.context_node)  # type: ignore[attr-defined]  # lxml's evaluation context has no public type


def parent_row(element: etree._Element, parents: dict[etree._Element, int]) -> int | None:
    """The nearest proper ancestor among the parent's rows, else the element itself, else none."""
    for candidate in [*element.iterancestors(), element]:
        if candidate in parents:
            return parents[candidate]
    return None


def cell_of(values: list[str], many: str, separator: str) -> Cell:
    """The one cell of all values at a path."""
    if not values:
        return None
    if many == "list":
        return values
    if many == "error" and len(values) > 1:
        raise ManyValuesError
    return separator.join(values) if many == "join" else values[-1 if many == "last" else 0]
