"""The columns of an extract as a tree of element paths, so that every element is looked up once for all its columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

import pyarrow as pa

from transforms.contract.extracts import ReadColumn
from transforms.contract.plan import Many
from transforms.path.model import Step, TerminalKind, ValuePath
from transforms.shred.readers import Cell, Reader, fold, reader
from transforms.shred.steps import Advance, Element, Elements, compile_step, lxml_name


@dataclass(eq=False)
class Branch:
    """One element path: the columns that end there, and the branches that go on from there.

    Cells are kept row after row, in `cells`: one for each of `attributes`, and in `values` one list per other column.
    """

    advance: Advance | None = None  # from the branch above; None: where paths begin
    attributes: list[ReadColumn] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    others: list[tuple[ReadColumn, Reader]] = field(default_factory=list)
    below: dict[Step, Branch] = field(default_factory=dict)

    def add(self, column: ReadColumn, path: ValuePath) -> None:
        """Let a column end here."""
        name = path.terminal.name
        if path.terminal.kind is TerminalKind.ATTRIBUTE and name is not None and column.many is not Many.LIST:
            self.attributes.append(column)
            self.names.append(lxml_name(name))
        else:
            self.others.append((column, reader(path.terminal)))

    def under(self, step: Step, *, nested: bool) -> Branch:
        """The branch one step further on."""
        if step not in self.below:
            self.below[step] = Branch(compile_step(step, nested=nested))
        return self.below[step]


class BranchCells:
    """A branch while a batch is read: its cells so far."""

    __slots__ = ("_below", "_branch", "_cells", "_everything", "_lists", "_names", "_several")

    def __init__(self, branch: Branch, several: list[ReadColumn]) -> None:
        self._branch = branch
        self._names = tuple(branch.names)
        self._cells: list[str | None] = []
        self._lists: list[tuple[list[Cell], Reader, ReadColumn]] = [
            ([], read, column) for column, read in branch.others
        ]
        self._below = [(below.advance, BranchCells(below, several)) for below in branch.below.values() if below.advance]
        self._several = several
        # every list of this branch and those below, with how many cells a row has in it
        self._everything: list[tuple[list[Any], int]] = [(cells, 1) for cells, _, _ in self._lists]
        if self._names:
            self._everything.append((self._cells, len(self._names)))
        for _, below in self._below:
            self._everything += below._everything

    def read(self, contexts: Elements, top: Element) -> None:
        """Append one row's cells. contexts: the elements that the path leads to, all inside of `top`."""
        if len(contexts) == 1:
            element = contexts[0]
            if self._names:
                self._cells.extend(map(element.get, self._names))
            for cells, read, column in self._lists:
                value = read(element)
                cells.append([value] if column.many is Many.LIST and value is not None else value)
        elif contexts:
            self._read_several(contexts)
        else:
            self._miss()
            return
        for advance, below in self._below:
            below.read(advance(contexts, top), top)

    def _read_several(self, contexts: Elements) -> None:
        for name, column in zip(self._names, self._branch.attributes, strict=True):
            cell = self._fold([element.get(name) for element in contexts], column)
            self._cells.append(cell)  # type: ignore[arg-type]  # lists are never among the attributes of a branch
        for cells, read, column in self._lists:
            cells.append(self._fold([read(element) for element in contexts], column))

    def _fold(self, found: list[str | None], column: ReadColumn) -> Cell:
        values = [value for value in found if value is not None]
        if len(values) > 1 and column.many is not Many.LIST:
            self._several.append(column)
        return fold(values, column)

    def _miss(self) -> None:
        for cells, count in self._everything:
            cells.extend(repeat(None, count))

    def repeat_last(self, times: int) -> None:
        """Append the last row's cells again."""
        for cells, count in self._everything:
            cells.extend(cells[-count:] * times)

    def keep(self, rows: int) -> None:
        """Forget all but the first `rows` rows."""
        for cells, count in self._everything:
            del cells[rows * count :]

    def arrays(self) -> dict[str, pa.Array]:
        """All cells by column, of this branch and those below."""
        stride = len(self._names)
        arrays = {
            column.name: pa.array(self._cells[index::stride], pa.string())
            for index, column in enumerate(self._branch.attributes)
        }
        for cells, _, column in self._lists:
            kind = pa.list_(pa.string()) if column.many is Many.LIST else pa.string()
            arrays[column.name] = pa.array(cells, kind)
        for _, below in self._below:
            arrays |= below.arrays()
        return arrays
