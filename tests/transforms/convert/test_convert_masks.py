"""Masks made from the bits of arrays, wherever in their buffers the arrays begin."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from transforms.convert.masks import differs, mask_of, with_nulls

flags = st.lists(st.none() | st.booleans(), max_size=40)
texts = st.lists(st.none() | st.text("ab", max_size=2), max_size=40)


@given(flags, st.integers(0, 20))
def test_null_counts_as_false(values: list[bool | None], start: int) -> None:
    mask = mask_of(pa.array(values, pa.bool_()).slice(start))
    assert mask.null_count == 0
    assert mask.to_pylist() == [bool(value) for value in values[start:]]


@given(texts, st.integers(0, 20), st.data())
def test_texts_become_null_where_the_mask_is_true(values: list[str | None], start: int, data: st.DataObject) -> None:
    array = pa.array(values, pa.string()).slice(start)
    mask = data.draw(st.lists(st.booleans(), min_size=len(array), max_size=len(array)))
    result = with_nulls(array, pa.array(mask, pa.bool_()))
    result.validate(full=True)
    assert result.to_pylist() == [None if gone else value for value, gone in zip(values[start:], mask, strict=True)]


@given(texts, texts)
def test_null_differs_from_everything_but_null(one: list[str | None], other: list[str | None]) -> None:
    length = min(len(one), len(other))
    found = differs(pa.array(one[:length], pa.string()), pa.array(other[:length], pa.string()))
    assert found.to_pylist() == [left != right for left, right in zip(one, other, strict=False)]
