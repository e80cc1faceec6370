"""A trie as bytes, which transforms/kernel/plan.cpp reads: little-endian 32-bit numbers, texts with their length."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from transforms.contract.plan import Limits, Many, Route
from transforms.path.model import ANY, Axis, NameTest, OperandKind, Step, TerminalKind
from transforms.shred.limits import LIBXML2_DEPTH_HUGE
from transforms.shred.native.columns import WholeColumn, key_name, whole_columns
from transforms.shred.native.filters import MOST_LEAVES, FlatFilter, Leaf
from transforms.shred.native.trie import NONE, Branch, Trie, TrieColumn

# Of the plans that are written here, and of the kernel that reads them: another number wherever either changes.
MAGIC = b"CLK4"
ANY_URI = 0xFFFFFFFF
NO_URI = 0
MANY = {Many.FIRST: 0, Many.LAST: 1, Many.JOIN: 2, Many.LIST: 3, Many.ERROR: 4}
OPERANDS = {OperandKind.ATTRIBUTE: 0, OperandKind.CHILD: 1, OperandKind.TEXT: 2, OperandKind.SELF: 3}
WHOLES = {TerminalKind.POSITION: 0, TerminalKind.KEY: 1, TerminalKind.CONSTANT: 2}
MOST_ROUTES = 64  # a document's are bits of one word


class UnsupportedPlanError(Exception):
    """The kernel cannot read documents by this plan; the reference can. why: a short code."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class _Writer:
    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.uris: dict[str, int] = {}

    def numbers(self, *values: int) -> None:
        self.parts.append(struct.pack(f"<{len(values)}I", *values))

    def wide(self, value: int) -> None:
        self.parts.append(struct.pack("<Q", value))

    def text(self, value: str) -> None:
        data = value.encode()
        self.numbers(len(data))
        self.parts.append(data)

    def numbered(self, values: list[int]) -> None:
        self.numbers(len(values), *values)

    def name(self, test: NameTest) -> None:
        if test.uri == ANY:
            uri = ANY_URI
        elif not test.uri:
            uri = NO_URI
        else:
            uri = self.uris.setdefault(test.uri, len(self.uris) + 1)
        self.numbers(uri, int(test.local == ANY))
        self.text("" if test.local == ANY else test.local)


def encode(trie: Trie, routes: tuple[Route, ...], limits: Limits, keys: Sequence[str] = ()) -> bytes:
    """The plan of the kernel. UnsupportedPlanError: more than it can hold.

    keys: all that columns read, in the order in which the kernel will be given them.
    """
    if len(routes) > MOST_ROUTES:
        raise UnsupportedPlanError("routes")
    writer = _Writer()
    writer.wide(limits.document_bytes)
    writer.wide(limits.text_bytes)
    writer.numbers(
        min(limits.depth, LIBXML2_DEPTH_HUGE), *(min(each, NONE) for each in (limits.attributes, limits.name_bytes))
    )
    writer.numbers(len(keys))
    writer.numbers(len(routes))
    for route, root in zip(routes, trie.roots, strict=True):
        writer.name(route.root)
        writer.numbers(root.number)
    _extracts(writer, trie, keys)
    writer.numbers(len(trie.columns))
    for column in trie.columns:
        _column(writer, column)
    writer.numbers(len(trie.scopes))
    for scope in trie.scopes:
        writer.numbers(scope.extract, scope.reach, scope.levels, scope.branch.number)
        writer.numbered(scope.columns)
    writer.numbers(len(trie.branches))
    for branch in trie.branches:
        _branch(writer, branch)
    uris = _Writer()
    uris.numbers(len(writer.uris))
    for uri in writer.uris:
        uris.text(uri)
    return b"".join([MAGIC, *uris.parts, *writer.parts])


def _extracts(writer: _Writer, trie: Trie, keys: Sequence[str]) -> None:
    numbers = {extract.name: number for number, extract in enumerate(trie.extracts)}
    writer.numbers(len(trie.extracts))
    for number, extract in enumerate(trie.extracts):
        writer.text(extract.name)
        writer.numbers(trie.routes[number], NONE if extract.parent is None else numbers[extract.parent])
        whole = list(whole_columns(extract))
        writer.numbers(len(whole))
        for column in whole:
            _whole(writer, column, keys)


def _whole(writer: _Writer, column: WholeColumn, keys: Sequence[str]) -> None:
    terminal = column.terminal
    key = keys.index(key_name(terminal)) if terminal.kind is TerminalKind.KEY else 0
    writer.text(column.name)
    writer.numbers(column.before, WHOLES[terminal.kind], key)
    writer.text(terminal.text or "" if terminal.kind is TerminalKind.CONSTANT else "")


def _column(writer: _Writer, column: TrieColumn) -> None:
    read = column.column
    writer.text(read.name)
    writer.text(read.path)
    writer.text(read.separator)
    writer.numbers(column.extract, column.scope, column.slot, MANY[read.many], int(column.late))
    *numbers, formats = column.type_code
    writer.numbers(*numbers)
    writer.text(formats)


def _branch(writer: _Writer, branch: Branch) -> None:
    writer.numbers(branch.scope)
    writer.numbered(branch.opens)
    writer.numbered(branch.rows)
    _attributes(writer, branch.attributes)
    for columns in (branch.texts, branch.strings, branch.xmls, branch.names):
        writer.numbered(columns)
    _attributes(writer, branch.firsts)
    writer.numbers(len(branch.selves))
    for own, target in branch.selves.items():
        writer.name(own.test)
        writer.numbers(int(own.negated), target.number)
    writer.numbers(len(branch.below))
    for step, below in branch.below.items():
        _edge(writer, step, below.number)


def _attributes(writer: _Writer, wanted: list[tuple[NameTest, int]]) -> None:
    writer.numbers(len(wanted))
    for name, column in wanted:
        writer.name(name)
        writer.numbers(column)


def _edge(writer: _Writer, step: Step, target: int) -> None:
    writer.name(step.test)
    writer.numbers(int(step.axis is Axis.DESCENDANT), target)
    flat = FlatFilter.of(step.predicates)
    if len(flat.leaves) > MOST_LEAVES:
        raise UnsupportedPlanError("predicates")
    writer.numbers(len(flat.leaves))
    for leaf in flat.leaves:
        _leaf(writer, leaf)
    writer.numbers(len(flat.predicates))
    for predicate in flat.predicates:
        if isinstance(predicate, int):
            writer.numbers(min(predicate, NONE - 1), 0)
        else:
            writer.numbers(NONE, len(predicate))
            for operation, operand in predicate:
                writer.numbers(operation, operand)


def _leaf(writer: _Writer, leaf: Leaf) -> None:
    name = leaf.operand.name
    writer.numbers(OPERANDS[leaf.operand.kind], 0 if leaf.literal is None else 1 if leaf.equal else 2)
    writer.name(name if name is not None else NameTest("", None))
    writer.text(leaf.literal or "")
