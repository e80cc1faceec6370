"""Several integers as one, in whose order theirs is kept: first by the first of them, then by the second, and so on."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

# Where an int64 would grow past this, its values are numbered anew, without gaps.
_MOST = 2**62


@dataclass(frozen=True, slots=True)
class Numbers:
    """One integer for every row that chooses (`ours`) and for every candidate (`theirs`): comparable with each other,
    0 or more, below `bound`. Null where one of the integers that went into it is."""

    ours: pl.Series
    theirs: pl.Series
    bound: int

    def then(self, ours: pl.Series | int, theirs: pl.Series) -> Numbers:
        """With another integer behind it, 0 or more on both sides."""
        width = _above(theirs) if isinstance(ours, int) else max(_above(ours), _above(theirs))
        numbers = self if self.bound * width <= _MOST else self._anew()
        return Numbers(numbers.ours * width + ours, numbers.theirs * width + theirs, numbers.bound * width)

    def _anew(self) -> Numbers:
        both = pl.concat([self.ours, self.theirs]).rank("dense").cast(pl.Int64)
        return Numbers(both.head(len(self.ours)), both.tail(len(self.theirs)), _above(both))


def numbers(ours: pl.Series, theirs: pl.Series) -> Numbers:
    """Numbers of one integer each, 0 or more."""
    return Numbers(ours, theirs, max(_above(ours), _above(theirs)))


def _above(values: pl.Series) -> int:
    return 1 + int(values.max() or 0)  # type: ignore[arg-type]  # they are integers
