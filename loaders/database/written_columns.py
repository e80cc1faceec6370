"""Rows in the types that a bulk path takes: cast exactly, or refused.

Drivers take fewer types than Arrow has, and some take a wrong one without a word. What a driver cannot carry travels as
text that the database casts back to the same value: decimals in plain digits, dates and times in ISO form, zoned
timestamps in UTC, bytes in hexadecimal digits, UUIDs as text or as their 16 bytes.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from loaders.database.altered_values import altered_value
from loaders.database.catalog import StoredColumn
from loaders.errors import DataError

UUID_BYTES = pa.binary(16)
# Of a value: its length indicator, its end, and what a short one takes.
_OVERHEAD = 64


def written_rows(rows: pa.Table, kinds: Sequence[tuple[StoredColumn, pa.DataType]], table: str) -> pa.Table:
    """The columns in these types, in the order of `kinds`. DataError for a value that its type cannot hold, or that the
    column would not keep as it is."""
    columns = []
    for column, kind in kinds:
        if altered := altered_value(rows[column.name], column):
            raise DataError(f"{table}.{column.name} ({column.type}): {altered}")
        try:
            values = rows[column.name] if column.arrow is None else written(rows[column.name], column.arrow)
            columns.append(written(values, kind))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pl.exceptions.PolarsError) as error:
            first = str(error).partition("\n")[0]
            raise DataError(f"{table}.{column.name} ({column.type}): {first}") from error
    return pa.table(columns, names=[column.name for column, _ in kinds])


def written(values: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    """One column. ArrowInvalid for a value that the type cannot hold."""
    given = values.type
    if given == kind:
        return values
    if kind == UUID_BYTES and not pa.types.is_binary(given):
        return _uuid_bytes(values)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _text(values).cast(kind)
    if pa.types.is_timestamp(given) and given.tz is not None and pa.types.is_timestamp(kind) and kind.tz is None:
        return values.cast(pa.timestamp(given.unit)).cast(kind)  # Arrow keeps UTC
    if pa.types.is_integer(given) and pa.types.is_boolean(kind):
        return values  # a boolean that is a small integer, which it stays
    if pa.types.is_integer(given) and pa.types.is_decimal(kind):
        return values.cast(pa.decimal256(76, kind.scale)).cast(kind)  # Arrow wants room for every integer
    if pa.types.is_boolean(given) and not pa.types.is_integer(kind):
        return values.cast(pa.int8()).cast(kind)
    return values.cast(kind)


def _text(values: pa.ChunkedArray) -> pa.ChunkedArray:
    given = values.type
    if pa.types.is_boolean(given):
        return values.cast(pa.int8()).cast(pa.string())
    if pa.types.is_binary(given) or pa.types.is_large_binary(given):
        return _from_polars(pl.Series(values).bin.encode("hex"))
    if pa.types.is_decimal(given):
        return _from_polars(pl.Series(values).cast(pl.String))  # Arrow writes small ones as `0E-10`
    if pa.types.is_floating(given):
        # The shortest text that reads back to the same number.
        return values.cast(pa.float64()).cast(pa.string())
    if pa.types.is_timestamp(given):
        return values.cast(pa.timestamp("us")).cast(pa.string())
    if pa.types.is_time(given):
        return values.cast(pa.time64("us")).cast(pa.string())
    return values.cast(pa.string())


def _uuid_bytes(values: pa.ChunkedArray) -> pa.ChunkedArray:
    texts = pl.Series(values, dtype=pl.String)
    wrong = texts.filter(~texts.str.contains(r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"))
    if len(wrong):
        raise pa.ArrowInvalid(f"{wrong[0]!r} is no UUID")
    return _from_polars(texts.str.replace_all("-", "").str.decode("hex")).cast(UUID_BYTES)


def _from_polars(values: pl.Series) -> pa.ChunkedArray:
    kind = pa.string() if values.dtype == pl.String else pa.binary()
    return pa.chunked_array([values.to_arrow().cast(kind)])


def longest_row(rows: pa.Table) -> int:
    """About the bytes of a row that has the longest value of every column, as a driver's buffers hold it."""
    return sum(_longest(values) for values in rows.columns) if len(rows) else 0


def _longest(values: pa.ChunkedArray) -> int:
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        return _OVERHEAD + 2 * (pc.max(pc.binary_length(values)).as_py() or 0)  # some drivers take UTF-16
    if pa.types.is_binary(values.type) or pa.types.is_large_binary(values.type):
        return _OVERHEAD + 4 * (pc.max(pc.binary_length(values)).as_py() or 0)  # as hexadecimal digits
    return _OVERHEAD
