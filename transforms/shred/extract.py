"""One extract: where its rows are, what they belong to, and their cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pyarrow as pa

from transforms.contract.extracts import Extract, ReadColumn
from transforms.contract.plan import Many
from transforms.path.model import Ancestor, Axis, FromRoot, Parents, Start, Step, TerminalKind, ValuePath, XPath
from transforms.shred.branches import Branch, BranchCells
from transforms.shred.lines import source_line
from transforms.shred.readers import Cell, compile_xpath, fold
from transforms.shred.refusal import RefusedError
from transforms.shred.result import ROW_FIELDS
from transforms.shred.steps import Element, Elements, compile_first_step, lxml_name

_WHOLE = (TerminalKind.CONSTANT, TerminalKind.KEY, TerminalKind.POSITION)  # not read from any element

Locate = Callable[[Element], Element | None]


@dataclass(eq=False)
class ExtractShape:
    """An extract's paths, compiled: shared by all batches and threads, and never changed."""

    extract: Extract
    from_row: dict[Start, tuple[Locate, Branch]] = field(default_factory=dict)
    from_document: dict[Step, tuple[Callable[[Element], Elements], Branch]] = field(default_factory=dict)
    xpaths: list[tuple[ReadColumn, XPath]] = field(default_factory=list)

    @cached_property
    def without_rows(self) -> pa.Table:
        """The table of no rows."""
        fields = (pa.field(column.name, _type(column)) for column in self.extract.columns)
        return pa.schema([*ROW_FIELDS, *fields]).empty_table()

    @classmethod
    def of(cls, extract: Extract) -> ExtractShape:
        """Compile the paths of an extract."""
        shape = cls(extract)
        for column in extract.columns:
            if isinstance(column.path, XPath):
                shape.xpaths.append((column, column.path))
            elif column.path.terminal.kind not in _WHOLE:
                shape._add(column, column.path)
        return shape

    def _add(self, column: ReadColumn, path: ValuePath) -> None:
        steps, nested = path.steps, False
        if isinstance(path.start, FromRoot):
            first, steps = steps[0], steps[1:]
            if first not in self.from_document:
                self.from_document[first] = (compile_first_step(first), Branch())
            branch, nested = self.from_document[first][1], first.axis is Axis.DESCENDANT
        else:
            if path.start not in self.from_row:
                self.from_row[path.start] = (_locate(path.start), Branch())
            branch = self.from_row[path.start][1]
        for step in steps:
            branch = branch.under(step, nested=nested)
            nested = nested or step.axis is Axis.DESCENDANT
        branch.add(column, path)


def _locate(start: Start) -> Locate:
    if isinstance(start, Ancestor):
        name = lxml_name(start.test)
        return lambda row: next(row.iterancestors(name), None)
    levels = start.levels if isinstance(start, Parents) else 0

    def climb(row: Element) -> Element | None:
        element: Element | None = row
        for _ in range(levels):
            element = element.getparent() if element is not None else None
        return element

    return climb


