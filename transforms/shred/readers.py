"""Reading one column: from an element to a value, and from several values to one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from lxml import etree

from transforms.contract.extracts import ReadColumn
from transforms.contract.plan import Many
from transforms.path.model import Terminal, TerminalKind, XPath
from transforms.shred.refusal import RefusedError
from transforms.shred.steps import Element, lxml_name
from transforms.shred.text import own_text, string_value, xml_text

Cell: TypeAlias = str | list[str] | None
Reader: TypeAlias = Callable[[Element], str | None]

MOST_CELL_BYTES = 2**31 - 2  # of all the values of a cell, which lie in one array of text: pyarrow makes none larger
_NUMBER_AS_TEXT = "string($number)"  # XPath's own way of writing numbers: 3, 0.5, NaN


def reader(terminal: Terminal) -> Reader:
    """What reads a terminal from the element that the steps lead to; None: there is no such node."""
    if terminal.kind is TerminalKind.ATTRIBUTE:
        assert terminal.name is not None  # noqa: S101  the parser gives every attribute its name
        name = lxml_name(terminal.name)
        return lambda element: element.get(name)
    if terminal.kind is TerminalKind.TEXT:
        return own_text
    return xml_text if terminal.kind is TerminalKind.XML else string_value


def fold(values: list[str], column: ReadColumn) -> Cell:
    """What a cell is, of all the values that its path met.

    RefusedError: several, and `many: error`; or more than one cell can hold.
    """
    if len(values) > 1 and column.many in (Many.LIST, Many.JOIN):
        _require_room(values, column)
    if column.many is Many.LIST:
        return values or None
    if len(values) < 2:
        return values[0] if values else None
    if column.many is Many.ERROR:
        raise RefusedError("many_values", f"{column.name}: {len(values)} values for {column.path.source}")
    if column.many is Many.JOIN:
        return column.separator.join(values)
    return values[-1] if column.many is Many.LAST else values[0]


def _require_room(values: list[str], column: ReadColumn) -> None:
    between = (len(values) - 1) * len(column.separator.encode()) if column.many is Many.JOIN else 0
    if 4 * sum(map(len, values)) + between <= MOST_CELL_BYTES:  # a character has at most four bytes
        return
    size = sum(len(value.encode()) for value in values) + between
    if size > MOST_CELL_BYTES:
        raise RefusedError("limit", f"{column.name}: {size:,} bytes in one cell")


def compile_xpath(path: XPath) -> Callable[[Element], list[str]]:
    """What evaluates an `xpath:` column at the row's element, to the text of every node or to the one value.

    Numbers and truth values are written as XPath writes them. Compiled expressions lock while they run: every batch
    compiles its own.
    """
    namespaces = dict(path.namespaces)
    evaluate: Any = etree.XPath(
        path.source, namespaces=namespaces, smart_strings=False, regexp=False
    )  # yields whatever it yields
    number_as_text: Any = etree.XPath(_NUMBER_AS_TEXT, smart_strings=False)

    def read(element: Element) -> list[str]:
        result = evaluate(element)
        if isinstance(result, list):
            return [_node_text(node) for node in result]
        if isinstance(result, bool):
            return ["true" if result else "false"]
        return [number_as_text(element, number=result) if isinstance(result, float) else result]

    return read


def _node_text(node: Any) -> str:
    if isinstance(node, tuple):  # a namespace node: prefix, URI
        return str(node[1])
    if isinstance(node, str):
        return node
    # comments and processing instructions have their content as `.text`, and a function as their tag
    return string_value(node) if isinstance(node.tag, str) else node.text or ""
