"""YAML (or JSON, which is YAML too) as a tree of nodes that know where they stand.

Only ruamel's event parser is used: it does not recurse, so a contract that is nested a million deep costs no stack,
and the text of every scalar stays as written, so that `01` can be a lookup's code and `1.10` a decimal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from transforms.errors import Problem

# A contract nests eight deep (tables, name, columns, name, clean, step, replace, pattern).
MOST_LEVELS = 32
# Aliases let a few lines stand for billions of nodes; the largest contract we know of holds about 3,000.
MOST_NODES = 200_000


@dataclass(slots=True)
class Scalar:
    """One text, number, true/false or null, as written. `style` is None for a plain one, else the quote or `|`, `>`."""

    line: int
    column: int
    text: str
    style: str | None
    raw: str  # between the marks, quotes included; '' where it runs over lines


@dataclass(slots=True)
class Sequence:
    """A list."""

    line: int
    column: int
    items: list[Node] = field(default_factory=list)
    size: int = 1
    height: int = 1


@dataclass(slots=True)
class Mapping:
    """A mapping; every key is a scalar."""

    line: int
    column: int
    items: list[tuple[Scalar, Node]] = field(default_factory=list)
    size: int = 1
    height: int = 1
    pending: Scalar | None = None  # the key whose value comes next


Node = Scalar | Sequence | Mapping


class NodeError(Exception):
    """A text that is not one YAML document of plain data; holds the problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def read_nodes(text: str, *, name: str) -> Node:
    """The tree of the one document in `text`; NodeError where there is none."""
    builder = _Builder(text, name)
    try:
        for event in _events(text):
            builder.take(event)
    except MarkedYAMLError as error:
        raise NodeError(_syntax(error, text, name)) from error
    except ReaderError as error:
        raise NodeError(_unreadable(error, text, name)) from error
    except (YAMLError, ValueError, LookupError, TypeError, AttributeError, AssertionError, OverflowError) as error:
        # ruamel leaks these on malformed escapes, tags and directives.
        raise NodeError(Problem(f"this is not YAML: {error}", file=name, expected="a YAML or JSON file")) from error
    if builder.root is None:
        message = "the file is empty"
        raise NodeError(Problem(message, file=name, line=1, column=1, expected="a contract: version, root and tables"))
    return builder.root


def _events(text: str) -> Iterator[Any]:  # ruamel's events are untyped
    yield from YAML(typ="safe", pure=True).parse(text)


