"""lxml as it is commonly used: one compiled XPath a column, evaluated at every row; the columns as Arrow text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
from lxml import etree

from transforms.contract.extracts import Extract, ReadColumn, extracts_of
from transforms.contract.plan import ContractPlan, Many
from transforms.path.model import NameTest, TerminalKind, XPath
from transforms.shred.as_xpath import XPathWriter
from transforms.shred.text import own_text, string_value, xml_text

Read = Callable[[Any], str]  # lxml's nodes are untyped


class XPathShredder:
    """Reads what the plan's extracts read, a document at a time, and nothing else: no check but lxml's own."""

    def __init__(self, plan: ContractPlan) -> None:
        only = plan.root
        self._by_root: dict[str, list[XPathTable]] = {}
        for extract in extracts_of(plan):
            root = extract.route.root if extract.route else only
            self._by_root.setdefault(_clark(root), []).append(XPathTable(extract))

    def shred(self, documents: list[bytes]) -> dict[str, pa.Table]:
        """Extract name -> its columns as text. documents: UTF-8, well-formed."""
        rows: dict[str, list[list[str | None]]] = {
            table.name: [[] for _ in table.names] for tables in self._by_root.values() for table in tables
        }
        parser = etree.XMLParser(encoding="utf-8", resolve_entities=False)
        for number, document in enumerate(documents):
            root = etree.fromstring(document, parser)
            for table in self._by_root[root.tag]:
                table.read(root, str(number), rows[table.name])
        return {
            table.name: pa.table([pa.array(each, pa.string()) for each in rows[table.name]], names=table.names)
            for tables in self._by_root.values()
            for table in tables
        }


class XPathTable:
    """One extract's compiled expressions. names: of its columns."""

    def __init__(self, extract: Extract) -> None:
        prefixes = XPathWriter()
        rows = prefixes.steps(extract.rows.steps)
        self.name = extract.name
        self.names = [column.name for column in extract.columns]
        self._rows: Any = etree.XPath(rows, namespaces=prefixes.uris or None, smart_strings=False)
        self._cells = [_cell(column) for column in extract.columns]

    def read(self, root: Any, key: str, columns: list[list[str | None]]) -> None:
        """Append the rows of one document to the columns. key: its source key."""
        work = [(values.append, *cell) for values, cell in zip(columns, self._cells, strict=True)]
        for place, row in enumerate(self._rows(root), 1):
            for append, evaluate, read in work:
                append(read(evaluate(row) if evaluate else (place, key)))


def _cell(column: ReadColumn) -> tuple[Any, Callable[[Any], str | None]]:
    """What evaluates the column at a row (None: it is in no element), and what reads the result."""
    path = column.path
    if isinstance(path, XPath):
        evaluate = etree.XPath(path.source, namespaces=dict(path.namespaces) or None, smart_strings=False)
        return evaluate, lambda found: _first(found, _node) if isinstance(found, list) else str(found)
    terminal = path.terminal
    if terminal.kind is TerminalKind.POSITION:
        return None, lambda whole: str(whole[0])
    if terminal.kind is TerminalKind.KEY:
        return None, lambda whole: str(whole[1])
    if terminal.kind is TerminalKind.CONSTANT:
        return None, lambda _: terminal.text
    prefixes = XPathWriter()
    source = prefixes.value(path)
    return etree.XPath(source, namespaces=prefixes.uris or None, smart_strings=False), _folding(column, terminal.kind)


def _folding(column: ReadColumn, kind: TerminalKind) -> Callable[[list[Any]], str | None]:
    read: Read = {TerminalKind.TEXT: own_text, TerminalKind.XML: xml_text, TerminalKind.STRING: string_value}.get(
        kind, str
    )
    if column.many is Many.JOIN:
        return lambda found: column.separator.join(map(read, found)) if found else None
    if column.many is Many.LAST:
        return lambda found: read(found[-1]) if found else None
    if kind is TerminalKind.ATTRIBUTE:
        return lambda found: found[0] if found else None
    return lambda found: read(found[0]) if found else None


def _first(found: list[Any], read: Read) -> str | None:
    return read(found[0]) if found else None


def _node(node: Any) -> str:
    return node if isinstance(node, str) else string_value(node)


def _clark(name: NameTest) -> str:
    return f"{{{name.uri}}}{name.local}" if name.uri else name.local
