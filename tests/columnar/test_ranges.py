"""Gaps and overlaps of ranges, against plain membership."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from columnar.bookkeeping.ranges import RankedRanges, StoredRange, gaps, in_source_order, selected
from loaders.source import NULL_KEYS, Key, KeyRange

KEYS = st.integers(0, 12)


def rank(keys: Sequence[Key]) -> list[int]:
    """Numbers as a source would order them: 9 before 10, whatever their texts say."""
    order = sorted({int(key[0]) for key in keys})
    return [order.index(int(key[0])) for key in keys]


def holds(within: KeyRange, key: int) -> bool:
    low = None if within.low is None else int(within.low[0])
    high = None if within.high is None else int(within.high[0])
    above = low is None or key > low or (within.low_inclusive and key == low)
    return above and (high is None or key < high or (within.high_inclusive and key == high))


@st.composite
def ranges(draw: st.DrawFn) -> KeyRange:
    low, high = sorted((draw(KEYS), draw(KEYS)))
    return KeyRange(
        None if draw(st.booleans()) and draw(st.booleans()) else (str(low),),
        None if draw(st.booleans()) and draw(st.booleans()) else (str(high),),
        low_inclusive=draw(st.booleans()),
        high_inclusive=draw(st.booleans()),
    )


@given(ranges(), st.lists(ranges(), max_size=5))
def test_gaps_hold_what_nothing_covers_once(selection: KeyRange, covered: list[KeyRange]) -> None:
    stored = [StoredRange(at, each, 0) for at, each in enumerate(covered)]
    found = gaps(selection, [*stored, StoredRange(99, NULL_KEYS, 0)], rank)
    for key in range(-1, 14):
        wanted = holds(selection, key) and not any(holds(each, key) for each in covered)
        assert sum(holds(gap, key) for gap in found) == wanted, key


@given(ranges(), ranges())
def test_overlap(one: KeyRange, other: KeyRange) -> None:
    shared = any(holds(one, key) and holds(other, key) for key in range(-1, 14))
    if shared:
        assert RankedRanges([one, other], rank).overlap(one, other)


def test_chunks_stand_in_source_order_and_null_keys_last() -> None:
    stored = [
        StoredRange(1, KeyRange(("9",), ("10",)), 0),
        StoredRange(2, NULL_KEYS, 0),
        StoredRange(3, KeyRange(None, ("9",)), 0),
    ]
    assert [each.chunk for each in in_source_order(stored, rank)] == [3, 1, 2]


def test_a_selection_takes_whole_chunks() -> None:
    stored = [
        StoredRange(1, KeyRange(None, ("5",)), 0),
        StoredRange(2, KeyRange(("5",), ("9",)), 0),
        StoredRange(3, NULL_KEYS, 0),
    ]
    assert [each.chunk for each in selected(KeyRange(("3",), ("4",)), stored, rank)] == [1]
    assert [each.chunk for each in selected(KeyRange(("5",), ("7",)), stored, rank)] == [2]
    assert [each.chunk for each in selected(KeyRange(), stored, rank)] == [1, 2, 3]
