"""The bytes of many documents together, to look for one that is rare: no view of each document is as fast."""

from __future__ import annotations

import numpy as np
import pyarrow as pa


def document_bytes(documents: pa.Array) -> np.ndarray:
    """Those of a column of `string`, without a copy."""
    _, offsets, data = documents.buffers()
    if data is None:
        return np.empty(0, np.uint8)
    places = np.frombuffer(offsets, np.int32, len(documents) + 1, documents.offset * 4)
    found: np.ndarray = np.frombuffer(data, np.uint8)[places[0] : places[-1]]
    return found
