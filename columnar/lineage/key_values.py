"""The parts of a key as `canonical_keys` writes them, read back."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc


def read_back(values: Sequence[str], kind: pa.DataType) -> pa.Array:
    """Texts of one column of a key in its type. Raises pa.ArrowInvalid or ValueError for what is none of that type."""
    if pa.types.is_binary(kind):
        return pa.array([bytes.fromhex(value) for value in values], kind)
    if pa.types.is_time(kind):
        return pl.Series(values, dtype=pl.String).str.to_time("%H:%M:%S%.f").to_arrow().cast(kind)
    texts = pa.array(values, pa.string())
    if pa.types.is_timestamp(kind) and kind.tz is not None:  # told in UTC, and without a zone
        return pc.assume_timezone(texts.cast(pa.timestamp(kind.unit)), "UTC").cast(kind)
    return texts.cast(kind)