class ExtractRows:
    """An extract while a batch is read."""

    def __init__(self, shape: ExtractShape) -> None:
        self._shape = shape
        self.extract = shape.extract
        self.parent = shape.extract.parent
        self.several: list[ReadColumn] = []  # one for every cell that met several nodes
        self._documents: list[int] = []
        self._rows: list[int] = []
        self._parents: list[int | None] = []
        self._positions: list[int] = []
        self._lines: list[int] = []
        self._from_row = [(locate, BranchCells(branch, self.several)) for locate, branch in shape.from_row.values()]
        self._from_document = [
            (first, BranchCells(branch, self.several)) for first, branch in shape.from_document.values()
        ]
        self._xpaths: list[tuple[ReadColumn, Callable[[Element], list[str]], list[Cell]]] = [
            (column, compile_xpath(path), []) for column, path in shape.xpaths
        ]

    def __len__(self) -> int:
        return len(self._rows)

    def read(
        self, document: int, rows: Elements, parents: Mapping[Element, int] | None, lines: Mapping[Element, int]
    ) -> None:
        """Append the rows of one document.

        rows: their elements, in document order; at least one.
        parents: rows of the parent's extract in this document; None: the table has no parent.
        lines: where `sourceline` is not to be trusted. RefusedError: a cell met several values and must not.
        """
        self._documents += [document] * len(rows)
        self._rows += range(len(rows))
        self._lines += [lines.get(row, source_line(row)) for row in rows] if lines else map(source_line, rows)
        if parents is None:
            self._parents += [None] * len(rows)
            self._positions += range(1, len(rows) + 1)
        else:
            self._relate(rows, parents)
        self._read_cells(rows)

    def _relate(self, rows: Elements, parents: Mapping[Element, int]) -> None:
        counts: dict[int | None, int] = {}
        for row in rows:
            parent = _parent_row(row, parents)
            counts[parent] = counts.get(parent, 0) + 1
            self._parents.append(parent)
            self._positions.append(counts[parent])

    def _read_cells(self, rows: Elements) -> None:
        row = rows[0]
        try:
            for locate, cells in self._from_row:
                for row in rows:
                    element = locate(row)
                    cells.read([] if element is None else [element], row if element is None else element)
            row = rows[0]
            for first, cells in self._from_document:
                self._read_once(first, cells, rows)
            for column, evaluate, found in self._xpaths:
                for row in rows:
                    values = evaluate(row)
                    if len(values) > 1 and column.many is not Many.LIST:
                        self.several.append(column)
                    found.append(fold(values, column))
        except RefusedError as refused:
            line = self._lines[rows.index(row) - len(rows)]
            raise RefusedError(refused.reason, f"{self.extract.name}.{refused.detail}", line=line) from refused

    def _read_once(self, first: Callable[[Element], Elements], cells: BranchCells, rows: Elements) -> None:
        """Columns that begin at the document are the same for every row."""
        root = rows[0].getroottree().getroot()
        before = len(self.several)
        cells.read(first(root), root)
        cells.repeat_last(len(rows) - 1)
        self.several += self.several[before:] * (len(rows) - 1)

    def keep(self, rows: int) -> None:
        """Forget all but the first `rows` rows, and what is not yet counted of several values."""
        for values in (self._documents, self._rows, self._parents, self._positions, self._lines):
            del values[rows:]
        for _, cells in (*self._from_row, *self._from_document):
            cells.keep(rows)
        for _, _, found in self._xpaths:
            del found[rows:]
        self.several.clear()

    def table(self, keys: Mapping[str, pa.Array]) -> pa.Table:
        """The rows of all documents. keys: the source's key columns as text, by name; one value per document."""
        if not len(self):
            return self._shape.without_rows
        values = (self._documents, self._rows, self._parents, self._positions, self._lines)
        fixed = [pa.array(column, kind.type) for column, kind in zip(values, ROW_FIELDS, strict=True)]
        arrays: dict[str, pa.Array] = {}
        for _, cells in (*self._from_row, *self._from_document):
            arrays |= cells.arrays()
        for column, _, found in self._xpaths:
            arrays[column.name] = pa.array(found, _type(column))
        own = [
            arrays[column.name] if column.name in arrays else self._whole(column, fixed, keys)
            for column in self.extract.columns
        ]
        return pa.Table.from_arrays([*fixed, *own], schema=self._shape.without_rows.schema)

    def _whole(self, column: ReadColumn, fixed: list[pa.Array], keys: Mapping[str, pa.Array]) -> pa.Array:
        assert isinstance(column.path, ValuePath)  # noqa: S101  xpath columns are read from elements
        terminal = column.path.terminal
        if terminal.kind is TerminalKind.POSITION:
            values = fixed[3].cast(pa.string())
        elif terminal.kind is TerminalKind.KEY:
            values = keys[terminal.text or "key"].take(fixed[0])
        else:
            values = pa.repeat(pa.scalar(terminal.text, pa.string()), len(self))
        if column.many is not Many.LIST:
            return values
        return pa.array([None if value is None else [value] for value in values.to_pylist()], _type(column))


def _type(column: ReadColumn) -> pa.DataType:
    return pa.list_(pa.string()) if column.many is Many.LIST else pa.string()


def _parent_row(row: Element, parents: Mapping[Element, int]) -> int | None:
    """The nearest proper ancestor that is a row of the parent's extract; else the element itself, if it is one."""
    for ancestor in row.iterancestors():
        if ancestor in parents:
            return parents[ancestor]
    return parents.get(row)
