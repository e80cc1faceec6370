"""Arrow batches of a bounded size out of a driver that counts rows alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyarrow as pa

# Before anything is known of the rows, and how much faster than the last batch the next may grow.
_FIRST_ROWS = 64
_FIRST_DOCUMENTS = 4
_GROWTH = 4
_MOST_ROWS = 16_384


def arrow_batches(
    fetch: Callable[[int], pa.RecordBatch], batch_bytes: int, *, documents: bool
) -> Iterator[pa.RecordBatch]:
    """The batches of a result, in the driver's types. fetch(rows): the next one, empty at the end.

    How many rows are asked for follows the longest that came so far: a batch is larger than `batch_bytes` only by what
    one row is longer than all before it.
    """
    rows = _FIRST_DOCUMENTS if documents else _FIRST_ROWS
    largest = 1
    while (batch := fetch(rows)).num_rows:
        largest = max(largest, -(-batch.nbytes // batch.num_rows))
        yield batch
        rows = max(1, min(batch_bytes // largest, rows * _GROWTH, _MOST_ROWS))
