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


class Numbered:
    """A source of chunks that are told apart by their number; the first one waits until another is being read."""

    def __init__(self, batches: int) -> None:
        self._batches = batches
        self._lock = threading.Lock()
        self.open = self.most_open = 0
        self._others = threading.Event()

    @contextmanager
    def read(self, within: KeyRange, limits: ReadLimits) -> Iterator[NumberedRange]:
        with self._lock:
            self.open += 1
            self.most_open = max(self.most_open, self.open)
        number = int((within.high or ("0",))[0])
        if number:
            self._others.set()
        else:
            assert self._others.wait(60)
        yield NumberedRange(number, self._batches)
        with self._lock:
            self.open -= 1


class NumberedRange:
    def __init__(self, number: int, batches: int) -> None:
        self._texts = [f"{number}-{at}" for at in range(batches)]
        self.keys = pa.table({"k": self._texts})
        self.found = RangeKeys(batches, "")

    def batches(self) -> Iterator[pa.RecordBatch]:
        for text in self._texts:
            columns = {"k": [text], "document": [DOCUMENT], "document_bytes": [len(DOCUMENT)]}
            yield pa.RecordBatch.from_pydict(columns)


def test_several_chunks_at_once_come_in_their_order_and_nobody_waits_for_ever() -> None:
    """Each of the readers has room for two batches of the eight that a chunk has."""
    source, shredder = Numbered(8), Counting()
    one = sum(table.nbytes for table in shredder.shred(pa.array([DOCUMENT])).extracts.values())
    shares = MemoryShares(engine=0, raw=3 * 1000, trees=0, extracts=3 * 2 * one, largest_document=1000)
    ahead = ReadAhead(
        source, shredder, plan(*SMALL),
        shares=shares, trees=TreeBudget(0), workers=2, on_step=lambda _: None, relieve=lambda: None,
        patience=Patience(0), connections=3,
    )  # fmt: skip
    taken: list[str] = []
    chunks = [StoredRange(number, KeyRange(None, (str(number),)), 8) for number in range(10)]
    read = ahead.chunks(chunks, lambda batch: taken.extend(batch.keys["k"].to_pylist()), lambda: None)
    assert [each.stored.chunk for each in read] == list(range(10))
    assert taken == [f"{number}-{at}" for number in range(10) for at in range(8)]
    assert 1 < source.most_open <= 3
