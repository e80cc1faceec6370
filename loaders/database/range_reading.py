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
from loaders.database.select import Select, Selected
from loaders.errors import TransientError
from loaders.source import BROKEN_TEXT, Key, KeyRange, RangeKeys, ReadLimits

_SIZE, _PLACE, _DOCUMENT = "columnar size", "columnar place", "columnar document"
# A page that is consumed while it arrives, in batches.
_STREAMED = 4
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
        """Whether the size is that of what is stored, and not of what it is cast to."""
        return self.reading.cheap_lengths and self.column.type.lower() != "xml"

    @property
    def units(self) -> int:
        """How many units of ReadingDialect.length one of `size` is, as the document travels."""
        return (4 if self.reading.utf16 else 2) if self.is_binary else 1

    def least_bytes(self, sizes: pa.Array) -> pa.Array:
        """What documents of these sizes have in UTF-8 at the least, or as bytes."""
        return pc.divide(sizes, 2) if self.reading.utf16 and not self.is_binary else sizes


class DatabaseRead:
    """See loaders.source.RangeRead. Begins a transaction on the connection, which its owner ends.

    longest: of the documents that were read before, in units of ReadingDialect.length; afterwards, with those of this
    range.
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
    ) -> None:
        self._connection = connection
        self._keys = keys
        self._document = document
        self._within = within
        self._limits = limits
        self.longest = longest
        listed = self._listed()
        self.keys: pa.Table = key_texts(listed, keys.columns)
        self._sizes: pa.Array = listed[_SIZE].combine_chunks()
        self._places = np.asarray(listed[_PLACE])
        self.found: RangeKeys = keys.measure(connection, within)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """See RangeRead.batches."""
        low, inclusive = self._within.low, self._within.low_inclusive
        start = 0
        for stop in self._pages():
            high = self._within.high if stop == len(self.keys) else self._key(stop - 1)
            page = KeyRange(low, high, inclusive, stop < len(self.keys) or self._within.high_inclusive)
            select = self._select(page, self._sizes.slice(start, stop - start))
            for batch in self._connection.fetch(select, batch_bytes=self._limits.batch_bytes):
                yield self._row_batch(batch, select.longest or 0)
            start, low, inclusive = stop, high, False

    def _listed(self) -> pa.Table:
        """Keys and sizes, in a transaction that can read the documents too."""
        size = Selected(_SIZE, self._document.size, pa.int64())
        place = Selected(_PLACE, self._keys.place, pa.int64())
        for attempt in range(_ATTEMPTS):
            self._connection.begin(snapshot=True, longest=self.longest)
            listed = self._connection.table(self._keys.listing(self._within, beside=(size, place)))
            needed = self._longest_of(listed[_SIZE].combine_chunks())
            if needed <= self.longest or attempt == _ATTEMPTS - 1:
                break
            self._connection.rollback()
            self.longest = needed
        return listed

    def _longest_of(self, sizes: pa.Array) -> int:
        """The longest document that is to be fetched, in units of ReadingDialect.length."""
        fits = pc.less_equal(self._document.least_bytes(sizes), self._limits.document_bytes)
        found = pc.max(sizes.filter(fits)).as_py()
        return int(found or 0) * self._document.units

    def _pages(self) -> Iterator[int]:
        """Where each page ends, between distinct keys: after about batch_bytes, and later where rows come as they are
        consumed. Not all there is, then either: a page's buffers are as long as its longest document."""
        most = self._limits.batch_bytes * (_STREAMED if self._connection.streams else 1)
        fetched = np.asarray(pc.fill_null(self._sizes, 0))
        fits = pc.less_equal(self._document.least_bytes(self._sizes), self._limits.document_bytes)
        reached = np.cumsum(np.where(np.asarray(pc.fill_null(fits, fill_value=False)), fetched, 0))
        ends = self._ends_of_keys()
        start, total = 0, len(self.keys)
        while start < total:
            before = int(reached[start - 1]) if start else 0
            stop = max(int(np.searchsorted(reached, before + most, "right")), start + 1)
            at = int(np.searchsorted(ends, stop))
            if ends[at] > stop and at and ends[at - 1] > start:  # the key before, unless the page would be empty
                at -= 1
            start = int(ends[at])
            yield start

    def _ends_of_keys(self) -> np.ndarray:
        """After how many rows another key begins, as the database compares; the last is that of all rows."""
        return np.append(np.flatnonzero(np.diff(self._places)) + 1, len(self.keys))

    def _key(self, row: int) -> Key:
        return tuple(column[row].as_py() for column in self.keys.columns)

    def _select(self, page: KeyRange, sizes: pa.Array) -> Select:
        tail, values = self._keys.tail(page)
        document = Selected(_DOCUMENT, self._document.sql, pa.binary() if self._document.is_binary else pa.string())
        columns = (*self._keys.selected(), Selected(_SIZE, self._document.size, pa.int64()), document)
        return Select(
            columns, tail, values, document=_DOCUMENT, longest=max(1, self._longest_of(sizes)), rows=len(sizes)
        )

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
