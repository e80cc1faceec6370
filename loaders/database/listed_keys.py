"""The keys of a range, listed by the database in its order, and the ranges between any two of their rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loaders.database.catalog import StoredColumn
from loaders.database.key_ranges import key_texts
from loaders.source import Key, KeyRange

# The column of a listing that is the place of each key, the same for those that the database calls equal.
PLACE = "columnar place"


@dataclass(frozen=True)
class ListedKeys:
    """texts: a column a key part, a row a row of the range `within`. ends: after how many rows another key begins, as
    the database compares; the last is that of all rows."""

    within: KeyRange
    texts: pa.Table
    ends: np.ndarray

    @staticmethod
    def of(listing: pa.Table, columns: Sequence[StoredColumn], within: KeyRange) -> ListedKeys:
        """Of what KeyRanges.listing gave, with PLACE where keys may be equal whose texts are not."""
        texts = key_texts(listing, columns)
        if within.null_keys:  # one page: nothing lies between them
            return ListedKeys(within, texts, np.array([len(texts)]))
        if PLACE in listing.column_names:
            other = np.diff(np.asarray(listing[PLACE])) != 0
        else:
            other = np.zeros(max(0, len(texts) - 1), np.bool_)
            for column in texts.columns:
                values = column.combine_chunks()
                other |= np.asarray(pc.not_equal(values[1:], values[:-1]))
        return ListedKeys(within, texts, np.append(np.flatnonzero(other) + 1, len(texts)))

    def end_of_key(self, rows: int) -> int:
        """So many rows, and those that share the last one's key."""
        return int(self.ends[np.searchsorted(self.ends, rows)])

    def end_within(self, start: int, stop: int) -> int:
        """The last row up to `stop` that another key follows; beyond it where one key has more rows than that."""
        earlier = int(np.searchsorted(self.ends, stop, "right")) - 1
        fits = earlier >= 0 and self.ends[earlier] > start
        return int(self.ends[earlier]) if fits else self.end_of_key(start + 1)

    def between(self, start: int, stop: int) -> KeyRange:
        """The range of some rows; that of all rows is as it was asked for."""
        within = self.within
        if not start and stop == len(self.texts):
            return within
        low, low_inclusive = (self._key(start - 1), False) if start else (within.low, within.low_inclusive)
        if stop == len(self.texts):
            return KeyRange(low, within.high, low_inclusive, within.high_inclusive)
        return KeyRange(low, self._key(stop - 1), low_inclusive)

    def _key(self, row: int) -> Key:
        return tuple(column[row].as_py() for column in self.texts.columns)
