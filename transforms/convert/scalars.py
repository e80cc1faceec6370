"""Numbers as Arrow scalars, made once.

Arrow looks for optional modules whenever it is given a bare Python number: longer than it then works on a chunk.
"""

from __future__ import annotations

from functools import lru_cache

import pyarrow as pa


@lru_cache(maxsize=2048)
def uint64(value: int) -> pa.Scalar:
    """The number as uint64."""
    return pa.scalar(value, pa.uint64())


@lru_cache(maxsize=2048)
def int64(value: int) -> pa.Scalar:
    """The number as int64."""
    return pa.scalar(value, pa.int64())


@lru_cache(maxsize=2048)
def int32(value: int) -> pa.Scalar:
    """The number as int32."""
    return pa.scalar(value, pa.int32())
