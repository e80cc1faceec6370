"""What a contract reads in one document, noted down while its paths are followed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from transforms.path.model import Operand, OperandKind, Terminal, TerminalKind
from transforms.shred.steps import Element, Elements, lxml_name

Key = tuple[str, str]  # table, column; '' for the rows of the table


@dataclass(slots=True, eq=False)
class Marks:
    """attributes: names by element. texts: elements whose own text is read. strings: whose whole string value is.
    subtrees: that are read with everything in them. matched: paths that found something. computed: `xpath:` columns
    that gave a value and no node.

    The elements are held: lxml's are the same objects only as long as somebody does.
    """

    attributes: dict[Element, set[str]] = field(default_factory=dict)
    texts: set[Element] = field(default_factory=set)
    strings: set[Element] = field(default_factory=set)
    subtrees: set[Element] = field(default_factory=set)
    matched: set[Key] = field(default_factory=set)
    computed: set[Key] = field(default_factory=set)

    def terminal(self, key: Key, terminal: Terminal, elements: Elements) -> None:
        """A column's path leads to these elements."""
        found = bool(elements)
        if terminal.kind is TerminalKind.ATTRIBUTE and terminal.name is not None:
            found = self.attribute(lxml_name(terminal.name), elements)
        elif terminal.kind is TerminalKind.TEXT:
            self.texts.update(elements)
        elif terminal.kind is TerminalKind.XML:
            self.subtrees.update(elements)
        else:
            self.strings.update(elements)
        if found:
            self.matched.add(key)

    def attribute(self, name: str, elements: Iterable[Element]) -> bool:
        """An attribute is read; whether any of the elements has it."""
        found = False
        for element in elements:
            if element.get(name) is not None:
                self.attributes.setdefault(element, set()).add(name)
                found = True
        return found

    def operand(self, operand: Operand, *, compared: bool, elements: Elements) -> None:
        """A predicate looks at these elements. That a child element exists is told by no attribute and no text."""
        if operand.kind is OperandKind.TEXT:
            self.texts.update(elements)
        elif operand.kind is OperandKind.SELF:
            self.strings.update(elements)
        elif operand.name is not None and operand.kind is OperandKind.ATTRIBUTE:
            self.attribute(lxml_name(operand.name), elements)
        elif operand.name is not None and compared:
            name = lxml_name(operand.name)
            for element in elements:
                self.strings.update(element.iterchildren(name))
