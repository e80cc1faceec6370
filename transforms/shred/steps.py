"""Steps of a path, compiled once to functions over lxml elements."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias, cast

from lxml import etree

from transforms.path.model import (
    ANY,
    AllOf,
    AnyOf,
    AtLast,
    AtPosition,
    Axis,
    Compare,
    Condition,
    Exists,
    NameTest,
    Not,
    Operand,
    OperandKind,
    Predicate,
    Step,
)
from transforms.shred.as_xpath import XPathWriter
from transforms.shred.text import own_text, string_value

Element: TypeAlias = etree._Element
Elements: TypeAlias = list[Element]

# From context elements, in document order, to what the step selects below them, in document order and each once.
# The second argument is the element that all contexts are inside of (or are).
Advance: TypeAlias = Callable[[Elements, Element], Elements]
Filter: TypeAlias = Callable[[Elements], Elements]
Test: TypeAlias = Callable[[Element], bool]


def lxml_name(test: NameTest) -> str:
    """A name as lxml writes it. lxml reads `{*}a` as `a` in any namespace, and `a` or `{}a` as `a` in none."""
    if test.uri == ANY:
        return "*" if test.local == ANY else f"{{*}}{test.local}"
    return f"{{{test.uri or ''}}}{test.local}" if test.uri or test.local == ANY else test.local


def compile_step(step: Step, *, nested: bool) -> Advance:
    """A step from elements. nested: its contexts may stand inside each other, because a `//` came before."""
    tag = lxml_name(step.test)
    below = _by_xpath(step, "descendant") or _below(step)

    def advance(contexts: Elements, top: Element) -> Elements:
        if len(contexts) == 1:
            return below(contexts[0])
        found = [element for context in contexts for element in below(context)]
        return _in_document_order(found, top, tag) if nested and found else found

    return advance


def compile_first_step(step: Step) -> Callable[[Element], Elements]:
    """A step from the document itself, given its root element."""
    by_xpath = _by_xpath(step, "descendant-or-self")
    if by_xpath is not None:
        return by_xpath
    tag, narrow = lxml_name(step.test), _narrowing(step)

    def advance(root: Element) -> Elements:
        found = list(root.iter(tag))  # which begins with the root itself
        return narrow(found) if narrow else found

    def only_root(root: Element) -> Elements:
        found = [root] if next(root.iter(tag), None) is root else []
        return narrow(found) if narrow else found

    return only_root if step.axis is Axis.CHILD else advance


def _below(step: Step) -> Callable[[Element], Elements]:
    """What a step selects from one context."""
    tag, narrow = lxml_name(step.test), _narrowing(step)
    below = etree._Element.iterchildren if step.axis is Axis.CHILD else etree._Element.iterdescendants
    if narrow is None:
        return lambda context: list(below(context, tag))

    def narrowed(context: Element) -> Elements:
        found = list(below(context, tag))
        return narrow(found) if found else found

    return narrowed


def _by_xpath(step: Step, axis: str) -> Callable[[Element], Elements] | None:
    """The same by XPath's `axis` where it means the same, and looks at many elements for the few that it selects."""
    if step.axis is not Axis.DESCENDANT or not step.predicates or not all(map(_is_of_xpath, step.predicates)):
        return None
    writer = XPathWriter()
    source = f"{axis}::{writer.name(step.test)}" + "".join(f"[{writer.predicate(each)}]" for each in step.predicates)
    evaluate: Any = etree.XPath(source, namespaces=writer.uris or None, smart_strings=False, regexp=False)
    return cast("Callable[[Element], Elements]", evaluate)


def _is_of_xpath(predicate: Predicate) -> bool:
    """Whether XPath means the same: positions count below each parent, and own text is one text."""
    if isinstance(predicate, AllOf | AnyOf):
        return all(map(_is_of_xpath, predicate.of))
    if isinstance(predicate, Not):
        return _is_of_xpath(predicate.of)
    return isinstance(predicate, Compare | Exists) and predicate.operand.kind is not OperandKind.TEXT


def _in_document_order(found: Elements, top: Element, tag: str) -> Elements:
    """Found from contexts inside each other, elements can come twice and out of order."""
    wanted = set(found)
    return [element for element in top.iter(tag) if element in wanted]


def _narrowing(step: Step) -> Filter | None:
    """All predicates of a step, for what it selects from one context; None where it has none."""
    if not step.predicates:
        return None
    filters = [_filter(predicate) for predicate in step.predicates]

    def narrow(elements: Elements) -> Elements:
        for keep in filters:
            elements = keep(elements)
        return elements

    positional = any(isinstance(predicate, AtPosition | AtLast) for predicate in step.predicates)
    if step.axis is Axis.DESCENDANT and positional:
        return lambda elements: _narrow_by_parent(elements, narrow)
    return narrow


def _narrow_by_parent(elements: Elements, narrow: Filter) -> Elements:
    """`//name[1]` is the first of that name below EACH parent: XPath's /descendant-or-self::node()/child::name[1]."""
    siblings: dict[Element | None, Elements] = {}
    for element in elements:
        siblings.setdefault(element.getparent(), []).append(element)
    kept = {element for group in siblings.values() for element in narrow(group)}
    return [element for element in elements if element in kept]


def _filter(predicate: Predicate) -> Filter:
    if isinstance(predicate, AtPosition):
        place = slice(predicate.position - 1, predicate.position)
        return lambda elements: elements[place]
    if isinstance(predicate, AtLast):
        return lambda elements: elements[-1:]
    holds = _test(predicate)
    return lambda elements: [element for element in elements if holds(element)]


def _test(condition: Condition) -> Test:
    if isinstance(condition, AllOf):
        needed = [_test(part) for part in condition.of]
        return lambda element: all(holds(element) for holds in needed)
    if isinstance(condition, AnyOf):
        enough = [_test(part) for part in condition.of]
        return lambda element: any(holds(element) for holds in enough)
    if isinstance(condition, Not):
        denied = _test(condition.of)
        return lambda element: not denied(element)
    values = _values(condition.operand)
    if isinstance(condition, Compare):
        literal, equal = condition.literal, condition.equal
        return lambda element: any((value == literal) is equal for value in values(element))
    return _existence(condition, values)


def _existence(condition: Exists, values: Callable[[Element], Iterable[str]]) -> Test:
    if condition.operand.kind is OperandKind.TEXT:
        return lambda element: own_text(element) != ""
    return lambda element: any(True for _ in values(element))


def _values(operand: Operand) -> Callable[[Element], Iterable[str]]:
    """The texts that an operand has at an element: one per node."""
    if operand.kind is OperandKind.TEXT:
        return lambda element: (own_text(element),)
    if operand.kind is OperandKind.SELF:
        return lambda element: (string_value(element),)
    assert operand.name is not None  # noqa: S101  the parser gives every attribute and child its name
    name = lxml_name(operand.name)
    if operand.kind is OperandKind.CHILD:
        return lambda element: (string_value(child) for child in element.iterchildren(name))

    def attribute(element: Element) -> Iterable[str]:
        value = element.get(name)
        return () if value is None else (value,)

    return attribute
