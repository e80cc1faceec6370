"""Cells of chosen rows."""

from __future__ import annotations

import pyarrow as pa


def single(values: pa.ChunkedArray | pa.Array) -> pa.Array:
    """One array instead of chunks."""
    if isinstance(values, pa.Array):
        return values
    return values.chunk(0) if values.num_chunks == 1 else values.combine_chunks()


def gather(values: pa.Array, positions: pa.Array) -> pa.ChunkedArray:
    """The values at some positions; null where the position is. In several chunks where one could not hold them: a
    long text may be wanted by many rows, and Arrow's `string` ends at 2 GiB."""
    return pa.chunked_array(_pieces(values, positions), values.type)


def _pieces(values: pa.Array, positions: pa.Array) -> list[pa.Array]:
    try:
        return [values.take(positions)]
    except pa.ArrowInvalid:
        if len(positions) < 2:
            raise
    half = len(positions) // 2
    return [*_pieces(values, positions.slice(0, half)), *_pieces(values, positions.slice(half))]
