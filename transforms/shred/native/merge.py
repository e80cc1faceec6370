"""Putting together what the kernel and lxml returned of one batch."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

import pyarrow as pa
import pyarrow.compute as pc

from transforms.shred.result import Refusal, Shredded

# So many runs of rows are put together as they are; of more, the rows are copied.
_FEW = 64
# Where Arrow copies rows, it first puts all the text of a column into one array, whose offsets have 32 bits.
_MOST_COPIED = 2**31 - 1
_LAST = 2**63 - 1  # no document is behind it


@dataclass
class Parts:
    """What was found so far.

    tables: each extract that is asked for -> tables of different documents. several: (table, column) -> cells.
    """

    tables: dict[str, list[pa.Table]] = field(default_factory=dict)
    refused: list[Refusal] = field(default_factory=list)
    several: Counter[tuple[str, str]] = field(default_factory=Counter)
    ways: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, shredded: Shredded, documents: Sequence[int]) -> None:
        """Add what lxml returned of some documents. documents: their ordinals in the batch, rising."""
        ordinals = pa.array(documents, pa.int64())
        for name, table in shredded.extracts.items():
            if len(table):
                renumbered = ordinals.take(table.column(0).combine_chunks())
                self.tables.setdefault(name, []).append(table.set_column(0, table.schema.field(0), renumbered))
        for row in shredded.refused.to_pylist():
            self.refused.append((documents[row["document"]], row["reason"], row["line"], row["column"], row["detail"]))
        for row in shredded.several.to_pylist():
            self.several[row["table"], row["column"]] += row["cells"]
        for row in shredded.ways.to_pylist():
            self.ways[row["way"], row["why"]] += row["documents"]


class _Queue:
    """The rows of a table that has some, in batches; they are taken from the front."""

    def __init__(self, table: pa.Table) -> None:
        self._batches = deque(batch for batch in table.to_batches() if len(batch))
        self._documents = _documents_of(self._batches[0])
        self._at = 0  # in the first batch

    def __bool__(self) -> bool:
        return bool(self._batches)

    @property
    def first(self) -> int:
        """The document of the first row."""
        return self._documents[self._at]

    def take_before(self, document: int) -> Iterator[pa.RecordBatch]:
        """The rows of earlier documents."""
        while self._batches:
            batch, begin = self._batches[0], self._at
            self._at = bisect_left(self._documents, document, begin)
            if self._at > begin:
                yield batch.slice(begin, self._at - begin)
            if self._at < len(batch):
                return
            self._batches.popleft()
            self._at = 0
            if self._batches:
                self._documents = _documents_of(self._batches[0])


def _documents_of(batch: pa.RecordBatch) -> memoryview[int]:
    column = batch.column(0)
    return memoryview(column.buffers()[1]).cast("B").cast("q")[column.offset : column.offset + len(column)]


def in_order(tables: Sequence[pa.Table]) -> pa.Table:
    """Rows of different documents, in document order. tables: each is in order."""
    with_rows = [table for table in tables if len(table)]
    if len(with_rows) < 2:
        return with_rows[0] if with_rows else tables[0]
    batches: list[pa.RecordBatch] = []
    queues = [_Queue(table) for table in with_rows]
    while len(queues) > 1:
        queues.sort(key=attrgetter("first"))
        batches += queues[0].take_before(queues[1].first)
        queues = [queue for queue in queues if queue]
    batches += queues[0].take_before(_LAST)
    if len(batches) > _FEW:
        joined = pa.concat_tables(with_rows)
        if all(column.nbytes <= _MOST_COPIED for column in joined.columns):
            return joined.take(pc.sort_indices(joined, [("_document", "ascending"), ("_row", "ascending")]))
    return pa.Table.from_batches(batches)


def without(table: pa.Table, documents: Collection[int]) -> pa.Table:
    """The rows of all other documents."""
    if not documents or not len(table):
        return table
    return table.filter(pc.invert(pc.is_in(table.column(0), pa.array(sorted(documents), pa.int64()))))
