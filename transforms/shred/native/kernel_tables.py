"""From what the kernel returns to the tables of a shredder, with the columns that are not read from elements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from transforms.contract.extracts import Extract, ReadColumn
from transforms.contract.plan import Many
from transforms.convert.beside import beside_name
from transforms.convert.simple import SimpleType
from transforms.path.model import TerminalKind, ValuePath, XPath
from transforms.shred.native.columns import KernelColumn, columns_of, kernel_columns
from transforms.shred.native.xpath_reads import Make, reads_of
from transforms.shred.result import ROW_FIELDS
from transforms.shred.sharing import Shared

_POSITION = 3  # among ROW_FIELDS
_SMALL = pa.array([str(number) for number in range(1024)], pa.string())


def column_type(column: ReadColumn | KernelColumn) -> pa.DataType:
    """What a shredder returns a column as."""
    return pa.list_(pa.string()) if column.many is Many.LIST else pa.string()


def import_table(batches: Sequence[tuple[Any, Any]], without_rows: pa.Table) -> pa.Table:
    """The kernel's record batches of one extract: ROW_FIELDS, then the columns that are read from elements.

    batches: pairs of capsules of Arrow's C data interface, which are emptied. without_rows: what none of them make.
    """
    imported = [pa.RecordBatch._import_from_c_capsule(*pair) for pair in batches]
    return pa.Table.from_batches(imported) if imported else without_rows


def without_rows(extract: Extract, types: Mapping[tuple[str, str], SimpleType]) -> pa.Table:
    """What the kernel returns of an extract that has no rows. types: see Shared."""
    own = [each for column in kernel_columns(extract) for each in _fields(column, extract, types)]
    return pa.schema([*ROW_FIELDS, *own]).empty_table()


def _fields(column: KernelColumn, extract: Extract, types: Mapping[tuple[str, str], SimpleType]) -> list[pa.Field]:
    kind = types.get((extract.name, column.name))
    if kind is None:
        return [pa.field(column.name, column_type(column))]
    return [pa.field(column.name, kind.arrow), pa.field(beside_name(column.name), pa.string())]


@dataclass(frozen=True, slots=True)
class _Source:
    """Where a column comes from: places among the columns that the kernel returns.

    column: None where it is just the one there; else it is made for it. make: of the columns at these places.
    """

    places: tuple[int, ...]
    column: ReadColumn | None = None
    make: Make | None = None


@dataclass(frozen=True, slots=True)
class _View:
    """A table that is asked for. at: the place of the extract that is read. as_read: it is the very table."""

    name: str
    at: int
    sources: tuple[_Source, ...]
    schema: pa.Schema
    as_read: bool


class Views:
    """How the tables that are asked for are put together from what was found: decided once, for all batches."""

    def __init__(self, shared: Shared) -> None:
        sources = [_sources(extract, shared.types) for extract in shared.read]
        self._read = [extract.name for extract in shared.read]
        self._views: list[_View] = []
        for name, (leader, places) in shared.views.items():
            at = self._read.index(leader)
            pairs = [pair for own, read in places for pair in shared.pair(leader, own, read)]
            fields = [*ROW_FIELDS, *(sources[at][read][1].with_name(own) for own, read in pairs)]
            own_sources = tuple(sources[at][read][0] for _, read in pairs)
            as_read = name in shared.alike and all(source.column is None for source in own_sources)
            self._views.append(_View(name, at, own_sources, pa.schema(fields), as_read))

    def tables(
        self, found: Sequence[pa.Table], keys: Mapping[str, pa.Array], xpaths: Mapping[str, pa.Table]
    ) -> Iterator[tuple[str, pa.Table]]:
        """The tables by name, but for those without rows.

        found: of import_table, for each extract that is read. keys: the source's key columns as text, one value a
        document. xpaths: extract -> the columns that lxml read, of the same rows; without it they are null.
        """
        for view in self._views:
            if len(found[view.at]):
                yield view.name, _table(view, found[view.at], keys, xpaths.get(self._read[view.at]))

    def without_rows(self, found: Sequence[pa.Table], keys: Mapping[str, pa.Array]) -> dict[str, pa.Table]:
        """All tables, of those that were found without rows."""
        return {view.name: _table(view, found[view.at], keys, None) for view in self._views}


def _table(view: _View, found: pa.Table, keys: Mapping[str, pa.Array], xpaths: pa.Table | None) -> pa.Table:
    if view.as_read:
        return found
    columns = found.columns
    own = [
        columns[source.places[0]] if source.column is None else _made(source, found, keys, xpaths)
        for source in view.sources
    ]
    return pa.Table.from_arrays([*columns[: len(ROW_FIELDS)], *own], schema=view.schema)


def _sources(extract: Extract, types: Mapping[tuple[str, str], SimpleType]) -> dict[str, tuple[_Source, pa.Field]]:
    """Of each column of an extract that is read, and of the texts beside them."""
    sources = {}
    at = len(ROW_FIELDS)
    for column in extract.columns:
        fields = [field for own in columns_of(column) for field in _fields(own, extract, types)]
        places = range(at, at + len(fields))
        at += len(fields)
        if fields and fields[0].name == column.name:
            for place, kind in zip(places, fields, strict=True):
                sources[kind.name] = (_Source((place,)), kind)
            continue
        reads = reads_of(column.path, column.many) if isinstance(column.path, XPath) else None
        made = _Source(tuple(places), column, None if reads is None else reads.make)
        sources[column.name] = (made, pa.field(column.name, column_type(column)))
    return sources


def _made(source: _Source, found: pa.Table, keys: Mapping[str, pa.Array], xpaths: pa.Table | None) -> pa.ChunkedArray:
    """A column that the kernel does not read, or not as it is."""
    column = source.column
    assert column is not None  # noqa: S101  asked by tables
    if source.make is not None:
        return _as_many(source.make([found.column(place) for place in source.places]), column)
    if isinstance(column.path, ValuePath):
        return _as_many(_whole(column.path, found, keys), column)
    return _nulls(column, found) if xpaths is None else xpaths.column(column.name)


def _nulls(column: ReadColumn, found: pa.Table) -> pa.ChunkedArray:
    return pa.chunked_array([pa.nulls(len(found), column_type(column))])


def _whole(path: ValuePath, found: pa.Table, keys: Mapping[str, pa.Array]) -> pa.ChunkedArray:
    terminal = path.terminal
    if terminal.kind is TerminalKind.POSITION:
        return _written(found.column(_POSITION))
    if terminal.kind is TerminalKind.KEY:
        return pa.chunked_array([keys[terminal.text or "key"]]).take(found.column(0))
    return pa.chunked_array([pa.repeat(pa.scalar(terminal.text, pa.string()), len(found))], pa.string())


def _written(numbers: pa.ChunkedArray) -> pa.ChunkedArray:
    """Numbers as text. Looking up small ones takes half the time of writing them."""
    return _SMALL.take(numbers) if (pc.max(numbers).as_py() or 0) < len(_SMALL) else numbers.cast(pa.string())


def _as_many(values: pa.ChunkedArray, column: ReadColumn) -> pa.ChunkedArray:
    """One value a row, as the column has it."""
    if column.many is not Many.LIST:
        return values
    lists = [None if value is None else [value] for value in values.to_pylist()]
    return pa.chunked_array([pa.array(lists, column_type(column))])
