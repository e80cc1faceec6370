"""Canonical fingerprints: of the rows, whatever the batch, the order of columns and the width of types."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.canonical import canonical_fingerprints
from transforms.duplicates import canonical_keys
from transforms.fingerprint import FINGERPRINT_TYPE

ROWS = st.lists(
    st.tuples(st.integers(0, 4), st.none() | st.text(max_size=3), st.none() | st.integers(-5, 5)), max_size=12
)


def table(rows: list[tuple[int, str | None, int | None]]) -> pa.Table:
    ordered = sorted(rows, key=lambda row: row[0])
    return pa.table(
        {
            "_document": pa.array([row[0] for row in ordered], pa.int64()),
            "a": pa.array([row[1] for row in ordered], pa.string()),
            "b": pa.array([row[2] for row in ordered], pa.int64()),
        }
    )


def spelt(name: str, rows: list[tuple[int, str | None, int | None]], document: int) -> bytes | None:
    """The format as the module's docstring has it, written once more."""
    mine = [row[1:] for row in sorted(rows, key=lambda row: row[0]) if row[0] == document]
    if not mine:
        return None

    def net(text: str) -> bytes:
        return str(len(text.encode())).encode() + b":" + text.encode()

    text = b"T" + net(name) + b"C" + net("a") + b"s" + b"C" + net("b") + b"n"
    for row in mine:
        text += b"R" + b"".join(b"-" if value is None else net(str(value)) for value in row)
    return hashlib.sha256(text).digest()


@settings(deadline=None, max_examples=80)
@given(ROWS)
def test_what_is_hashed(rows: list[tuple[int, str | None, int | None]]) -> None:
    found = canonical_fingerprints({"t": table(rows), "none": table([])}, 5)
    assert found.type == FINGERPRINT_TYPE
    assert found.to_pylist() == [spelt("t", rows, document) for document in range(5)]


@settings(deadline=None, max_examples=40)
@given(ROWS, ROWS)
def test_what_else_is_in_the_batch_makes_no_difference(one: list, other: list) -> None:
    tables = {"t": table(one), "u": table(other)}
    together = canonical_fingerprints(tables, 5).to_pylist()
    for document in range(5):
        alone = {
            name: table([(0, *row[1:]) for row in rows if row[0] == document])
            for name, rows in (("u", other), ("t", one))
        }
        assert canonical_fingerprints(alone, 1).to_pylist() == [together[document]]


def fingerprint(**columns: pa.Array) -> bytes:
    document = pa.array([0] * len(next(iter(columns.values()))), pa.int64())
    return canonical_fingerprints({"t": pa.table({"_document": document, **columns})}, 1)[0].as_py()


def test_the_width_of_a_type_and_the_order_of_columns_make_no_difference() -> None:
    one, two = pa.array(["x"]), pa.array([5], pa.int64())
    assert fingerprint(a=one, b=two) == fingerprint(b=two, a=one)
    assert fingerprint(a=two) == fingerprint(a=two.cast(pa.int8())) == fingerprint(a=two.cast(pa.decimal128(25, 3)))
    assert fingerprint(a=one) == fingerprint(a=one.cast(pa.large_string()))
    assert fingerprint(a=pa.array([Decimal("1.50")])) == fingerprint(
        a=pa.array([Decimal("1.5000")], pa.decimal128(30, 9))
    )
    assert fingerprint(a=pa.array([Decimal("0.00")])) == fingerprint(a=pa.array([0]))
    assert fingerprint(a=pa.array([Decimal("100.00")])) == fingerprint(a=pa.array([100]))
    assert fingerprint(a=pa.array([-0.0])) == fingerprint(a=pa.array([0.0]))
    seconds = pa.array([datetime(2024, 1, 1, tzinfo=UTC)], pa.timestamp("s", "UTC"))
    assert fingerprint(a=seconds) == fingerprint(a=seconds.cast(pa.timestamp("us", "UTC")))


def test_what_makes_a_difference() -> None:
    arrays = [
        pa.array(["1"]),
        pa.array([1]),
        pa.array([1.0]),
        pa.array([b"1"]),
        pa.array([True]),
        pa.array([None], pa.string()),
        pa.array([""]),
        pa.array(["-"]),
        pa.array(["1", "1"]),
        pa.array([date(2024, 1, 1)]),
        pa.array([datetime(2024, 1, 1)]),
        pa.array([datetime(2024, 1, 1, tzinfo=UTC)]),
        pa.array([time(1)]),
        pa.array(["2024-01-01"]),
    ]
    prints = [fingerprint(a=array) for array in arrays] + [fingerprint(b=arrays[0])]
    assert len(set(prints)) == len(prints)
    # what stands in which column, whatever characters it holds
    assert fingerprint(a=pa.array(["x"]), b=pa.array(["y1:z"])) != fingerprint(a=pa.array(["xy1:z"]), b=pa.array([""]))


def test_columns_that_are_left_out() -> None:
    first = {"t": pa.table({"_document": [0], "_line": [7], "id": [1], "v": ["x"]})}
    other = {"t": pa.table({"_document": [0], "_line": [9], "id": [2], "v": ["x"]})}
    without = {"t": {"id"}}
    assert canonical_fingerprints(first, 1, without=without) == canonical_fingerprints(other, 1, without=without)
    assert canonical_fingerprints(first, 1) != canonical_fingerprints(other, 1)


def test_no_rows_no_fingerprint() -> None:
    assert canonical_fingerprints({}, 2).to_pylist() == [None, None]
    assert canonical_fingerprints({"t": table([])}, 0).to_pylist() == []


def test_other_types_are_refused() -> None:
    with pytest.raises(TypeError, match="'a' of type List"):
        fingerprint(a=pa.array([["x"]]))


def test_zero_is_one_key() -> None:
    assert canonical_keys(pa.table({"f": [-0.0, 0.0]}), ["f"]).to_pylist() == ['["0.0"]'] * 2
