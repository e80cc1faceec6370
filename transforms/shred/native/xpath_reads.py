"""`xpath:` columns that the kernel can read: XPath that says what paths say, and a little more.

Whatever is not surely the same is not among them, and is evaluated by lxml. What is:

- `a/b[@c]`, `a/@d`: steps down to children, with the predicates of the path language; several such ways to elements,
  with `|` between them, if they cannot lead to the same; the first step may be `self::name` or
  `self::*[not(self::name)]`;
- `(a | b)[1]/@c`: an attribute of the first of such elements;
- `local-name()`, `local-name(..)` and `local-name(ancestor-or-self::*[last() - 1])`;
- functions of the element's string value: see string_functions.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from transforms.contract.plan import Many
from transforms.errors import PathError
from transforms.path.model import (
    ANY,
    AllOf,
    AnyOf,
    AtLast,
    AtPosition,
    Axis,
    Condition,
    NameTest,
    Not,
    OperandKind,
    Parents,
    Predicate,
    Step,
    XPath,
)
from transforms.path.parse import parse_value_path
from transforms.shred.native.filters import is_late
from transforms.shred.native.sources import End, OwnName, SecondElement, Source, local_name, source_of
from transforms.shred.native.string_functions import function_of

Make: TypeAlias = Callable[[Sequence[pa.ChunkedArray]], pa.ChunkedArray]


@dataclass(frozen=True, slots=True)
class Reads:
    """parts: columns that the kernel reads, each with its ways. make: from these to the column of text that is asked
    for; None: it is the only one of them."""

    parts: tuple[tuple[Source, ...], ...]
    make: Make | None = None


@cache
def reads_of(path: XPath, many: Many) -> Reads | None:
    """How the kernel reads an XPath; None where lxml has to."""
    text = path.source.strip()
    names = _NAMES.get(re.sub(r"\s", "", text))
    if names is not None:
        return names
    if _is_quoted_apart(text):
        first = _FIRST.fullmatch(text)
        ways = _ways(first["ways"] if first else text, dict(path.namespaces))
        if first and ways and many in (Many.FIRST, Many.LAST, Many.ERROR):
            ways = _attribute_of_first(ways, first["attribute"], dict(path.namespaces))
        elif first:
            ways = None
        if ways:
            return Reads((ways,))
    function = function_of(path)
    return None if function is None else Reads(((Source(Parents(0), (), End.STRING),),), function)


def _own(parts: Sequence[pa.ChunkedArray]) -> pa.ChunkedArray:
    return pc.fill_null(parts[0], "")


def _second(parts: Sequence[pa.ChunkedArray]) -> pa.ChunkedArray:
    """Around the row; else the row's own where that has a parent, and so is the second itself; else there is none."""
    second, own, parent = parts
    return pc.coalesce(second, pc.if_else(pc.is_valid(parent), own, pa.scalar("", pa.string())))


_ROW, _PARENT = (local_name(),), (local_name(Parents(1)),)
_NAMES: Mapping[str, Reads] = {
    "local-name()": Reads((_ROW,), _own),
    "local-name(.)": Reads((_ROW,), _own),
    "local-name(..)": Reads((_PARENT,), _own),
    "local-name(ancestor-or-self::*[last()-1])": Reads(((local_name(SecondElement()),), _ROW, _PARENT), _second),
}

_FIRST = re.compile(r"\((?P<ways>[^()]*(?:\([^()]*\)[^()]*)*)\)\s*\[\s*1\s*\]\s*/\s*(?P<attribute>@[^\s/\[\]|]+)")
_SELF = re.compile(r"self::(?P<name>[^\s/\[\]|*:()]+(?::[^\s/\[\]|*:()]+)?)\s*/")
_NOT_SELF = re.compile(r"self::\*\s*\[\s*not\(\s*self::(?P<name>[^\s/\[\]|*:()]+(?::[^\s/\[\]|*:()]+)?)\s*\)\s*\]\s*/")


def _is_quoted_apart(text: str) -> bool:
    """Whether nothing in quotes could be taken for the signs that are looked for here."""
    return not any(set(quoted) & set("|()[]/") for quoted in re.findall(r"'[^']*'|\"[^\"]*\"", text))


def _ways(text: str, namespaces: Mapping[str, str]) -> tuple[Source, ...] | None:
    """The ways of a union, if it is one of these; they lead to different elements."""
    ways = []
    for alternative in text.split("|"):
        try:
            way = _way(alternative.strip(), namespaces)
        except PathError:
            return None
        if way is None:
            return None
        ways.append(way)
    if len(ways) > 1 and any(way.end is not End.STRING for way in ways):
        return None
    apart = all(_are_apart(one, other) for at, one in enumerate(ways) for other in ways[:at])
    return tuple(ways) if apart else None


def _way(text: str, namespaces: Mapping[str, str]) -> Source | None:
    own = []
    for pattern, negated in ((_SELF, False), (_NOT_SELF, True)):
        match = pattern.match(text)
        if match:
            own.append(OwnName(_element_test(match["name"], namespaces), negated))
            text = text[match.end() :].lstrip()
            break
    way = source_of(parse_value_path(text, namespaces))
    if way is None or way.start != Parents(0) or way.end not in (End.STRING, End.ATTRIBUTE):
        return None
    if not all(step.axis is Axis.CHILD and all(map(_is_the_same, step.predicates)) for step in way.steps):
        return None
    if own and not way.steps:
        return None  # `self::a/.`, or an attribute: as good, but nobody writes it
    return replace(way, own=tuple(own))


def _element_test(name: str, namespaces: Mapping[str, str]) -> NameTest:
    (step,) = parse_value_path(name, namespaces).steps
    return step.test


def _is_the_same(predicate: Predicate) -> bool:
    """Whether a predicate means in XPath what it means in a path: `text()` does not."""
    if isinstance(predicate, AtPosition | AtLast):
        return True
    return all(kind is not OperandKind.TEXT for kind in _operands(predicate))


def _operands(condition: Condition) -> Iterator[OperandKind]:
    if isinstance(condition, AllOf | AnyOf):
        for part in condition.of:
            yield from _operands(part)
    elif isinstance(condition, Not):
        yield from _operands(condition.of)
    else:
        yield condition.operand.kind


def _are_apart(one: Source, other: Source) -> bool:
    """Whether no element is at the end of both: they go down unequally far, or by different names."""
    if len(one.steps) != len(other.steps):
        return True
    mine, theirs = ({each.test: each.negated for each in way.own} for way in (one, other))
    if any(theirs.get(test, negated) != negated for test, negated in mine.items()):
        return True
    return any(_differ(a.test, b.test) for a, b in zip(one.steps, other.steps, strict=True))


def _differ(one: NameTest, other: NameTest) -> bool:
    if ANY not in (one.local, other.local) and one.local != other.local:
        return True
    return ANY not in (one.uri, other.uri) and one.uri != other.uri


def _attribute_of_first(
    ways: tuple[Source, ...], attribute: str, namespaces: Mapping[str, str]
) -> tuple[Source, ...] | None:
    """The ways to an attribute of the first element. What is known only behind an element may be too late."""
    if any(way.end is not End.STRING or not way.steps or _is_late(way.steps) for way in ways):
        return None
    try:
        name = parse_value_path(attribute, namespaces).terminal.name
    except PathError:
        return None
    if name is None or ANY in (name.local, name.uri):
        return None
    return tuple(replace(way, end=End.FIRST_ATTRIBUTE, name=name) for way in ways)


def _is_late(steps: tuple[Step, ...]) -> bool:
    return any(is_late(step.predicates) for step in steps)
