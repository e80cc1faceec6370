"""Reading one range of a database: its keys and the sizes of its documents first, then the documents in pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loaders.database.catalog import StoredColumn
from loaders.database.connection import Connection
from loaders.database.dialect import ReadingDialect
from loaders.database.key_ranges import KeyRanges, key_texts
from loaders.database.select import Select, Selected, integers
from loaders.errors import TransientError
from loaders.source import BROKEN_TEXT, Key, KeyRange, RangeKeys, ReadLimits

_SIZE, _PLACE, _DOCUMENT = "columnar size", "columnar place", "columnar document"
# A page that is consumed while it arrives, in batches.
_STREAMED = 4
# How much larger a page may be than it was expected to be.
_TOLERATED = 2
_EXTENT = (("most", "max"), ("all", "sum"))
# How often a range is listed anew because its documents grew while that was done.
_ATTEMPTS = 3


@dataclass(frozen=True)
class DocumentColumn:
    """The column of the documents. What `size` says is bytes, of UTF-16 where the dialect says so."""

    reading: ReadingDialect
    column: StoredColumn

    @property
    def is_binary(self) -> bool:
        """Whether documents are bytes."""
        return self.reading.is_binary(self.column)

    @property
    def sql(self) -> str:
        """A document, as it travels."""
        return self.reading.document(self.reading.quote(self.column.name), self.column)

    @property
    def size(self) -> str:
        """The SQL of its size, a 64-bit integer."""
        sql = self.reading.quote(self.column.name) if self.is_binary else self.sql
        return f"CAST({self.reading.utf8_bytes(sql)} AS {self.reading.integer})"

    @property
    def size_is_cheap(self) -> bool:
        """Whether the size is known without reading the document: that of what is stored, not of what it is cast to."""
        return self.reading.cheap_lengths and self.column.type.lower() != "xml"

    @property
    def units(self) -> int:
        """How many units of ReadingDialect.length one of `size` is, as the document travels."""
        return (4 if self.reading.utf16 else 2) if self.is_binary else 1

    @property
    def size_per_byte(self) -> int:
        """What a byte of UTF-8, or of what is binary, is in `size` at the most."""
        return 2 if self.reading.utf16 and not self.is_binary else 1

    def least_bytes(self, sizes: pa.Array) -> pa.Array:
        """What documents of these sizes have in UTF-8 at the least, or as bytes."""
        return pc.divide(sizes, 2) if self.reading.utf16 and not self.is_binary else sizes


class DatabaseRead:
    """See loaders.source.RangeRead. Begins a transaction on the connection, which its owner ends.

    longest: of the documents that were read before, in units of ReadingDialect.length; afterwards, with those of this
    range. mean: bytes of a document, about.
    """

    def __init__(
        self,
        connection: Connection,
        keys: KeyRanges,
        document: DocumentColumn,
        within: KeyRange,
        limits: ReadLimits,
        *,
        longest: int,
        mean: int,
    ) -> None:
        self._connection = connection
        self._keys = keys
        self._document = document
        self._within = within
        self._limits = limits
        self._mean = mean
        self.longest = longest
        self._sizes: pa.Array | None = None
        listed = self._listed()
        self.keys: pa.Table = key_texts(listed, keys.columns)
        # Rows without a key are one page: nothing lies between them.
        self._ends = np.array([len(listed)]) if within.null_keys else _ends_of_keys(listed, self.keys)
        self.found: RangeKeys = keys.measure(connection, within)
        if self.found.rows != len(self.keys):  # never in a snapshot, which not every database has
            raise TransientError(
                f"{keys.name}: {len(self.keys):,} keys became {self.found.rows:,} while they were read"
            )

    def batches(self) -> Iterator[pa.RecordBatch]:
        """See RangeRead.batches."""
        start = 0
        for end in self._blocks():
            for stop, longest in self._pages(start, end):
                select = self._select(self._between(start, stop), stop - start, longest)
                for batch in self._connection.fetch(select, batch_bytes=self._limits.batch_bytes):
                    yield self._row_batch(batch, longest)
                start = stop

    def _listed(self) -> pa.Table:
        """The keys, in a transaction that can read the documents too; with the sizes where those are known without
        reading the documents."""
        beside = []
        if not self._keys.equal_as_text:
            beside.append(Selected(_PLACE, self._keys.place, pa.int64()))
        if self._document.size_is_cheap:
            beside.append(Selected(_SIZE, self._document.size, pa.int64()))
        for attempt in range(_ATTEMPTS):
            self._connection.begin(snapshot=True, longest=self.longest)
            listed = self._connection.table(self._keys.listing(self._within, beside))
            if not self._document.size_is_cheap:
                break
            self._sizes = listed[_SIZE].combine_chunks()
            needed = self._longest_of(self._sizes)
            if needed <= self.longest or attempt == _ATTEMPTS - 1:
                break
            self._connection.rollback()
            self.longest = needed
        return listed

    def _sizes_between(self, start: int, stop: int) -> pa.Array:
        """The sizes of the documents of some rows, in the order of the keys."""
        if self._sizes is not None:
            return self._sizes.slice(start, stop - start)
        size = Selected(_SIZE, self._document.size, pa.int64())
        sizes = self._connection.table(self._keys.listing(self._between(start, stop), [size]))[_SIZE].combine_chunks()
        if len(sizes) != stop - start:
            raise TransientError(f"{self._keys.name}: {stop - start:,} rows became {len(sizes):,} while they were read")
        return sizes

    def _extent(self, start: int, stop: int) -> tuple[int, int]:
        """Of the documents of some rows that are to be fetched: the largest size, and all of them together."""
        size, most = self._document.size, self._limits.document_bytes * self._document.size_per_byte
        fitting = f"CASE WHEN {size} <= {most} THEN {size} ELSE 0 END"
        named = [(name, f"CAST({each}({fitting}) AS {self._keys.reading.integer})") for name, each in _EXTENT]
        found = self._connection.table(integers(named, *self._keys.tail(self._between(start, stop)))).to_pylist()[0]
        return found["most"] or 0, found["all"] or 0

    def _longest_of(self, sizes: pa.Array) -> int:
        """The longest document that is to be fetched, in units of ReadingDialect.length."""
        return int(pc.max(sizes.filter(self._fits(sizes))).as_py() or 0) * self._document.units

    def _fits(self, sizes: pa.Array) -> pa.Array:
        return pc.less_equal(self._document.least_bytes(sizes), self._limits.document_bytes)

    def _blocks(self) -> Iterator[int]:
        """After how many rows the next ones are looked at for their sizes: all at once where those are known; else as
        many as are read soon after, so that the database has them at hand."""
        total = len(self.keys)
        if self._sizes is not None:
            yield from ([total] if total else [])
            return
        rows = max(1, self._page_bytes // self._mean)
        start = 0
        while start < total:
            start = self._end_of_key(min(start + rows, total))
            yield start

    @property
    def _page_bytes(self) -> int:
        """About what one statement reads: a batch, and more where rows come as they are consumed. Its buffers are as
        long as its longest document, so it is not all there is."""
        return self._limits.batch_bytes * (_STREAMED if self._connection.streams else 1)

    def _pages(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """After how many rows a page ends, between distinct keys, and the longest document of it, in units of
        ReadingDialect.length."""
        if self._sizes is None:
            largest, together = self._extent(start, end)
            self.longest = max(self.longest, largest * self._document.units)
            if together <= self._page_bytes * _TOLERATED:
                yield end, largest * self._document.units
                return
        sizes = self._sizes_between(start, end)
        fetched = pc.if_else(pc.fill_null(self._fits(sizes), fill_value=False), sizes, 0)
        reached = np.cumsum(np.asarray(fetched))
        first = start
        while start < end:
            before = int(reached[start - first - 1]) if start > first else 0
            stop = first + int(np.searchsorted(reached, before + self._page_bytes, "right"))
            earlier = int(np.searchsorted(self._ends, stop, "right")) - 1  # the last key that fits as a whole
            fits = earlier >= 0 and self._ends[earlier] > start
            stop = int(self._ends[earlier]) if fits else self._end_of_key(start + 1)
            yield stop, self._longest_of(sizes.slice(start - first, stop - start))
            start = stop

    def _end_of_key(self, rows: int) -> int:
        """So many rows, and those that share the last one's key."""
        return int(self._ends[np.searchsorted(self._ends, rows)])

    def _between(self, start: int, stop: int) -> KeyRange:
        """The range of some rows; that of all rows is as it was asked for."""
        if not start and stop == len(self.keys):
            return self._within
        low, low_inclusive = (self._key(start - 1), False) if start else (self._within.low, self._within.low_inclusive)
        if stop == len(self.keys):
            return KeyRange(low, self._within.high, low_inclusive, self._within.high_inclusive)
        return KeyRange(low, self._key(stop - 1), low_inclusive)

    def _key(self, row: int) -> Key:
        return tuple(column[row].as_py() for column in self.keys.columns)

    def _select(self, page: KeyRange, rows: int, longest: int) -> Select:
        tail, values = self._keys.tail(page)
        document = Selected(_DOCUMENT, self._document.sql, pa.binary() if self._document.is_binary else pa.string())
        columns = (*self._keys.selected(), Selected(_SIZE, self._document.size, pa.int64()), document)
        return Select(columns, tail, values, document=_DOCUMENT, longest=max(1, longest), rows=rows)

    def _row_batch(self, batch: pa.RecordBatch, longest: int) -> pa.RecordBatch:
        """A batch as sources give it. What was not fetched is told apart by its size."""
        sizes, documents = batch.column(_SIZE), batch.column(_DOCUMENT)
        most = self._limits.document_bytes
        fetched = pc.cast(pc.binary_length(documents), pa.int64())
        least = self._document.least_bytes(sizes)
        missing = pc.and_(documents.is_null(), sizes.is_valid())
        if pc.any(missing).as_py():
            over = pc.greater(least, most)
            grown = pc.and_(pc.invert(over), pc.greater(pc.multiply(sizes, self._document.units), longest))
            if pc.any(pc.and_(missing, grown)).as_py():
                raise TransientError(f"{self._keys.name}: a document grew while its range was read")
            broken = pc.and_(missing, pc.invert(over))
            fetched = pc.if_else(missing, least, fetched)
            fetched = pc.if_else(broken, pa.scalar(BROKEN_TEXT, pa.int64()), fetched)
        too_long = pc.greater(fetched, most)  # of UTF-16, how long it is in UTF-8 shows once it is here
        if pc.any(pc.and_(too_long, documents.is_valid())).as_py():
            documents = pc.if_else(pc.fill_null(too_long, fill_value=False), pa.scalar(None, documents.type), documents)
        texts = key_texts(pa.Table.from_batches([batch]), self._keys.columns)
        columns = {name: texts[name].combine_chunks() for name in texts.column_names}
        return pa.RecordBatch.from_pydict({**columns, "document": documents, "document_bytes": fetched})


def _ends_of_keys(listed: pa.Table, keys: pa.Table) -> np.ndarray:
    """After how many rows another key begins, as the database compares; the last is that of all rows."""
    if _PLACE in listed.column_names:
        return np.append(np.flatnonzero(np.diff(np.asarray(listed[_PLACE]))) + 1, len(keys))
    other: np.ndarray = np.zeros(max(0, len(keys) - 1), np.bool_)
    for column in keys.columns:
        values = column.combine_chunks()
        other |= np.asarray(pc.not_equal(values[1:], values[:-1]))
    return np.append(np.flatnonzero(other) + 1, len(keys))
