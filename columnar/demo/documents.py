"""Generates loan application documents: seeded, the same for a seed whatever the batch size."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from itertools import accumulate
from random import Random

import pyarrow as pa

from columnar.demo.assembly import write
from columnar.demo.blueprint import blueprint
from columnar.demo.pool import pool
from columnar.demo.profile import MEASURED, Profile

SCHEMA = pa.schema(
    [
        pa.field("loan_id", pa.int64(), nullable=False),
        pa.field("received", pa.timestamp("us"), nullable=False),
        pa.field("document", pa.string()),
    ]
)
# Large enough that the cost per batch vanishes, small enough for a few of them in a small memory budget.
BATCH_BYTES = 16 * 1024 * 1024
# Documents of one batch at most, so that rows of NULL and empty documents are bounded as well.
BATCH_DOCUMENTS = 20_000

_FIRST_RECEIVED = 1_704_067_200_000_000  # 2024-01-01, in microseconds since 1970
_RECEIVED_EVERY = 37_250_000  # microseconds


def generate(
    documents: int, *, seed: int = 1, profile: Profile = MEASURED, batch_bytes: int = BATCH_BYTES, start: int = 0
) -> Iterator[pa.RecordBatch]:
    """Batches of `loan_id`, `received` and `document`, in the order of `loan_id`.

    Document i follows from `seed` and i alone: `generate(10)` yields the first ten documents of `generate(1000)`, and
    `start` skips documents without making them (`documents` counts from 0 all the same).

    documents: how many; document numbers run from `start` to `documents` - 1.
    seed: 0 or more.
    profile: what the documents look like.
    batch_bytes: a batch ends before its documents pass this; a document larger than that is a batch of its own.
    """
    if seed < 0 or start < 0:
        raise ValueError("seed and start must be 0 or more")
    pieces = pool(seed)
    rng = Random()  # noqa: S311 - invented data, not a secret
    keys: list[int] = []
    texts: list[bytes | None] = []
    size = first = 0
    for index in range(start, documents):
        plan = blueprint(seed, index, profile, rng)
        text = write(plan, pieces, rng)
        length = len(text) if text else 0
        if keys and (size + length > batch_bytes or len(keys) == BATCH_DOCUMENTS):
            yield _batch(first, keys, texts)
            keys, texts, size = [], [], 0
        if not keys:
            first = index
        keys.append(plan.loan_id)
        texts.append(text)
        size += length
    if keys:
        yield _batch(first, keys, texts)


def _batch(first: int, keys: list[int], texts: list[bytes | None]) -> pa.RecordBatch:
    received = [_FIRST_RECEIVED + (first + offset) * _RECEIVED_EVERY for offset in range(len(keys))]
    columns = [pa.array(keys, pa.int64()), pa.array(received, pa.int64()).cast(pa.timestamp("us")), _strings(texts)]
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)


def _strings(texts: list[bytes | None]) -> pa.StringArray:
    """UTF-8 texts as an array, in one copy; a builder that grows by doubling takes five times the memory."""
    lengths = (len(text) if text else 0 for text in texts)
    offsets = pa.py_buffer(array("i", accumulate(lengths, initial=0)))
    data = pa.py_buffer(b"".join([text for text in texts if text]))
    present = pa.array([text is not None for text in texts]).buffers()[1]
    return pa.StringArray.from_buffers(len(texts), offsets, data, present)
