"""Where the kernel finds the nodes of a column: ways through elements, and what is read at their ends."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeAlias

from transforms.path.model import NameTest, Parents, Start, Step, TerminalKind, ValuePath

WHOLE = (TerminalKind.CONSTANT, TerminalKind.KEY, TerminalKind.POSITION)  # not read from any element


class End(Enum):
    """What is read of an element."""

    STRING = auto()
    TEXT = auto()
    XML = auto()
    ATTRIBUTE = auto()
    FIRST_ATTRIBUTE = auto()  # of the first element that a way leads to; nothing where that one has no such attribute
    LOCAL_NAME = auto()


@dataclass(frozen=True, slots=True)
class SecondElement:
    """A start: the element below the root that is around the row, but not the row."""


@dataclass(frozen=True, slots=True)
class OwnName:
    """A step to the element itself, if it has a name, or if it has not."""

    test: NameTest
    negated: bool = False


From: TypeAlias = Start | SecondElement


@dataclass(frozen=True, slots=True)
class Source:
    """One way. name: of the attribute. own: which names the element has from which the steps go on."""

    start: From
    steps: tuple[Step, ...]
    end: End
    name: NameTest | None = None
    own: tuple[OwnName, ...] = ()


_ENDS = {
    TerminalKind.STRING: End.STRING,
    TerminalKind.TEXT: End.TEXT,
    TerminalKind.XML: End.XML,
    TerminalKind.ATTRIBUTE: End.ATTRIBUTE,
}


def source_of(path: ValuePath) -> Source | None:
    """The way of a path; None where it is none through elements."""
    end = _ENDS.get(path.terminal.kind)
    return None if end is None else Source(path.start, path.steps, end, path.terminal.name)


def local_name(start: From = Parents(0)) -> Source:  # noqa: B008  frozen
    """The way to the name of the row's element, or of one around it."""
    return Source(start, (), End.LOCAL_NAME)
