"""The columns of the kernel for an extract: one for each of its own, several or none for an `xpath:`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from transforms.contract.extracts import Extract, ReadColumn
from transforms.contract.plan import Many
from transforms.path.model import Terminal, TerminalKind, ValuePath, XPath
from transforms.shred.native.sources import WHOLE, Source, source_of
from transforms.shred.native.xpath_reads import reads_of

_PART = "\x1fpart"


@dataclass(frozen=True, slots=True)
class KernelColumn:
    """What the kernel reads into a column. path: of the contract, for messages."""

    name: str
    path: str
    sources: tuple[Source, ...]
    many: Many = Many.FIRST
    separator: str = ""


def columns_of(column: ReadColumn) -> tuple[KernelColumn, ...]:
    """Those of one column: under its own name where the kernel reads the very column."""
    path = column.path
    parts: tuple[tuple[Source, ...], ...]
    if not isinstance(path, XPath):
        source = source_of(path)
        parts = () if source is None else ((source,),)
    else:
        reads = reads_of(path, column.many)
        if reads is None:
            return ()
        if reads.make is not None:
            named = ((f"{column.name}{_PART}{at}", each) for at, each in enumerate(reads.parts))
            return tuple(KernelColumn(name, path.source, each) for name, each in named)
        parts = reads.parts
    return tuple(KernelColumn(column.name, path.source, each, column.many, column.separator) for each in parts)


def kernel_columns(extract: Extract) -> Iterator[KernelColumn]:
    """All those of an extract, in order."""
    for column in extract.columns:
        yield from columns_of(column)


@dataclass(frozen=True, slots=True)
class WholeColumn:
    """What the kernel returns without reading an element. before: how many KernelColumns stand before it."""

    name: str
    before: int
    terminal: Terminal


def whole_of(column: ReadColumn) -> Terminal | None:
    """What a column is of every row, or of its document or place, whatever the elements are."""
    path = column.path
    return path.terminal if isinstance(path, ValuePath) and path.terminal.kind in WHOLE else None


def whole_columns(extract: Extract) -> Iterator[WholeColumn]:
    """All those of an extract, in order."""
    before = 0
    for column in extract.columns:
        terminal = whole_of(column)
        if terminal is not None:
            yield WholeColumn(column.name, before, terminal)
        before += len(columns_of(column))


def whole_keys(extracts: Iterable[Extract]) -> list[str]:
    """The names of the keys that such columns are, in the order in which the kernel is given them."""
    terminals = (column.terminal for extract in extracts for column in whole_columns(extract))
    return sorted({key_name(terminal) for terminal in terminals if terminal.kind is TerminalKind.KEY})


def key_name(terminal: Terminal) -> str:
    """The key that a path to one means."""
    return terminal.text or "key"


def is_left_to_lxml(column: ReadColumn) -> bool:
    """Whether it takes lxml to read a column."""
    return isinstance(column.path, XPath) and reads_of(column.path, column.many) is None
