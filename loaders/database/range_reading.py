"""Reading one range of a database: its keys first, then the documents in pages, whose buffers are as long as their
longest document.

To know how long that is takes a look at each. Where documents are short and much alike that costs as much as reading
them, so they are read up to the length that is expected, and the few that are longer by themselves. Elsewhere their
sizes are asked for before.

Keys are listed before, in the database's order. Integers have the same one everywhere, so that the keys of short
documents are taken from the rows themselves, where one statement reads all of them or each page begins behind a key.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loaders.database.connection import Connection
from loaders.database.document_column import DocumentColumn, SeenSizes
from loaders.database.key_ranges import KeyRanges, key_texts
from loaders.database.listed_keys import PLACE, ListedKeys
from loaders.database.select import Select, Selected, integers
from loaders.errors import TransientError
from loaders.source import BROKEN_TEXT, KeyRange, RangeKeys, ReadLimits

_SIZE, _DOCUMENT = "columnar size", "columnar document"
# A page that is consumed while it arrives, in batches.
_STREAMED = 4
# How much larger a page may be than it was expected to be.
_TOLERATED = 2
_EXTENT = (("most", "max"), ("all", "sum"))
# How often a range is listed anew because its documents grew while that was done.
_ATTEMPTS = 3
# How much longer than the mean documents are expected to be at the least: a snapshot that cannot be shared is of a
# connection with buffers for them.
_LONGER = 4
# Documents are short and alike where none is expected to be longer than so many bytes, and than so many of their mean.
_SHORT, _ALIKE = 64 << 10, 16


@dataclass(frozen=True)
class _Page:
    """What one statement reads: `rows` of the range `within`, which begins behind `start` rows of what is read.

    longest: of their documents, in units of ReadingDialect.length. above: those of them whose document is larger than
    this; None for all. first: whether the range has more rows than these, which are the first.
    """

    within: KeyRange
    start: int
    rows: int
    longest: int
    above: int | None = None
    first: bool = False


class DatabaseRead:
    """See loaders.source.RangeRead. Begins a transaction on the connection, which its owner ends.

    longest: of the documents that were read before, in units of ReadingDialect.length. mean: their size on average.
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
        usual = _LONGER * mean * document.units
        # Where longer ones would be read from another state, the longest that was ever seen is what is expected, and
        # sizes that are cheap are asked for.
        least = usual if connection.one_snapshot else max(usual, longest)
        is_alike = least <= min(_SHORT, _ALIKE * mean * document.units)
        self._alike = is_alike and (connection.one_snapshot or not document.size_is_cheap)
        self._expected = least if self._alike else max(usual, longest)
        self._mean = mean
        self._seen = SeenSizes(document.units)
        self._sizes: pa.Array | None = None
        self._listed: ListedKeys | None = None
        self._arrived: list[list[np.ndarray]] = []
        together = connection.streams or keys.unique
        self._in_one = self._alike and together and keys.equal_as_text and not within.null_keys
        self.found: RangeKeys
        if self._in_one:
            connection.begin(snapshot=True, longest=self._expected)
            self.found = keys.measure(connection, within)
        else:
            listing = self._begin_listed()
            self.found = keys.listed(connection, within, listing)
            self._take(listing)

    @property
    def keys(self) -> pa.Table:
        """See RangeRead.keys."""
        return self._listing.texts

    @property
    def _listing(self) -> ListedKeys:
        if self._listed is None:
            self._in_one = False
            return self._take(self._connection.table(self._keys.listing(self._within)))
        return self._listed

    def _take(self, listing: pa.Table) -> ListedKeys:
        if len(listing) != self.found.rows:  # never in a snapshot, which not every database has
            raise TransientError(
                f"{self._keys.name}: {len(listing):,} keys became {self.found.rows:,} while they were read"
            )
        self._listed = ListedKeys.of(listing, self._keys.columns, self._within)
        return self._listed

    def batches(self) -> Iterator[pa.RecordBatch]:
        """See RangeRead.batches. Pages are the whole range, and each has the rows that were counted or listed of it: so
        it is two statements of the database that say how many rows there are."""
        if not self._alike:
            start = 0
            for end in self._blocks():
                for page in self._pages(start, end):
                    yield from self._fetched(page)
                start = end
            return
        yield from self._batches_alike()
        if self._in_one and self._arrived:
            parts = [np.concatenate(part) for part in zip(*self._arrived, strict=True)]
            order = np.lexsort(parts[::-1])
            names = [column.name for column in self._keys.columns]
            self._take(pa.table([part[order] for part in parts], names=names))

    @property
    def longest(self) -> int:
        """Of the documents that were read, in units of ReadingDialect.length; 0 before that."""
        return self._seen.longest

    @property
    def mean(self) -> int:
        """The size of those documents on average; what was told before there are any."""
        return self._seen.mean or self._mean

    def _batches_alike(self) -> Iterator[pa.RecordBatch]:
        """Pages of so many rows that they fit in any case, each followed by the documents that it left out."""
        start, total = 0, self.found.rows
        longest = min(self._expected, self._most * self._document.units)
        rows = total
        if not self._connection.streams:
            rows = max(1, self._page_bytes * _TOLERATED * self._document.units // max(1, longest))
        within = self._within
        while start < total:
            if self._in_one:
                count = min(rows, total - start)
                page = _Page(within, start, count, longest, first=start + count < total)
            else:
                page = self._whole(start, self._listing.end_of_key(min(start + rows, total)), longest)
            longer = SeenSizes(self._document.units)
            for batch in self._connection.fetch(self._select(page), batch_bytes=self._limits.batch_bytes):
                last = tuple(str(batch.column(column.name)[-1].as_py()) for column in self._keys.columns)
                left_out = self._left_out(batch, page)
                if left_out is None:
                    yield self._row_batch(batch, page)
                    continue
                longer.add(batch.column(_SIZE).filter(left_out))
                kept = batch.filter(pc.invert(left_out))
                if len(kept):
                    yield self._row_batch(kept, page)
            if page.first:
                page = replace(page, within=replace(within, high=last, high_inclusive=True), first=False)
                within = replace(within, low=last, low_inclusive=False)
            if longer.rows:
                for each in self._longer(page, longer):
                    yield from self._fetched(each)
            start += page.rows

    def _longer(self, page: _Page, longer: SeenSizes) -> Iterator[_Page]:
        """The pages of the documents that a page left out."""
        above = page.longest // self._document.units
        if longer.bytes <= self._page_bytes * _TOLERATED:
            yield replace(page, rows=longer.rows, longest=longer.longest, above=above)
        else:
            yield from self._cut(page.start, page.start + page.rows, above)

    def _fetched(self, page: _Page) -> Iterator[pa.RecordBatch]:
        for batch in self._connection.fetch(self._select(page), batch_bytes=self._limits.batch_bytes):
            yield self._row_batch(batch, page)

    def _begin_listed(self) -> pa.Table:
        """The keys, in a transaction that can read the documents too; with the sizes where those are wanted and known
        without reading the documents."""
        beside = [] if self._keys.equal_as_text else [Selected(PLACE, self._keys.place, pa.int64())]
        beside += self._keys.hashes()
        sized = self._document.size_is_cheap and not self._alike
        if sized:
            beside.append(Selected(_SIZE, self._document.size, pa.int64()))
        for attempt in range(_ATTEMPTS):
            self._connection.begin(snapshot=True, longest=self._expected)
            listed = self._connection.table(self._keys.listing(self._within, beside))
            if not sized:
                break
            self._sizes = listed[_SIZE].combine_chunks()
            needed = self._longest_of(self._sizes)
            if needed <= self._expected or self._connection.one_snapshot or attempt == _ATTEMPTS - 1:
                break
            self._connection.rollback()
            self._expected = needed
        return listed

    def _sizes_between(self, start: int, stop: int) -> pa.Array:
        """The sizes of the documents of some rows, in the order of the keys."""
        if self._sizes is not None:
            return self._sizes.slice(start, stop - start)
        size = Selected(_SIZE, self._document.size, pa.int64())
        within = self._listing.between(start, stop)
        sizes = self._connection.table(self._keys.listing(within, [size]))[_SIZE].combine_chunks()
        if len(sizes) != stop - start:
            raise TransientError(f"{self._keys.name}: {stop - start:,} rows became {len(sizes):,} while they were read")
        return sizes

    def _extent(self, start: int, stop: int) -> tuple[int, int]:
        """Of the documents of some rows that are to be fetched: the largest size, and all of them together."""
        size = self._document.size
        fitting = f"CASE WHEN {size} <= {self._most} THEN {size} ELSE 0 END"
        named = [(name, f"CAST({each}({fitting}) AS {self._keys.reading.integer})") for name, each in _EXTENT]
        tail = self._keys.tail(self._listing.between(start, stop))
        found = self._connection.table(integers(named, *tail)).to_pylist()[0]
        return found["most"] or 0, found["all"] or 0

    def _longest_of(self, sizes: pa.Array) -> int:
        """The longest document that is to be fetched, in units of ReadingDialect.length."""
        return int(pc.max(sizes.filter(self._fits(sizes))).as_py() or 0) * self._document.units

    def _fits(self, sizes: pa.Array) -> pa.Array:
        return pc.less_equal(self._document.least_bytes(sizes), self._limits.document_bytes)

    def _blocks(self) -> Iterator[int]:
        """After how many rows the next ones are looked at for their sizes: all at once where those are known; else as
        many as are read soon after, so that the database has them at hand."""
        total = self.found.rows
        if self._sizes is not None:
            yield from ([total] if total else [])
            return
        rows = max(1, self._page_bytes // self._mean)
        start = 0
        while start < total:
            start = self._listing.end_of_key(min(start + rows, total))
            yield start

    @property
    def _most(self) -> int:
        """The largest size of a document that is to be fetched."""
        return self._limits.document_bytes * self._document.size_per_byte

    @property
    def _page_bytes(self) -> int:
        """About what one statement reads: a batch, and more where rows come as they are consumed. Its buffers are as
        long as its longest document, so it is not all there is."""
        return self._limits.batch_bytes * (_STREAMED if self._connection.streams else 1)

    def _pages(self, start: int, end: int) -> Iterator[_Page]:
        """The pages of some rows."""
        if self._sizes is None:
            largest, together = self._extent(start, end)
            if together <= self._page_bytes * _TOLERATED:
                yield self._whole(start, end, largest * self._document.units)
                return
        yield from self._cut(start, end, None)

    def _cut(self, start: int, end: int, above: int | None) -> Iterator[_Page]:
        """The pages of some rows by the sizes of their documents, cut between distinct keys."""
        sizes = self._sizes_between(start, end)
        wanted = pc.fill_null(self._fits(sizes), fill_value=False)
        if above is not None:
            wanted = pc.and_(wanted, pc.fill_null(pc.greater(sizes, above), fill_value=False))
        reached = np.cumsum(np.asarray(pc.if_else(wanted, sizes, 0)))
        first = start
        while start < end:
            before = int(reached[start - first - 1]) if start > first else 0
            fitting = first + int(np.searchsorted(reached, before + self._page_bytes, "right"))
            stop = self._listing.end_within(start, fitting)
            within = wanted.slice(start - first, stop - start)
            page = self._whole(start, stop, self._longest_of(sizes.slice(start - first, stop - start)))
            if above is None:
                yield page
            elif rows := pc.sum(within).as_py():
                yield replace(page, rows=rows, above=above)
            start = stop

    def _whole(self, start: int, stop: int, longest: int) -> _Page:
        return _Page(self._listing.between(start, stop), start, stop - start, longest)

    def _select(self, page: _Page) -> Select:
        tail, values = self._keys.tail(page.within)
        size = self._document.size
        if page.above is not None:
            tail += f" AND {size} > {page.above} AND {size} <= {self._most}"
        document = Selected(_DOCUMENT, self._document.sql, pa.binary() if self._document.is_binary else pa.string())
        columns = (*self._keys.selected(), Selected(_SIZE, size, pa.int64()), document)
        order = self._keys.order(page.rows) if page.first else ""
        return Select(columns, tail, values, order, _DOCUMENT, max(1, page.longest), page.rows)

    def _left_out(self, batch: pa.RecordBatch, page: _Page) -> pa.Array | None:
        """Which documents are longer than the page was expected to need, and are to be fetched; None where none is."""
        sizes, documents = batch.column(_SIZE), batch.column(_DOCUMENT)
        if documents.null_count == sizes.null_count:
            return None
        longer = pc.greater(pc.multiply(sizes, self._document.units), page.longest)
        left_out = pc.and_(documents.is_null(), pc.and_(longer, self._fits(sizes)))
        return pc.fill_null(left_out, fill_value=False) if pc.any(left_out).as_py() else None

    def _row_batch(self, batch: pa.RecordBatch, page: _Page) -> pa.RecordBatch:
        """A batch as sources give it. What was not fetched is told apart by its size."""
        sizes, documents = batch.column(_SIZE), batch.column(_DOCUMENT)
        self._seen.add(sizes.filter(self._fits(sizes)))
        if self._in_one:
            # Copies: arrays that came together are freed together, and a key would keep its document.
            self._arrived.append([np.array(batch.column(column.name)) for column in self._keys.columns])
        most = self._limits.document_bytes
        fetched = pc.cast(pc.binary_length(documents), pa.int64())
        least = self._document.least_bytes(sizes)
        if documents.null_count > sizes.null_count:
            missing = pc.and_(documents.is_null(), sizes.is_valid())
            over = pc.greater(least, most)
            grown = pc.and_(pc.invert(over), pc.greater(pc.multiply(sizes, self._document.units), page.longest))
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
