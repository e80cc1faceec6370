"""Paths written as XPath 1.0, for lxml to evaluate."""

from __future__ import annotations

from collections.abc import Iterable

from transforms.path.model import (
    ANY,
    AllOf,
    Ancestor,
    AtLast,
    AtPosition,
    Axis,
    Compare,
    Condition,
    Exists,
    FromRoot,
    NameTest,
    Not,
    Operand,
    OperandKind,
    Parents,
    Predicate,
    Step,
    TerminalKind,
    ValuePath,
)


class XPathWriter:
    """Writes paths with prefixes of their own: XPath knows no default namespace. uris: prefix -> URI."""

    def __init__(self) -> None:
        self.uris: dict[str, str] = {}

    def value(self, path: ValuePath) -> str:
        """A column's path up to the nodes that are read; text() and the like are read from the element."""
        source = self.steps(path.steps)
        if not isinstance(path.start, FromRoot):
            source = self._start(path.start) + source
        if path.terminal.kind is TerminalKind.ATTRIBUTE:
            assert path.terminal.name is not None  # noqa: S101  the parser gives every attribute its name
            source += f"/@{self.name(path.terminal.name)}"
        return source

    def steps(self, steps: Iterable[Step]) -> str:
        """Steps, each with the slashes before it."""
        return "".join(
            ("//" if step.axis is Axis.DESCENDANT else "/")
            + self.name(step.test)
            + "".join(f"[{self.predicate(each)}]" for each in step.predicates)
            for step in steps
        )

    def name(self, test: NameTest) -> str:
        """A name test."""
        if test.uri == ANY:
            return "*" if test.local == ANY else f"*[local-name()='{test.local}']"
        if not test.uri:
            return test.local if test.local != ANY else "*[namespace-uri()='']"
        known = {uri: prefix for prefix, uri in self.uris.items()}
        prefix = known.get(test.uri) or f"n{len(self.uris)}"
        self.uris[prefix] = test.uri
        return f"{prefix}:{test.local}"

    def _start(self, start: Parents | Ancestor) -> str:
        if isinstance(start, Ancestor):
            return f"ancestor::{self.name(start.test)}[1]"
        return "/".join([".."] * start.levels) or "."

    def predicate(self, predicate: Predicate) -> str:
        """What stands between the brackets. `text()` is each text node in XPath, all own text at once in a path."""
        if isinstance(predicate, AtPosition):
            return str(predicate.position)
        return "last()" if isinstance(predicate, AtLast) else self._condition(predicate)

    def _condition(self, condition: Condition) -> str:
        if isinstance(condition, Compare):
            quote = '"' if "'" in condition.literal else "'"
            return (
                f"{self._operand(condition.operand)}{'=' if condition.equal else '!='}{quote}{condition.literal}{quote}"
            )
        if isinstance(condition, Exists):
            return self._operand(condition.operand)
        if isinstance(condition, Not):
            return f"not({self._condition(condition.of)})"
        word = " and " if isinstance(condition, AllOf) else " or "
        return "(" + word.join(map(self._condition, condition.of)) + ")"

    def _operand(self, operand: Operand) -> str:
        if operand.kind is OperandKind.TEXT:
            return "text()"
        if operand.kind is OperandKind.SELF:
            return "."
        assert operand.name is not None  # noqa: S101  the parser gives every attribute and child its name
        return ("@" if operand.kind is OperandKind.ATTRIBUTE else "") + self.name(operand.name)
