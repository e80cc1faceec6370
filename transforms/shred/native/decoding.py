"""Documents that are encoded in their column, decoded in groups before the kernel reads them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from transforms.contract.plan import Limits
from transforms.shred.buffers import Documents, document_views
from transforms.shred.decode import decoded
from transforms.shred.refusal import RefusedError

# So many decoded bytes are held at once: a batch may be many times as large decoded as it was stored.
GROUP_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True)
class Group:
    """Consecutive documents of a batch. documents: one a document; NULL where it was refused or is NULL."""

    first: int
    documents: list[pa.Array]
    refused: dict[int, RefusedError]  # by ordinal in the batch

    def __len__(self) -> int:
        return sum(map(len, self.documents))


def groups(documents: Documents, decode: Sequence[str], limits: Limits) -> Iterator[Group]:
    """All documents of a batch, in order: as they are in one group, where there is nothing to decode."""
    if not decode:
        yield Group(0, documents.chunks if isinstance(documents, pa.ChunkedArray) else [documents], {})
        return
    held: list[memoryview | None] = []
    refused: dict[int, RefusedError] = {}
    first = size = 0
    for ordinal, raw in enumerate(document_views(documents)):
        try:
            one = None if raw is None else decoded(raw, tuple(decode), limits.document_bytes)
        except RefusedError as error:
            one, refused[ordinal] = None, error
        held.append(one)
        size += len(one or b"")
        if size >= GROUP_BYTES:
            yield Group(first, [pa.array(held, pa.large_binary())], refused)
            held, refused, first, size = [], {}, ordinal + 1, 0
    yield Group(first, [pa.array(held, pa.large_binary())], refused)
