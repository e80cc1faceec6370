"""Reading and shredding, overlapped: one thread reads (or several, a chunk each), others shred, and the results come
back in order.

What is held is bounded in bytes: documents that were read and not yet shredded by one budget, what lxml parsed by
another, of which the shredder asks before each parse, and what was shredded and not yet taken by a third. Nobody waits
for that one but the reader: batches are taken in their order, and one that waited could be the next to be taken. Where
several read, each has its part of it, or those of later chunks could take all and the next to be taken never come.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from columnar.bookkeeping.ranges import StoredRange
from columnar.errors import InterruptedRunError
from columnar.running.budget import AGAIN, ByteBudget, MemoryShares, TreeBudget
from columnar.running.patience import Patience
from loaders.errors import TransientError
from loaders.source import NOT_FETCHED, UNREADABLE, Key, KeyRange, RangeKeys, RangeRead, ReadLimits
from transforms.contract.plan import ContractPlan
from transforms.fingerprint import raw_fingerprints
from transforms.shred.decode import the_limit
from transforms.shred.result import REFUSED_SCHEMA, Shredded
from transforms.shred.shredder import Shredder


class Readable(Protocol):
    """What chunks are read from: a source, or some documents of one."""

    def read(self, within: KeyRange, limits: ReadLimits) -> AbstractContextManager[RangeRead]:
        """See Source.read."""
        ...


@dataclass(frozen=True)
class ShreddedBatch:
    """One read batch, shredded. keys: the key's text columns. `_document` counts within the batch. extract_bytes: the
    size of its extracts."""

    keys: pa.Table
    sizes: pa.Array
    fingerprints: pa.Array
    shredded: Shredded
    extract_bytes: int
    seconds: float


@dataclass
class ChunkRead:
    """One chunk that was read: its keys in source order, and what the source said of them in that snapshot; a chunk of
    NULL keys has neither."""

    stored: StoredRange
    keys: pa.Table | None = None
    found: RangeKeys | None = None
    seconds_reading: float = 0.0


@dataclass(frozen=True)
class _Listed:
    stored: StoredRange
    keys: pa.Table | None = None
    found: RangeKeys | None = None


@dataclass(frozen=True)
class _Batch:
    future: Future[ShreddedBatch]
    shredded: ByteBudget


@dataclass(frozen=True)
class _Lost:
    """The connection; what was read of the chunk does not count."""


@dataclass(frozen=True)
class _Closed:
    seconds: float


@dataclass(frozen=True)
class _Failed:
    error: BaseException


_Event = _Listed | _Batch | _Lost | _Closed | _Failed | None


@dataclass(frozen=True)
class _Place:
    """A chunk, and what its reader tells of it."""

    stored: StoredRange
    events: queue.SimpleQueue[_Event]


class ReadAhead:
    """Reads chunks in order, a bounded number of bytes ahead of who consumes them.

    trees: the budget that the shredder asks; it is stopped with the reading. patience: with a range whose connection is
    lost. connections: how many chunks are read at the same time.
    """

    def __init__(
        self,
        source: Readable,
        shredder: Shredder,
        plan: ContractPlan,
        *,
        shares: MemoryShares,
        trees: TreeBudget,
        workers: int,
        on_step: Callable[[str], None],
        relieve: Callable[[], None],
        patience: Patience,
        connections: int = 1,
    ) -> None:
        self._source = source
        self._shredder = shredder
        self._plan = plan
        self._on_step = on_step
        self._relieve = relieve
        # Every worker has a batch, one waits, and of each connection one is being read.
        document = min(plan.limits.document_bytes, shares.largest_document)
        at_once = workers + 1 + connections
        self._limits = ReadLimits(batch_bytes=max(1, shares.raw // at_once), document_bytes=document)
        self._raw = ByteBudget(shares.raw)
        self._trees = trees
        self._shredded = [ByteBudget(shares.extracts // connections) for _ in range(connections)]
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="shred")
        self._patience = patience.apart()
        self._stopping = threading.Event()

    def chunks(
        self,
        stored: Sequence[StoredRange],
        consume: Callable[[ShreddedBatch], None],
        begin_again: Callable[[], None],
    ) -> Generator[ChunkRead, None, None]:
        """Each chunk once all of it is shredded; `consume` is given its batches one by one before that, in order.

        begin_again: called where a chunk has to be read from its start once more: what was consumed of it must go.
        """
        places = [_Place(each, queue.SimpleQueue()) for each in stored]
        waiting = queue.SimpleQueue[_Place]()
        for place in places:
            waiting.put(place)
        readers = [
            threading.Thread(target=self._read, args=(waiting, places, budget), name="read", daemon=True)
            for budget in self._shredded
        ]
        for reader in readers:
            reader.start()
        try:
            for place in places:
                chunk = self._whole(place, consume, begin_again)
                if chunk is None:
                    return
                yield chunk
        finally:
            self.stop()
            for reader in readers:
                reader.join()
            self._pool.shutdown(wait=True, cancel_futures=True)

    def stop(self) -> None:
        """Read no further; who waits for memory or a server gives up."""
        self._stopping.set()
        self._patience.stop()
        self._trees.stop()
        for budget in (self._raw, *self._shredded):
            budget.stop()

    def _whole(
        self, place: _Place, consume: Callable[[ShreddedBatch], None], begin_again: Callable[[], None]
    ) -> ChunkRead | None:
        """The next chunk; None where nothing more is read."""
        chunk = ChunkRead(place.stored)
        while (event := self._next(place.events)) is not None:
            if isinstance(event, _Failed):
                raise event.error
            if isinstance(event, _Listed):
                chunk = ChunkRead(event.stored, event.keys, event.found)
            elif isinstance(event, _Lost):
                begin_again()
            elif isinstance(event, _Batch):
                batch = event.future.result()
                event.shredded.release(batch.extract_bytes)
                consume(batch)
            else:
                chunk.seconds_reading = event.seconds
                return chunk
        return None

    def _next(self, events: queue.SimpleQueue[_Event]) -> _Event:
        """The next event. Waits in turns: on Windows a wait without an end cannot be interrupted by Ctrl-C."""
        while True:
            try:
                return events.get(timeout=0.5)
            except queue.Empty:
                continue

    def _read(self, waiting: queue.SimpleQueue[_Place], places: Sequence[_Place], shredded: ByteBudget) -> None:
        while not self._stopping.is_set():
            try:
                place = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                self._read_chunk(place, shredded)
            except BaseException as error:  # noqa: BLE001 (raised again where the events are taken)
                place.events.put(_Failed(error))
                return
        for place in places:
            place.events.put(None)

    def _read_chunk(self, place: _Place, shredded: ByteBudget) -> None:
        if place.stored.range.null_keys:
            place.events.put(_Listed(place.stored))
            place.events.put(_Closed(0.0))
            return
        trying = self._patience.trying()
        while True:
            try:
                seconds = self._read_range(place, shredded)
            except TransientError as error:
                trying.pause(error)
                place.events.put(_Lost())
            else:
                break
        self._on_step("chunk_read")
        place.events.put(_Closed(seconds))

    def _read_range(self, place: _Place, shredded: ByteBudget) -> float:
        """The whole range; returns the seconds that it took, but for those of waiting for memory."""
        started, waited = time.perf_counter(), 0.0
        with self._source.read(place.stored.range, self._limits) as read:
            for batch in read.batches():
                wait = time.perf_counter()
                shredded.acquire(0)
                self._raw.acquire(batch.nbytes)
                waited += time.perf_counter() - wait
                try:
                    future = self._pool.submit(self._shred, batch, batch.nbytes, shredded)
                except RuntimeError:  # the pool is being shut down
                    raise InterruptedRunError("the run is being stopped") from None
                place.events.put(_Batch(future, shredded))
            place.events.put(_Listed(place.stored, read.keys, read.found))
        return time.perf_counter() - started - waited

    def _shred(self, batch: pa.RecordBatch, held: int, budget: ByteBudget) -> ShreddedBatch:
        try:
            documents, sizes = batch.column("document"), batch.column("document_bytes")
            started = time.thread_time()
            names = [name for name in batch.schema.names if name not in ("document", "document_bytes")]
            keys = pa.table({name: _detached(batch.column(name)) for name in names})
            shredded = self._shredder.shred(documents, _key_texts(keys))
            shredded = _name_the_oversized(shredded, documents, sizes, self._limits.document_bytes, self._plan)
            fingerprints = raw_fingerprints(
                documents, decode=self._plan.decode, document_bytes=self._limits.document_bytes
            ).cast(pa.binary())
            sizes = pc.if_else(pc.less(sizes, 0), pa.scalar(None, pa.int64()), sizes)
            extract_bytes = sum(table.nbytes for table in shredded.extracts.values())
            budget.charge(extract_bytes)
            seconds = time.thread_time() - started
            return ShreddedBatch(keys, _detached(sizes), fingerprints, shredded, extract_bytes, seconds)
        finally:
            self._raw.release(held)
            self._relieve()


def _detached(column: pa.Array) -> pa.Array:
    """A copy: arrays that came from an engine together are freed together, so a key would keep its document."""
    return column.take(pa.array(range(len(column)), pa.int64()))


def source_keys(keys: pa.Table) -> pa.Array:
    """One text a row: the key itself, or a JSON array of the parts of a composite one."""
    from transforms.duplicates import canonical_keys

    if keys.num_columns == 1:
        return pa.concat_arrays(keys.column(0).chunks) if len(keys) else pa.array([], pa.string())
    return canonical_keys(keys, keys.column_names)


def key_text(key: Key) -> str:
    """The same of one key."""
    return str(source_keys(pa.table({str(at): pa.array([part], pa.string()) for at, part in enumerate(key)}))[0])


def _key_texts(keys: pa.Table) -> dict[str, pa.Array]:
    columns = {name: keys[name].combine_chunks() for name in keys.column_names}
    return {**columns, "key": source_keys(keys)}


def _name_the_oversized(
    shredded: Shredded, documents: pa.Array, sizes: pa.Array, most: int, plan: ContractPlan
) -> Shredded:
    """A document that was not fetched, for its size as a rule, came as NULL; say what it really is. Of one that was too
    large once decoded, say that it is for the memory."""
    if most < plan.limits.document_bytes:
        shredded = replace(shredded, refused=_for_the_memory(shredded.refused, most))
    over = pc.or_(pc.greater(sizes, most), pc.less(sizes, 0))
    too_large = pc.and_(pc.is_null(documents), pc.fill_null(over, fill_value=False))
    if not pc.any(too_large).as_py():
        return shredded
    at = set(pc.indices_nonzero(too_large).to_pylist())
    refused = [
        row | _why_not_fetched(sizes[row["document"]].as_py(), most, plan) if row["document"] in at else row
        for row in shredded.refused.to_pylist()
    ]
    return replace(shredded, refused=pa.Table.from_pylist(refused, schema=REFUSED_SCHEMA))


def _for_the_memory(refused: pa.Table, most: int) -> pa.Table:
    """Refusals by the limit that stands for the memory there is, told as such."""
    told = pc.replace_substring(refused["detail"], the_limit(most), f"{most:,} fit into --memory; {AGAIN}")
    return refused.set_column(refused.schema.get_field_index("detail"), refused.schema.field("detail"), told)


def _why_not_fetched(size: int, most: int, plan: ContractPlan) -> dict[str, str]:
    if size in NOT_FETCHED:
        return {"reason": "encoding", "detail": NOT_FETCHED[size]}
    return {"reason": "limit", "detail": _oversize(size, most, plan)}


def _oversize(size: int, most: int, plan: ContractPlan) -> str:
    if size == UNREADABLE:
        return f"larger than the memory that --memory leaves for reading one document; {AGAIN}"
    if most >= plan.limits.document_bytes:
        return f"{size:,} bytes, more than the {most:,} that document.limits.bytes allows"
    return f"{size:,} bytes, more than the {most:,} that fit into --memory; {AGAIN}"
