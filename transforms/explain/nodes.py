"""The nodes of one document that the columns of its rows were read from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from transforms.contract.extracts import Extract, ReadColumn, extracts_of
from transforms.contract.plan import ContractPlan, Many
from transforms.coverage.names import Names, contract_names
from transforms.path.model import Ancestor, Axis, FromRoot, Parents, TerminalKind, ValuePath, XPath
from transforms.shred.lines import long_document_lines, source_line
from transforms.shred.parse import DocumentParser
from transforms.shred.readers import reader
from transforms.shred.routing import Routing
from transforms.shred.rows import RowPaths
from transforms.shred.steps import Element, Elements, compile_first_step, compile_step, lxml_name

_WHOLE = (TerminalKind.CONSTANT, TerminalKind.KEY, TerminalKind.POSITION)  # not read from any element


@dataclass(frozen=True, slots=True)
class Node:
    """A node that a path met. path: from the document, with its place among its siblings of the same name. line: on
    which the start tag of its element ends. text: as it was read."""

    path: str
    line: int
    text: str


class DocumentNodes:
    """One document, parsed as the reference shredder does. RefusedError where that refuses it.

    keys: the texts of the source's key columns, by name.
    """

    def __init__(self, plan: ContractPlan, data: bytes, keys: Mapping[str, str | None], *, text: bool) -> None:
        parser = DocumentParser(plan.limits, plan.declaration, plan.decode)
        root, source = parser.parse(memoryview(data), text=text)
        routing = Routing(plan)
        route = routing.choose(root, keys)
        self.extracts = {each.name: each for each in extracts_of(plan) if routing.of(each.route) == route}
        found = RowPaths([each.rows for each in self.extracts.values()]).select(root)
        self._rows = dict(zip(self.extracts, found, strict=True))
        self._root = root
        self._lines = long_document_lines(root, source.data)
        self._names: Names = contract_names(plan)
        for element in root.iter("*"):
            self._names.note(element)

    def row(self, extract: str, row: int) -> Node:
        """The element of a row."""
        element = self._rows[extract][row]
        return Node(self._path(element), self._line(element), "")

    def met(self, extract: Extract, column: ReadColumn, row: int) -> tuple[Node, ...]:
        """The nodes that the value of a column in a row was read from: of several the one that `many` takes, or all."""
        element = self._rows[extract.name][row]
        if isinstance(column.path, XPath):
            nodes = self._by_xpath(column.path, element)
        elif column.path.terminal.kind in _WHOLE:
            return ()
        else:
            nodes = self._by_path(column.path, element)
        if len(nodes) < 2 or column.many in (Many.JOIN, Many.LIST):
            return tuple(nodes)
        return (nodes[-1] if column.many is Many.LAST else nodes[0],)

    def _by_path(self, path: ValuePath, row: Element) -> list[Node]:
        read = reader(path.terminal)
        end = ""
        if path.terminal.kind is TerminalKind.ATTRIBUTE and path.terminal.name is not None:
            end = "/@" + self._names.attribute(lxml_name(path.terminal.name))
        elif path.terminal.kind is not TerminalKind.STRING:
            end = "/xml()" if path.terminal.kind is TerminalKind.XML else "/text()"
        found = []
        for element in self._elements(path, row):
            text = read(element)
            if text is not None:
                found.append(Node(self._path(element) + end, self._line(element), text))
        return found

    def _elements(self, path: ValuePath, row: Element) -> Elements:
        steps, nested = path.steps, False
        if isinstance(path.start, FromRoot):
            top, elements = self._root, compile_first_step(steps[0])(self._root)
            nested, steps = steps[0].axis is Axis.DESCENDANT, steps[1:]
        else:
            above: Element | None = row
            if isinstance(path.start, Ancestor):
                above = next(row.iterancestors(lxml_name(path.start.test)), None)
            for _ in range(path.start.levels if isinstance(path.start, Parents) else 0):
                above = above.getparent() if above is not None else None
            if above is None:
                return []
            top, elements = above, [above]
        for step in steps:
            elements = compile_step(step, nested=nested)(elements, top)
            nested = nested or step.axis is Axis.DESCENDANT
        return elements

    def _by_xpath(self, path: XPath, row: Element) -> list[Node]:
        # smart strings know the element that they were read from
        evaluate: Any = etree.XPath(path.source, namespaces=dict(path.namespaces), regexp=False)
        result = evaluate(row)
        return [self._node(each, row) for each in (result if isinstance(result, list) else [result])]

    def _node(self, found: Any, row: Element) -> Node:  # whatever an XPath yields
        if isinstance(found, etree._ElementUnicodeResult) and found.getparent() is not None:
            element: Any = found.getparent()
            if found.is_attribute:
                path = f"{self._path(element)}/@{self._names.attribute(str(found.attrname))}"
            else:
                element = element.getparent() if found.is_tail else element
                path = f"{self._path(element)}/text()"
            return Node(path, self._line(element), str(found))
        if isinstance(found, etree._Element) and isinstance(found.tag, str):
            return Node(self._path(found), self._line(found), "".join(map(str, found.itertext())))
        return Node(self._path(row), self._line(row), str(found))

    def _path(self, element: Element) -> str:
        steps = []
        place: Element | None = element
        while place is not None:
            name = self._names.element(str(place.tag))
            parent = place.getparent()
            alike = list(parent.iterchildren(str(place.tag))) if parent is not None else [place]
            steps.append(f"/{name}" + (f"[{alike.index(place) + 1}]" if len(alike) > 1 else ""))
            place = parent
        return "".join(reversed(steps))

    def _line(self, element: Element) -> int:
        return self._lines.get(element, source_line(element))
