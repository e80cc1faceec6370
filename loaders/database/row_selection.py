"""Rows that are found by keys, which the target compares: some keys at a time, bound in one SELECT."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl
import pyarrow as pa

from loaders.database.catalog import StoredColumn
from loaders.database.dialect import Dialect, ReadingDialect
from loaders.database.select import Select
from loaders.database.target_tables import TargetTables
from loaders.database.written_columns import written

# Keys of one SELECT: enough that the way to the server does not count, few enough for every limit of parameters.
_KEYS_AT_ONCE = 200


def selects(
    dialect: Dialect, tables: TargetTables, name: str, columns: Sequence[str], keys: pa.Table
) -> Iterator[Select]:
    """The SELECTs that find the rows of a table which equal a row of `keys`. keys: no two that are the same to the
    target, which would find a row twice."""
    selected = tuple(tables.selected(name, column) for column in tables.columns(name, columns))
    for tail, values in keyed_tails(dialect, tables, name, keys):
        yield Select(selected, tail, values)


def keyed_tails(
    dialect: Dialect, tables: TargetTables, name: str, keys: pa.Table
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """` FROM table WHERE …` of some of the keys, and the values that are bound in it; until every key had its turn."""
    compared = tables.columns(name, keys.column_names)
    texts = _texts(keys, compared)
    for start in range(0, len(texts), _KEYS_AT_ONCE):
        some = texts.slice(start, _KEYS_AT_ONCE).rows()
        condition = _condition(dialect.reading, compared, len(some))
        values = tuple(value for key in some for value in key)
        yield f" FROM {tables.quoted(name)} WHERE {condition}", values


def _condition(reading: ReadingDialect, columns: Sequence[StoredColumn], count: int) -> str:
    if len(columns) == 1:
        values = ", ".join([reading.bound(columns[0])] * count)
        return f"{reading.quote(columns[0].name)} IN ({values})"
    equal = " AND ".join(f"{reading.quote(column.name)} = {reading.bound(column)}" for column in columns)
    return " OR ".join([f"({equal})"] * count)


def _texts(keys: pa.Table, columns: Sequence[StoredColumn]) -> pl.DataFrame:
    """Each key once, as texts; without those that no row can equal: with a NULL, or a value that is none of the
    column's type."""
    frame = pl.DataFrame([pl.Series(column.name, _text(keys[column.name], column)) for column in columns])
    return frame.drop_nulls().unique(maintain_order=True)


def _text(values: pa.ChunkedArray, column: StoredColumn) -> pa.ChunkedArray:
    if column.arrow is None or values.type == column.arrow:
        return written(values, pa.string())
    try:
        return written(written(values, column.arrow), pa.string())
    except pa.ArrowInvalid:
        return pa.chunked_array([_value_by_value(values, column.arrow)])


def _value_by_value(values: pa.ChunkedArray, kind: pa.DataType) -> pa.Array:
    """With NULL for what is no value of the type. By halves, since a key like that is rare."""
    if len(values) <= 1:
        try:
            return written(written(values, kind), pa.string()).combine_chunks()
        except pa.ArrowInvalid:
            return pa.nulls(len(values), pa.string())
    middle = len(values) // 2
    halves = (values.slice(0, middle), values.slice(middle))
    return pa.concat_arrays([_value_by_value(half, kind) for half in halves])
