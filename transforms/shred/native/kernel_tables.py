"""From what the kernel returns to the tables of a shredder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from transforms.contract.extracts import Extract, ReadColumn
from transforms.contract.plan import Many
from transforms.convert.simple import SimpleType
from transforms.path.model import XPath
from transforms.shred.native.columns import columns_of, whole_of
from transforms.shred.native.xpath_reads import Make, reads_of
from transforms.shred.result import ROW_FIELDS
from transforms.shred.sharing import Shared


def column_type(column: ReadColumn) -> pa.DataType:
    """What a shredder returns a column as."""
    return pa.list_(pa.string()) if column.many is Many.LIST else pa.string()


def import_table(batches: Sequence[tuple[Any, int]], without_rows: pa.Table) -> pa.Table:
    """The kernel's record batches of one extract: ROW_FIELDS, then the columns that it returns.

    batches: capsules of Arrow's C data interface, which are emptied, and the addresses of what is in them.
    without_rows: what none of them make.
    """
    if not batches:
        return without_rows
    schema = without_rows.schema  # read once: it takes longer than the arrays
    imported = [pa.RecordBatch._import_from_c(address, schema) for _, address in batches]
    return pa.Table.from_batches(imported, schema)


def import_schema(capsule: Any) -> pa.Schema:
    """Of a capsule of Arrow's C data interface, which is emptied."""
    return pa.Schema._import_from_c_capsule(capsule)


@dataclass(frozen=True, slots=True)
class _Source:
    """Where a column comes from: places among the columns that the kernel returns.

    column: None where it is just the one there; else it is made for it. make: of the columns at these places. Without
    it the one there is the value, if there is one; else lxml reads it.
    """

    places: tuple[int, ...]
    column: ReadColumn | None = None
    make: Make | None = None


@dataclass(frozen=True, slots=True)
class _View:
    """A table that is asked for. at: the place of the extract that is read. as_read: it is the very table.

    places: of all its columns, where each is just one that is there.
    """

    name: str
    at: int
    sources: tuple[_Source, ...]
    schema: pa.Schema
    as_read: bool
    places: list[int] | None


class Views:
    """How the tables that are asked for are put together from what was found: decided once, for all batches."""

    def __init__(self, shared: Shared, schemas: Sequence[pa.Schema]) -> None:
        """schemas: of what the kernel returns of each extract that is read."""
        read = zip(shared.read, schemas, strict=True)
        sources = [_sources(extract, schema, shared.types) for extract, schema in read]
        self._read = [extract.name for extract in shared.read]
        self._views: list[_View] = []
        for name, (leader, columns) in shared.views.items():
            at = self._read.index(leader)
            pairs = [pair for own, read in columns for pair in shared.pair(leader, own, read)]
            fields = [*ROW_FIELDS, *(sources[at][read][1].with_name(own) for own, read in pairs)]
            own_sources = tuple(sources[at][read][0] for _, read in pairs)
            all_there = all(source.column is None for source in own_sources)
            places = [*range(len(ROW_FIELDS)), *(source.places[0] for source in own_sources)] if all_there else None
            as_read = all_there and name in shared.alike
            self._views.append(_View(name, at, own_sources, pa.schema(fields), as_read, places))

    def tables(self, found: Sequence[pa.Table], xpaths: Mapping[str, pa.Table]) -> Iterator[tuple[str, pa.Table]]:
        """The tables by name, but for those without rows.

        found: of import_table, for each extract that is read. xpaths: extract -> the columns that lxml read, of the
        same rows; without it they are null.
        """
        for view in self._views:
            if len(found[view.at]):
                yield view.name, _table(view, found[view.at], xpaths.get(self._read[view.at]))

    def without_rows(self, found: Sequence[pa.Table]) -> dict[str, pa.Table]:
        """All tables, of those that were found without rows."""
        return {view.name: _table(view, found[view.at], None) for view in self._views}


def _table(view: _View, found: pa.Table, xpaths: pa.Table | None) -> pa.Table:
    if view.as_read:
        return found
    if view.places is not None:
        return found.select(view.places).rename_columns(view.schema.names)
    columns = found.columns
    own = [
        columns[source.places[0]] if source.column is None else _made(source, found, xpaths) for source in view.sources
    ]
    return pa.Table.from_arrays([*columns[: len(ROW_FIELDS)], *own], schema=view.schema)


def _sources(
    extract: Extract, schema: pa.Schema, types: Mapping[tuple[str, str], SimpleType]
) -> dict[str, tuple[_Source, pa.Field]]:
    """Of each column of an extract that is read, and of the texts beside them."""
    sources = {}
    at = len(ROW_FIELDS)
    for column in extract.columns:
        beside = (extract.name, column.name) in types
        whole = whole_of(column) is not None
        places = tuple(range(at, at + (1 if whole else len(columns_of(column)) * (2 if beside else 1))))
        at += len(places)
        own = pa.field(column.name, column_type(column))
        if places and (beside or schema.field(places[0]) == own):
            for place in places:
                sources[schema.field(place).name] = (_Source((place,)), schema.field(place))
            continue
        reads = reads_of(column.path, column.many) if isinstance(column.path, XPath) else None
        sources[column.name] = (_Source(places, column, None if reads is None else reads.make), own)
    return sources


def _made(source: _Source, found: pa.Table, xpaths: pa.Table | None) -> pa.ChunkedArray:
    """A column that the kernel does not return, or not as it is."""
    column = source.column
    assert column is not None  # noqa: S101  asked by tables
    if source.places:
        parts = [found.column(place) for place in source.places]
        return _as_many(parts[0] if source.make is None else source.make(parts), column)
    return _nulls(column, found) if xpaths is None else xpaths.column(column.name)


def _nulls(column: ReadColumn, found: pa.Table) -> pa.ChunkedArray:
    return pa.chunked_array([pa.nulls(len(found), column_type(column))])


def _as_many(values: pa.ChunkedArray, column: ReadColumn) -> pa.ChunkedArray:
    """One value a row, as the column has it."""
    if column.many is not Many.LIST:
        return values
    lists = [None if value is None else [value] for value in values.to_pylist()]
    return pa.chunked_array([pa.array(lists, column_type(column))])
