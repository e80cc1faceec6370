"""The paths of a contract as one trie: what the kernel follows from element to element.

A column is read inside of a *scope*: the row's element, an ancestor of it, or the document. The kernel gives every
scope a frame of cells when it opens, fills them as it meets the sources, and writes the cells when the scope ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TypeAlias

from transforms.contract.extracts import Extract
from transforms.path.model import (
    ANY,
    Ancestor,
    Axis,
    FromRoot,
    NameTest,
    Parents,
    Step,
)
from transforms.shred.native.columns import KernelColumn, kernel_columns
from transforms.shred.native.filters import is_late
from transforms.shred.native.sources import End, From, OwnName, SecondElement, Source

NONE = 0xFFFFFFFF
ANY_ELEMENT = Step(Axis.DESCENDANT, NameTest(ANY, ANY))
ANY_CHILD = Step(Axis.CHILD, NameTest(ANY, ANY))


class Reach(IntEnum):
    """How a row finds the frame of a scope."""

    ROW = 0  # its own
    PARENTS = 1  # of the element so many levels up
    ANCESTOR = 2  # of the nearest proper ancestor that opened one
    DOCUMENT = 3  # the only one
    NOWHERE = 4  # there is none: as many levels up is no element


@dataclass(eq=False)
class Branch:
    """One element path: what is read there, and where paths go on. Numbers are places in the lists of the trie."""

    number: int
    scope: int  # NONE: on the way to rows
    opens: list[int] = field(default_factory=list)  # scopes
    rows: list[int] = field(default_factory=list)  # extracts
    attributes: list[tuple[NameTest, int]] = field(default_factory=list)
    texts: list[int] = field(default_factory=list)
    strings: list[int] = field(default_factory=list)
    xmls: list[int] = field(default_factory=list)
    names: list[int] = field(default_factory=list)
    firsts: list[tuple[NameTest, int]] = field(default_factory=list)
    selves: dict[OwnName, Branch] = field(default_factory=dict)
    below: dict[Step, Branch] = field(default_factory=dict)


@dataclass(eq=False)
class Scope:
    """Where columns of one extract are read."""

    extract: int
    reach: Reach
    levels: int
    branch: Branch
    columns: list[int] = field(default_factory=list)


TypeCode: TypeAlias = tuple[int, int, int, int, str]  # transforms.convert.simple.SimpleType.code
TEXT: TypeCode = (0, 0, 0, 0, "")


@dataclass(frozen=True, slots=True)
class TrieColumn:
    """A column that is read from elements. late: whether a value may turn out not to be meant after it was read."""

    column: KernelColumn
    extract: int
    scope: int
    slot: int
    late: bool
    type_code: TypeCode


@dataclass(eq=False)
class Trie:
    """All extracts, each with its columns that are read from elements in `columns`, in the order of the extract."""

    extracts: Sequence[Extract]
    routes: list[int]  # of each extract
    types: Mapping[tuple[str, str], TypeCode] = field(default_factory=dict)  # of (extract, column); else TEXT
    branches: list[Branch] = field(default_factory=list)
    scopes: list[Scope] = field(default_factory=list)
    columns: list[TrieColumn] = field(default_factory=list)
    roots: list[Branch] = field(default_factory=list)  # of each route: what row paths begin with

    @classmethod
    def of(
        cls,
        extracts: Sequence[Extract],
        routes: list[int],
        route_count: int,
        types: Mapping[tuple[str, str], TypeCode] | None = None,
    ) -> Trie:
        """The trie of the extracts, with the columns that the kernel reads."""
        trie = cls(extracts, routes, types or {})
        trie.roots = [trie._branch(NONE) for _ in range(route_count)]
        for number, extract in enumerate(extracts):
            trie._add(number, extract)
        return trie

    def _branch(self, scope: int) -> Branch:
        branch = Branch(len(self.branches), scope)
        self.branches.append(branch)
        return branch

    def _follow(self, branch: Branch, steps: tuple[Step, ...]) -> Branch:
        for step in steps:
            if step not in branch.below:
                branch.below[step] = self._branch(branch.scope)
            branch = branch.below[step]
        return branch

    def _add(self, number: int, extract: Extract) -> None:
        root, steps = self.roots[self.routes[number]], extract.rows.steps
        self._follow(root, steps).rows.append(number)
        own = self._scope(number, Reach.ROW, 0)
        scopes: dict[From, int] = {Parents(0): own}
        for column in kernel_columns(extract):
            (start,) = {source.start for source in column.sources}
            if start not in scopes:
                scopes[start] = self._outer_scope(number, root, steps, start)
            self._read(number, scopes[start], column)

    def _scope(self, extract: int, reach: Reach, levels: int) -> int:
        number = len(self.scopes)
        self.scopes.append(Scope(extract, reach, levels, self._branch(number)))
        return number

    def _outer_scope(self, extract: int, root: Branch, steps: tuple[Step, ...], start: From) -> int:
        """A scope around the rows, and where its frames open."""
        if isinstance(start, FromRoot):
            return self._scope(extract, Reach.DOCUMENT, 0)
        if isinstance(start, SecondElement):
            scope = self._scope(extract, Reach.ANCESTOR, 0)
            self._follow(root, (ANY_CHILD, ANY_CHILD)).opens.append(scope)
            return scope
        if isinstance(start, Ancestor):
            scope = self._scope(extract, Reach.ANCESTOR, 0)
            self._follow(root, (Step(Axis.DESCENDANT, start.test),)).opens.append(scope)
            return scope
        climbed = steps[len(steps) - start.levels :] if start.levels <= len(steps) else steps
        if any(step.axis is Axis.DESCENDANT for step in climbed):
            scope = self._scope(extract, Reach.PARENTS, start.levels)
            self._follow(root, (ANY_ELEMENT,)).opens.append(scope)
            return scope
        if start.levels >= len(steps):
            return self._scope(extract, Reach.NOWHERE, start.levels)
        scope = self._scope(extract, Reach.PARENTS, start.levels)
        self._follow(root, steps[: len(steps) - start.levels]).opens.append(scope)
        return scope

    def _read(self, extract: int, scope: int, column: KernelColumn) -> None:
        number = len(self.columns)
        late = any(is_late(step.predicates) for source in column.sources for step in source.steps)
        code = self.types.get((self.extracts[extract].name, column.name), TEXT)
        self.columns.append(TrieColumn(column, extract, scope, len(self.scopes[scope].columns), late, code))
        self.scopes[scope].columns.append(number)
        for source in column.sources:
            branch = self.scopes[scope].branch
            for own in source.own:
                if own not in branch.selves:
                    branch.selves[own] = self._branch(scope)
                branch = branch.selves[own]
            self._end(self._follow(branch, source.steps), source, number)

    def _end(self, branch: Branch, source: Source, column: int) -> None:
        if source.end in (End.ATTRIBUTE, End.FIRST_ATTRIBUTE):
            assert source.name is not None  # noqa: S101  every attribute has its name
            named = branch.attributes if source.end is End.ATTRIBUTE else branch.firsts
            named.append((source.name, column))
            return
        read = {End.STRING: branch.strings, End.TEXT: branch.texts, End.XML: branch.xmls, End.LOCAL_NAME: branch.names}
        read[source.end].append(column)