class _Builder:
    """Builds the tree from events, with an explicit stack."""

    def __init__(self, text: str, name: str) -> None:
        self.root: Node | None = None
        self._text = text
        self._name = name
        self._documents = 0
        self._open: list[Sequence | Mapping] = []
        self._anchors: dict[str, Node] = {}

    def take(self, event: Any) -> None:
        """One event of the parser."""
        kind = type(event).__name__
        if kind == "DocumentStartEvent":
            self._documents += 1
            if self._documents > 1:
                raise self._error(event, "a second document begins here", "one contract per file")
        elif kind == "ScalarEvent":
            self._add(event, self._scalar(event))
        elif kind == "AliasEvent":
            self._add(event, self._aliased(event))
        elif kind in ("SequenceStartEvent", "MappingStartEvent"):
            self._begin(event, Sequence if kind == "SequenceStartEvent" else Mapping)
        elif kind in ("SequenceEndEvent", "MappingEndEvent"):
            closed = self._open.pop()
            if self._open:
                self._count(event, closed)

    def _begin(self, event: Any, kind: type[Sequence] | type[Mapping]) -> None:
        self._check_levels(event, 1)
        node = kind(event.start_mark.line + 1, event.start_mark.column + 1)
        self._add(event, node)
        self._open.append(node)

    def _add(self, event: Any, node: Node) -> None:
        tag = getattr(event, "tag", None)
        if tag is not None and tag != "!":
            raise self._error(
                event, f"a contract has no tags, but here is {tag.replace('tag:yaml.org,2002:', '!!')}", "plain values"
            )
        anchor = getattr(event, "anchor", None)
        if anchor and type(event).__name__ != "AliasEvent":
            self._anchors[anchor] = node
        if not self._open:
            self.root = node
            return
        holder = self._open[-1]
        if isinstance(holder, Sequence):
            holder.items.append(node)
        elif holder.pending is None:
            if not isinstance(node, Scalar):
                raise self._error(event, "a mapping's key must be one text", "name: value")
            holder.pending = node
        else:
            holder.items.append((holder.pending, node))
            holder.pending = None
        holder.size += 1 if isinstance(node, Scalar) else 0

    def _aliased(self, event: Any) -> Node:
        node = self._anchors.get(event.anchor)
        if node is None:
            raise self._error(event, f"*{event.anchor} refers to nothing above it", f"&{event.anchor} before it")
        if any(node is holder for holder in self._open):
            raise self._error(
                event, f"*{event.anchor} refers to the value it is part of", "a value that does not hold itself"
            )
        if not isinstance(node, Scalar) and self._open:
            self._check_levels(event, node.height)
            self._count(event, node)
        return node

    def _check_levels(self, event: Any, more: int) -> None:
        if len(self._open) + more > MOST_LEVELS:
            message = f"this is nested more than {MOST_LEVELS} levels deep"
            raise self._error(event, message, "a contract, which needs about eight")

    def _count(self, event: Any, inner: Sequence | Mapping) -> None:
        holder = self._open[-1]
        holder.size += inner.size
        holder.height = max(holder.height, inner.height + 1)
        if holder.size > MOST_NODES:
            raise self._error(
                event, f"with its aliases this holds more than {MOST_NODES:,} values", "a smaller contract"
            )

    def _scalar(self, event: Any) -> Scalar:
        start, end = event.start_mark, event.end_mark
        raw = self._text[start.index : end.index] if start.line == end.line else ""
        text = event.value
        if any("\ud800" <= character <= "\udfff" for character in text):
            try:  # JSON writes one character past U+FFFF as two escapes
                text = text.encode("utf-16", "surrogatepass").decode("utf-16")
            except UnicodeDecodeError:
                raise self._error(
                    event, "here is half of a surrogate pair, which is no character", "Unicode text"
                ) from None
        return Scalar(start.line + 1, start.column + 1, text, event.style, raw)

    def _error(self, event: Any, message: str, expected: str) -> NodeError:
        mark = event.start_mark
        return NodeError(
            Problem(message, file=self._name, line=mark.line + 1, column=mark.column + 1, expected=expected)
        )


def _syntax(error: MarkedYAMLError, text: str, name: str) -> Problem:
    """ruamel's message, with what usually causes it in a contract."""
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (0, 0)
    said = str(error.problem or error.context or "the text ends too early").replace(
        "<block end>", "the end of this block"
    )
    lines = text.splitlines()
    rest = lines[line - 1][column - 1 :] if 0 < line <= len(lines) else ""
    expected = "YAML"
    if rest[:1] in ("@", "`", "%"):
        said = f"YAML does not let a text begin with {rest[0]}"
        expected = f'the text in quotes: "{rest.split(",")[0].split(" #")[0].rstrip(" }]")}"'
    elif "end of stream" in said or "<stream end>" in said or "unexpected end" in said:
        start = error.context_mark
        if start is not None:
            line, column = start.line + 1, start.column + 1
        opening = text[start.index : start.index + 1].strip() if start is not None else ""
        said = f"what begins here with {opening} has no end" if opening else "the end is missing"
        expected = "the closing bracket or quote"
    elif rest[:1] == "\t":
        said, expected = "here is a tab", "spaces before a key"
    elif rest[:1] == "[" and "flow" in str(error.context):
        said, expected = "a text between { and } ends at [", 'quotes around the whole text: "a[1]/b"'
    elif "mapping values are not allowed" in said:
        said, expected = (
            "here is a second ': ' on one line",
            "quotes around a text that holds ': ', or deeper indentation",
        )
    elif "alias" in str(error.context):
        said, expected = "a text that begins with * needs quotes", 'quotes: "*"'
    elif "expected the end of this block" in said:
        said, expected = "this line does not fit the lines above it", "the same indentation as its neighbours"
    return Problem(said, file=name, line=line, column=column, expected=expected)


def _unreadable(error: ReaderError, text: str, name: str) -> Problem:
    """A character that YAML does not allow: the file is probably not text."""
    before = text[: error.position] if isinstance(error.position, int) else ""
    line = before.count("\n") + 1
    column = len(before) - before.rfind("\n")
    code = error.character if isinstance(error.character, int) else ord(str(error.character)[:1] or "\0")
    message = f"here is the character U+{code:04X}, which is no text"
    return Problem(message, file=name, line=line, column=column, expected="a YAML or JSON file in UTF-8")
