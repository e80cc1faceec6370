"""The one way to write through turbodbc, which takes columns that it cannot handle and then crashes, or stores other
values without a word.

What was seen (turbodbc 5.3): a column of type null crashes the process; one in several chunks, large strings, string
views, dictionaries, decimals, times, float32 and uint64 are refused, some after rows were sent; a text bound to a
parameter that the driver calls a number is stored as garbage. So only types that it handles pass, each in one chunk;
and a text needs a statement that gives its parameter a text type, which the dialects' do: they bind it to a text column
or inside of CAST. Buffers hold as many of the longest value as rows are bound at once; see `parameter_rows` in
loaders.database.direct_publish.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loaders.errors import DataError, UnavailableError

_HANDLED = (pa.int64(), pa.float64(), pa.string(), pa.bool_(), pa.date32(), pa.timestamp("us"))
# Written as one of those, with the same values.
_CAST: dict[Callable[[pa.DataType], bool], pa.DataType] = {
    pa.types.is_signed_integer: pa.int64(),
    pa.types.is_floating: pa.float64(),
    pa.types.is_large_string: pa.string(),
    pa.types.is_string_view: pa.string(),
    pa.types.is_dictionary: pa.string(),
}
# The driver is asked for a batch after the other, and holds Python's lock meanwhile.
_BATCHES_AT_ONCE = 4
# Bytes of a packet beside its rows, and of a value beside a text.
_HEADER, _VALUE = 4096, 16
_LONG_ROW = "raise max_allowed_packet on the server above the longest row"


def insert(cursor: Any, statement: str, rows: pa.Table, parameter_rows: int, packet: int | None = None) -> int:
    """Run an INSERT with a `?` for each column, for all rows. How many rows were confirmed. cursor: of turbodbc, whose
    connection buffers `parameter_rows`. packet: bytes that the server takes at once; DataError for a longer row."""
    columns = pa.table([_handled(name, rows[name]) for name in rows.column_names], names=rows.column_names)
    done = 0
    step = parameter_rows * _BATCHES_AT_ONCE
    for start, stop in _packets(columns, step, packet):
        cursor.executemanycolumns(statement, columns.slice(start, stop - start).combine_chunks())
        done += max(0, int(cursor.rowcount))
    return done


def _packets(columns: pa.Table, step: int, packet: int | None) -> Iterator[tuple[int, int]]:
    """From which row to which the driver is asked at once: what it sends together may be all of them."""
    overhead = _VALUE * columns.num_columns
    if packet is None or columns.nbytes + overhead * len(columns) <= packet - _HEADER:
        yield from ((start, min(start + step, len(columns))) for start in range(0, len(columns), step))
        return
    sizes: np.ndarray = np.full(len(columns), overhead, np.int64)
    for values in columns.columns:
        if pa.types.is_string(values.type):
            sizes += np.asarray(pc.fill_null(pc.binary_length(values), 0))
    most = packet - _HEADER
    if sizes.max() > most:
        raise DataError(f"a row of {sizes.max():,} bytes is longer than what the server takes at once", hint=_LONG_ROW)
    reached = np.cumsum(sizes)
    start = 0
    while start < len(columns):
        before = int(reached[start - 1]) if start else 0
        stop = min(int(np.searchsorted(reached, before + most, "right")), start + step)
        yield start, stop
        start = stop


def _handled(name: str, values: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = values.type
    if kind not in _HANDLED:
        kind = next((other for fits, other in _CAST.items() if fits(kind)), None)
        if kind is None:
            raise UnavailableError(f"column {name}: turbodbc has nothing to write {values.type} with")
        values = values.cast(kind)
    chunk = pa.concat_arrays(values.chunks) if values.num_chunks else pa.array([], kind)
    if pa.types.is_string(kind) and _has_nul(chunk):
        raise DataError(f"column {name}: a text has a NUL character, where drivers end it")
    return pa.chunked_array([chunk])


def _has_nul(values: pa.Array) -> bool:
    _, offsets, data = values.buffers()
    if data is None or not len(values):
        return False
    places = np.frombuffer(offsets, np.int32, len(values) + 1, values.offset * 4)
    used = np.frombuffer(data, np.uint8)[places[0] : places[-1]]
    return bool(len(used)) and bool(used.min() == 0)
