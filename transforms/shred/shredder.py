"""What every shredder offers, and what it may be given."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol, TypeAlias

import pyarrow as pa

from transforms.shred.result import Shredded

# Memory for one tree: called with the bytes of a document that lxml is about to parse, entered before it is parsed and
# left when its tree is gone. It may wait, and may raise RefusedError, which refuses that document alone. A thread holds
# at most one at a time, so that nobody who holds some waits for more.
Trees: TypeAlias = Callable[[int], AbstractContextManager[None]]


class Shredder(Protocol):
    """What shreds a batch: the reference on lxml, or anything that returns the same."""

    def shred(self, documents: pa.Array, keys: dict[str, pa.Array] | None = None) -> Shredded:
        """See LxmlShredder.shred. Threads may share it."""
        ...


def no_budget(_: int) -> AbstractContextManager[None]:
    """Trees that nobody counts."""
    return nullcontext()
