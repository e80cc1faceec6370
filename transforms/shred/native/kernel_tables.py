"""From what the kernel returns to the tables of a shredder, with the columns that are not read from elements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from transforms.contract.extracts import Extract, ReadColumn
from transforms.contract.plan import Many
from transforms.convert.beside import beside_name
from transforms.convert.simple import SimpleType
from transforms.path.model import TerminalKind, ValuePath, XPath
from transforms.shred.native.trie import WHOLE
from transforms.shred.result import ROW_FIELDS

_POSITION = 3  # among ROW_FIELDS


def column_type(column: ReadColumn) -> pa.DataType:
    """What a shredder returns a column as."""
    return pa.list_(pa.string()) if column.many is Many.LIST else pa.string()


def import_table(
    batches: Sequence[tuple[Any, Any]], extract: Extract, types: Mapping[tuple[str, str], SimpleType]
) -> pa.Table:
    """The kernel's record batches of one extract: ROW_FIELDS, then the columns that are read from elements.

    batches: pairs of capsules of Arrow's C data interface, which are emptied. types: see Shared.
    """
    imported = [pa.RecordBatch._import_from_c_capsule(*pair) for pair in batches]
    if imported:
        return pa.Table.from_batches(imported)
    own = [each for column in extract.columns if is_of_elements(column) for each in _fields(column, extract, types)]
    return pa.schema([*ROW_FIELDS, *own]).empty_table()


def _fields(column: ReadColumn, extract: Extract, types: Mapping[tuple[str, str], SimpleType]) -> list[pa.Field]:
    kind = types.get((extract.name, column.name))
    if kind is None:
        return [pa.field(column.name, column_type(column))]
    return [pa.field(column.name, kind.arrow), pa.field(beside_name(column.name), pa.string())]


def is_of_elements(column: ReadColumn) -> bool:
    """Whether the kernel reads a column."""
    return isinstance(column.path, ValuePath) and column.path.terminal.kind not in WHOLE


def complete(found: pa.Table, extract: Extract, keys: Mapping[str, pa.Array], xpaths: pa.Table | None) -> pa.Table:
    """All columns of an extract, in its order.

    found: of import_table. keys: the source's key columns as text, one value a document. xpaths: the columns that lxml
    read, of the same rows; None: there are none.
    """
    fields: list[pa.Field] = list(ROW_FIELDS)
    columns = [found.column(field.name) for field in ROW_FIELDS]
    for column in extract.columns:
        if is_of_elements(column):
            for name in (column.name, beside_name(column.name)):
                at = found.schema.get_field_index(name)
                if at >= 0:
                    fields.append(found.schema.field(at))
                    columns.append(found.column(at))
            continue
        fields.append(pa.field(column.name, column_type(column)))
        if isinstance(column.path, XPath):
            columns.append(_nulls(column, found) if xpaths is None else xpaths.column(column.name))
        else:
            columns.append(_whole(column, column.path, found, keys))
    return pa.Table.from_arrays(columns, schema=pa.schema(fields))


def _nulls(column: ReadColumn, found: pa.Table) -> pa.ChunkedArray:
    return pa.chunked_array([pa.nulls(len(found), column_type(column))])


def _whole(column: ReadColumn, path: ValuePath, found: pa.Table, keys: Mapping[str, pa.Array]) -> pa.ChunkedArray:
    terminal = path.terminal
    if terminal.kind is TerminalKind.POSITION:
        values = found.column(_POSITION).cast(pa.string())
    elif terminal.kind is TerminalKind.KEY:
        values = pa.chunked_array([keys[terminal.text or "key"]]).take(found.column(0))
    else:
        values = pa.chunked_array([pa.repeat(pa.scalar(terminal.text, pa.string()), len(found))], pa.string())
    if column.many is not Many.LIST:
        return values
    lists = [None if value is None else [value] for value in values.to_pylist()]
    return pa.chunked_array([pa.array(lists, column_type(column))])
