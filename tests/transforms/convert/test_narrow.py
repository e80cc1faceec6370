"""Numbers that SQL made become those of their column exactly as their texts would."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.contract.plan import ColumnType, TypeKind
from transforms.convert.narrow import narrowed
from transforms.convert.read import read
from transforms.convert.reading import ReadAs, Reading
from transforms.convert.rules import Reason

INT8 = ColumnType(TypeKind.INT, bits=8)
FLOAT = ColumnType(TypeKind.FLOAT)


def decimal(precision: int, scale: int) -> ColumnType:
    return ColumnType(TypeKind.DECIMAL, precision=precision, scale=scale)


def _told(reading: Reading) -> tuple[list[object], dict[str, list[bool]]]:
    masks = {**reading.problems, **reading.changes}
    return reading.values.to_pylist(), {str(name): mask.to_pylist() for name, mask in masks.items()}


@st.composite
def _decimals(draw: st.DrawFn) -> pa.Array:
    precision = draw(st.integers(1, 38))
    scale = draw(st.integers(0, precision))
    most = 10**precision - 1
    near = st.builds(lambda power, step, sign: sign * min(most, max(0, 10**power + step)),
                     st.integers(0, precision), st.integers(-6, 6), st.sampled_from([-1, 1]))  # fmt: skip
    unscaled = draw(st.lists(st.none() | st.integers(-most, most) | near, max_size=6))
    exact = [None if each is None else Decimal(f"{each}e-{scale}") for each in unscaled]
    return pa.array(exact, pa.decimal128(precision, scale))


TARGETS = st.builds(lambda bits: ColumnType(TypeKind.INT, bits=bits), st.sampled_from([8, 16, 32, 64])) | st.integers(
    1, 38
).flatmap(lambda precision: st.integers(0, precision).map(lambda scale: decimal(precision, scale)))


WHOLE = st.lists(st.none() | st.integers(-(2**63), 2**63 - 1)).map(lambda values: pa.array(values, pa.int64()))


@given(values=_decimals() | WHOLE, kind=TARGETS, rounds=st.booleans())
def test_numbers_become_what_their_texts_would(values: pa.Array, kind: ColumnType, rounds: bool) -> None:
    how = ReadAs(kind, round_half_up=rounds)
    exact = [None if each is None else f"{Decimal(each):f}" for each in values.to_pylist()]
    of_texts = read(pa.array(exact, pa.string()), how)
    of_numbers = narrowed(values, how)
    assert _told(of_numbers) == _told(of_texts)
    assert of_numbers.values.type == of_texts.values.type


def test_a_slice_is_read_from_its_start() -> None:
    values = pa.array([1, 1000, 3, None, -129, -128], pa.int64()).slice(1)
    reading = narrowed(values, ReadAs(INT8))
    assert reading.values.to_pylist() == [None, 3, None, None, -128]
    assert reading.problems[Reason.OUT_OF_RANGE].to_pylist() == [True, False, False, True, False]


@pytest.mark.parametrize("values", [pa.array([float("inf"), 1.5]), pa.array(["x"]), pa.array([], pa.float64())])
def test_all_else_stays_as_it_is(values: pa.Array) -> None:
    assert narrowed(values, ReadAs(FLOAT)).values is values
