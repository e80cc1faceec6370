"""How far reading and shredding run ahead of who takes the batches: a few, however long that takes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa

from columnar.bookkeeping.ranges import StoredRange
from columnar.running.budget import MemoryShares, TreeBudget
from columnar.running.patience import Patience
from columnar.running.reading import ReadAhead, ShreddedBatch
from loaders.source import EVERYTHING, KeyRange, RangeKeys, ReadLimits
from tests.transforms.shred.shred_plans import SMALL, plan
from transforms.shred import LxmlShredder, Shredded

BATCHES = 60
DOCUMENT = "<a>" + "<b k='1'>text</b>" * 20 + "</a>"


class ManyBatches:
    """A source of batches with one document each; tells when all of them were read."""

    def __init__(self) -> None:
        self.keys = pa.table({"k": [str(number) for number in range(BATCHES)]})
        self.found = RangeKeys(BATCHES, "")
        self.handed_out = 0
        self.exhausted = threading.Event()

    @contextmanager
    def read(self, within: KeyRange, limits: ReadLimits) -> Iterator[ManyBatches]:
        yield self

    def batches(self) -> Iterator[pa.RecordBatch]:
        for number in range(BATCHES):
            self.handed_out = number + 1
            columns = {"k": [str(number)], "document": [DOCUMENT], "document_bytes": [len(DOCUMENT)]}
            yield pa.RecordBatch.from_pydict(columns)
        self.exhausted.set()


class Counting:
    """A shredder that counts its batches."""

    def __init__(self) -> None:
        self._shredder = LxmlShredder(plan(*SMALL))
        self.batches = 0

    def shred(self, documents: pa.Array, keys: dict[str, pa.Array] | None = None) -> Shredded:
        self.batches += 1
        return self._shredder.shred(documents, keys)


def test_a_slow_taker_is_not_flooded_with_shredded_batches() -> None:
    source, shredder = ManyBatches(), Counting()
    one = sum(table.nbytes for table in shredder.shred(pa.array([DOCUMENT])).extracts.values())
    shredder.batches = 0
    shares = MemoryShares(engine=0, raw=3 * 1000, trees=0, extracts=4 * one, largest_document=1000)
    ahead = ReadAhead(
        source, shredder, plan(*SMALL),
        shares=shares, trees=TreeBudget(0), workers=2, on_step=lambda _: None, relieve=lambda: None,
        patience=Patience(0),
    )  # fmt: skip
    taken: list[ShreddedBatch] = []

    def consume(batch: ShreddedBatch) -> None:
        if not taken:
            assert not source.exhausted.wait(0.5)  # a reader that does not wait has read all long before
            # Some five are shredded and wait, so that nothing is left of the share; and what had been read until then.
            assert shredder.batches < BATCHES // 2
        taken.append(batch)

    (chunk,) = ahead.chunks([StoredRange(1, EVERYTHING, BATCHES)], consume, lambda: None)
    assert chunk.keys is source.keys
    assert [batch.keys["k"].to_pylist() for batch in taken] == [[str(number)] for number in range(BATCHES)]
    assert {batch.extract_bytes for batch in taken} == {one}
    assert source.exhausted.is_set()
