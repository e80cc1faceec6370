"""From the text that values cross a driver as to Arrow columns of their types."""

from __future__ import annotations

import binascii

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from loaders.database.select import Select
from loaders.errors import UnavailableError

_PACKET = "of MariaDB: raise max_allowed_packet above twice the longest value"
# What a text of a time ends with where nothing says its zone.
_NO_ZONE = r":\d{2}(\.\d+)?$"


def typed_batch(columns: list[pa.Array], select: Select) -> pa.RecordBatch:
    """The columns of a SELECT, each cast to the type it was selected as. UnavailableError for a text that is no value
    of its type, which the dialect should not have written."""
    arrays = [typed(column, each.type, each.name) for column, each in zip(columns, select.columns, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=select.schema)


def typed(values: pa.Array, kind: pa.DataType, name: str) -> pa.Array:
    """One column. Binary comes as hexadecimal digits, a boolean as `0` and `1` or as words; a time without
    a zone is in UTC where the type has one."""
    if values.type == kind:
        return values
    try:
        if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
            return bytes_of_digits(values).cast(kind)
        if pa.types.is_time(kind):  # which Arrow has no cast for
            return pl.Series(values, dtype=pl.String).str.to_time("%H:%M:%S%.f").to_arrow().cast(kind)
        if (
            pa.types.is_timestamp(kind)
            and kind.tz is not None
            and pc.any(pc.match_substring_regex(values, _NO_ZONE)).as_py()
        ):
            return pc.assume_timezone(pc.cast(values, pa.timestamp(kind.unit)), "UTC").cast(kind)
        return pc.cast(values, kind)
    except (pa.ArrowInvalid, binascii.Error, pl.exceptions.PolarsError):
        hint = _PACKET if pa.types.is_binary(kind) else ""
        raise UnavailableError(f"column {name}: the database sends text that is no {kind}", hint=hint) from None


def bytes_of_digits(values: pa.Array) -> pa.Array:
    """Binary values out of hexadecimal digits: all of the buffer in one call."""
    validity, offsets, data = values.buffers()
    places = np.frombuffer(offsets, np.int32, len(values) + 1, values.offset * 4)
    digits = b"" if data is None else memoryview(data)[int(places[0]) : int(places[-1])]
    if ((places ^ places[0]) & 1).any():
        raise binascii.Error("an odd number of digits")
    halves = ((places - places[0]) // 2).astype(np.int32)
    validity = values.is_valid().buffers()[1] if values.null_count else None
    buffers = [validity, pa.py_buffer(halves.tobytes()), pa.py_buffer(binascii.unhexlify(digits))]
    return pa.Array.from_buffers(pa.binary(), len(values), buffers)
