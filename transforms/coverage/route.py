"""The paths of a contract as a tree of steps, followed for all rows at once.

The steps are those of the shredder, so that what counts as read is what it reads; but nothing is extracted, and every
node that a path meets counts, whatever `many` makes of several.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from lxml import etree

from transforms.contract.extracts import Extract, ReadColumn, extracts_of
from transforms.contract.plan import ContractPlan
from transforms.coverage.marks import Key, Marks
from transforms.coverage.operands import operands
from transforms.path.model import Ancestor, Axis, FromRoot, Parents, Start, Step, Terminal, TerminalKind, XPath
from transforms.shred.steps import Advance, Element, Elements, compile_first_step, compile_step, lxml_name

_WHOLE = (TerminalKind.CONSTANT, TerminalKind.KEY, TerminalKind.POSITION)  # not read from any element


class End(Protocol):
    """What a route leads to."""

    def reach(self, elements: Elements, root: Element, marks: Marks) -> None:
        """The route leads to these elements of the document."""


@dataclass(eq=False)
class Route:
    """A place in the tree of steps: what ends here, and what goes on from here."""

    ends: list[End] = field(default_factory=list)
    below: dict[Step, Hop] = field(default_factory=dict)

    def under(self, steps: tuple[Step, ...], *, nested: bool, first: bool = False) -> Route:
        """The place some steps further on. first: the first of them is from the document itself."""
        route = self
        for step in steps:
            if step not in route.below:
                route.below[step] = Hop(step, nested=nested, first=first)
            route = route.below[step].to
            nested, first = nested or step.axis is Axis.DESCENDANT, False
        return route

    def follow(self, elements: Elements, root: Element, marks: Marks) -> None:
        """Mark what everything from here on reads, beginning with these elements, each of which is there once."""
        for end in self.ends:
            end.reach(elements, root, marks)
        for hop in self.below.values():
            hop.follow(elements, root, marks)


class Hop:
    """One step of a route."""

    def __init__(self, step: Step, *, nested: bool, first: bool) -> None:
        self.to = Route()
        self._advance = _advance(step, nested=nested, first=first)
        self._operands = operands(step)
        self._candidates = _advance(replace(step, predicates=()), nested=nested, first=first)

    def follow(self, elements: Elements, root: Element, marks: Marks) -> None:
        """Take the step, and go on."""
        if self._operands:
            candidates = self._candidates(elements, root)
            for operand, compared in self._operands:
                marks.operand(operand, compared=compared, elements=candidates)
        found = self._advance(elements, root)
        if found:
            self.to.follow(found, root, marks)


def _advance(step: Step, *, nested: bool, first: bool) -> Advance:
    if not first:
        return compile_step(step, nested=nested)
    from_document = compile_first_step(step)
    return lambda _, root: from_document(root)


@dataclass(frozen=True, slots=True)
class ColumnEnd:
    """The end of a column's path."""

    key: Key
    terminal: Terminal

    def reach(self, elements: Elements, root: Element, marks: Marks) -> None:
        """Mark what the column reads."""
        marks.terminal(self.key, self.terminal, elements)


class XPathEnd:
    """An `xpath:` column, evaluated at every row. What it looks at on the way to its result is not known."""

    def __init__(self, key: Key, path: XPath) -> None:
        self._key = key
        # smart strings know the element that they were read from
        self._evaluate: Any = etree.XPath(path.source, namespaces=dict(path.namespaces), regexp=False)

    def reach(self, elements: Elements, root: Element, marks: Marks) -> None:
        """Mark the nodes of the result."""
        for element in elements:
            result = self._evaluate(element)
            if not isinstance(result, list):
                marks.computed.add(self._key)
                marks.matched.add(self._key)
                continue
            for node in result:
                marks.matched.add(self._key)
                _mark_node(node, marks)


def _mark_node(node: Any, marks: Marks) -> None:  # whatever an XPath yields
    if isinstance(node, etree._ElementUnicodeResult):
        parent: Any = node.getparent()
        if node.is_attribute and node.attrname is not None:
            marks.attribute(str(node.attrname), [parent])
        else:  # a text belongs to the element around it; as a tail, lxml gives it to the node before it
            marks.texts.add(parent.getparent() if node.is_tail else parent)
    elif isinstance(node, etree._Element) and isinstance(node.tag, str):
        marks.strings.add(node)


class ExtractEnd:
    """The end of an extract's row path: from its rows, the paths of its columns go on."""

    def __init__(self, extract: Extract) -> None:
        self._key = (extract.name, "")
        self._starts: dict[Start, Route] = {}
        self._nested = any(step.axis is Axis.DESCENDANT for step in extract.rows.steps)
        for column in extract.columns:
            self._add(extract, column)

    def _add(self, extract: Extract, column: ReadColumn) -> None:
        key, path = (extract.name, column.name), column.path
        if isinstance(path, XPath):
            self._starts.setdefault(Parents(0), Route()).ends.append(XPathEnd(key, path))
        elif path.terminal.kind not in _WHOLE:
            first = isinstance(path.start, FromRoot)
            nested = not first and (self._nested or isinstance(path.start, Ancestor))
            route = self._starts.setdefault(path.start, Route())
            route.under(path.steps, nested=nested, first=first).ends.append(ColumnEnd(key, path.terminal))

    def reach(self, elements: Elements, root: Element, marks: Marks) -> None:
        """Mark what the columns read, all rows at once."""
        marks.matched.add(self._key)
        for start, route in self._starts.items():
            contexts = _begin(start, elements, root)
            if contexts:
                route.follow(contexts, root, marks)


def _begin(start: Start, rows: Elements, root: Element) -> Elements:
    """The elements that paths with this start begin at, each once."""
    if isinstance(start, FromRoot):
        return [root]
    if isinstance(start, Ancestor):
        name = lxml_name(start.test)
        found = (next(row.iterancestors(name), None) for row in rows)
        return list(dict.fromkeys(element for element in found if element is not None))
    for _ in range(start.levels):
        above = (row.getparent() for row in rows)
        rows = list(dict.fromkeys(element for element in above if element is not None))
    return rows


def contract_route(plan: ContractPlan, *, among: Callable[[Extract], bool] = lambda _: True) -> Route:
    """All paths of a contract; `follow` it from the document with no elements. Not for several threads at once.

    among: which extracts, where several contracts share the plan.
    """
    route = Route()
    for extract in filter(among, extracts_of(plan)):
        route.under(extract.rows.steps, nested=False, first=True).ends.append(ExtractEnd(extract))
    return route
