"""Paths that find nothing, and what in the documents they may have meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from transforms.contract.extracts import Extract, extracts_of
from transforms.contract.plan import ContractPlan
from transforms.coverage.marks import Key
from transforms.coverage.names import Names
from transforms.coverage.result import Unmatched, UnreadPath
from transforms.path.model import (
    Ancestor,
    Axis,
    FromRoot,
    NameTest,
    Parents,
    Step,
    Terminal,
    TerminalKind,
    ValuePath,
    XPath,
)

_WHOLE = (TerminalKind.CONSTANT, TerminalKind.KEY, TerminalKind.POSITION)  # not read from the documents
_URI = re.compile(r"\{[^}]*\}")
_SIGNS = re.compile(r"[\W_]+")


def unmatched(plan: ContractPlan, matched: set[Key], unread: Sequence[UnreadPath], names: Names) -> Iterator[Unmatched]:
    """The paths of the plan that are not among `matched`. unread: places that they may have meant."""
    alike: dict[str, list[str]] = {}
    for place in unread:
        alike.setdefault(_last_name(place.path), []).append(place.path)
    for extract in extracts_of(plan):
        if (extract.name, "") not in matched:
            pick = extract.name.removeprefix(extract.table).removeprefix(".")
            yield Unmatched(extract.table, pick, extract.rows.source)
            continue
        for column in extract.columns:
            path = column.path
            if (extract.name, column.name) in matched:
                continue
            if isinstance(path, XPath):
                yield Unmatched(extract.table, column.name, path.source)
            elif path.terminal.kind not in _WHOLE:
                written = _written(extract, path, names)
                nearest = _nearest(written, alike.get(_last_name(written), []))
                yield Unmatched(extract.table, column.name, path.source, nearest)


def _nearest(path: str, candidates: list[str]) -> str:
    """The first candidate that differs in one step at most: one more, one less, or one with another name."""
    wanted = _names(path)
    for candidate in candidates if wanted else ():
        names = _names(candidate)
        longest = max(len(wanted), len(names))
        same = _same_beginning(wanted, names)
        if same + _same_beginning(wanted[same:][::-1], names[same:][::-1]) >= longest - 1:
            return candidate
    return ""


def _same_beginning(one: Sequence[str], other: Sequence[str]) -> int:
    pairs = zip(one, other, strict=False)
    return next((index for index, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _last_name(path: str) -> str:
    """'' where there is none to compare: `*`, or a path that ends above the root element."""
    return next(reversed(_names(path)), "")


def _names(path: str) -> list[str]:
    """The names of a path without prefixes, in the letters and digits that tell them apart."""
    bare = _URI.sub("", path.removesuffix("/text()"))
    return [_SIGNS.sub("", step.rpartition(":")[2].lower()) for step in bare.split("/") if step]


def _written(extract: Extract, path: ValuePath, names: Names) -> str:
    """The whole path from the document, without predicates, as places are written."""
    steps: tuple[Step, ...] = path.steps
    start = path.start
    if isinstance(start, Ancestor):
        steps = (Step(Axis.DESCENDANT, start.test), *steps)
    elif isinstance(start, Parents):
        steps = extract.rows.steps[: len(extract.rows.steps) - start.levels] + steps
    else:
        assert isinstance(start, FromRoot)  # noqa: S101  there is no other start
    written = "".join(
        ("//" if step.axis is Axis.DESCENDANT else "/") + names.element(_tag(step.test)) for step in steps
    )
    return written + _written_end(path.terminal, names)


def _written_end(terminal: Terminal, names: Names) -> str:
    if terminal.kind is TerminalKind.ATTRIBUTE and terminal.name is not None:
        return "/@" + names.attribute(_tag(terminal.name))
    return "/text()"


def _tag(test: NameTest) -> str:
    return f"{{{test.uri}}}{test.local}" if test.uri else test.local
