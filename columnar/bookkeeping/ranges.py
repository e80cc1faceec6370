"""Which source keys are covered by stored ranges. Keys are compared by the source, so bounds are ranked there first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from loaders.source import Key, KeyRange

Rank = Callable[[Sequence[Key]], list[int]]
# A place between keys: (rank, 0) just before the keys of that rank, (rank, 1) just after them.
_Place = tuple[float, int]
_START: _Place = (float("-inf"), 0)
_END: _Place = (float("inf"), 1)


@dataclass(frozen=True, slots=True)
class StoredRange:
    """A chunk: a range cut once, by its number."""

    chunk: int
    range: KeyRange
    rows_when_cut: int


class RankedRanges:
    """Ranges whose bounds the source has ranked once, so that they can be ordered, subtracted and intersected here."""

    def __init__(self, ranges: Sequence[KeyRange], rank: Rank) -> None:
        bounds = list(dict.fromkeys(bound for each in ranges for bound in (each.low, each.high) if bound is not None))
        self._rank = dict(zip(bounds, rank(bounds), strict=True))

    def start(self, of: KeyRange) -> _Place:
        """Where a range begins."""
        return _START if of.low is None else (self._rank[of.low], 0 if of.low_inclusive else 1)

    def end(self, of: KeyRange) -> _Place:
        """Where a range ends."""
        return _END if of.high is None else (self._rank[of.high], 1 if of.high_inclusive else 0)

    def overlap(self, one: KeyRange, other: KeyRange) -> bool:
        """Whether two ranges can share a key."""
        return max(self.start(one), self.start(other)) < min(self.end(one), self.end(other))

    def uncovered(self, selection: KeyRange, covered: Sequence[KeyRange]) -> list[KeyRange]:
        """What of the selection no range covers, in order."""
        gaps: list[KeyRange] = []
        low, low_inclusive, place = selection.low, selection.low_inclusive, self.start(selection)
        for each in sorted((one for one in covered if self.start(one) < self.end(one)), key=self.start):
            if self.start(each) >= self.end(selection):
                break
            if self.start(each) > place:
                gaps.append(KeyRange(low, each.low, low_inclusive=low_inclusive, high_inclusive=not each.low_inclusive))
            if self.end(each) > place:
                low, low_inclusive, place = each.high, not each.high_inclusive, self.end(each)
        if place < self.end(selection):
            gaps.append(
                KeyRange(low, selection.high, low_inclusive=low_inclusive, high_inclusive=selection.high_inclusive)
            )
        return gaps


def in_source_order(stored: Sequence[StoredRange], rank: Rank) -> list[StoredRange]:
    """Chunks in the order of their keys; that of the NULL keys last."""
    ranked = RankedRanges([each.range for each in stored if not each.range.null_keys], rank)
    return sorted(
        stored, key=lambda each: (each.range.null_keys, _START if each.range.null_keys else ranked.start(each.range))
    )


def gaps(selection: KeyRange, stored: Sequence[StoredRange], rank: Rank) -> list[KeyRange]:
    """The parts of a selection that no stored range covers."""
    covered = [each.range for each in stored if not each.range.null_keys]
    return RankedRanges([selection, *covered], rank).uncovered(selection, covered)


def selected(selection: KeyRange, stored: Sequence[StoredRange], rank: Rank) -> list[StoredRange]:
    """The chunks that overlap a selection, whole; that of the NULL keys belongs to a selection without bounds only."""
    everything = selection.low is None and selection.high is None
    ranked = RankedRanges([selection, *(each.range for each in stored if not each.range.null_keys)], rank)
    return [each for each in stored if (everything if each.range.null_keys else ranked.overlap(selection, each.range))]
