"""The decisions about duplicates, against plain sequential Python."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from transforms.duplicates import (
    DECISION_SCHEMA,
    KEYS_SCHEMA,
    PROBLEMS_SCHEMA,
    TIES_SCHEMA,
    canonical_keys,
    decide,
    root_keys,
    source_key_ties,
)

Row = dict[str, Any]
FINGERPRINT = pa.binary(32)


def _fingerprint(letter: str | None) -> bytes | None:
    return None if letter is None else letter.encode() * 32


# --- canonical keys


@settings(max_examples=80)
@given(st.lists(st.tuples(st.none() | st.text(max_size=6), st.none() | st.integers(-5, 5)), max_size=8))
@example([('"],["', 1), ("\\", 2), ("\x00\x1f\x7f  ", 3), ("é\U0001f600", 4)])
def test_keys_are_json_arrays_of_texts(rows: list[tuple[str | None, int | None]]) -> None:
    table = pa.table(
        {"a": pa.array([a for a, _ in rows], pa.string()), "b": pa.array([b for _, b in rows], pa.int16())}
    )
    for key, (a, b) in zip(canonical_keys(table, ["a", "b"]).to_pylist(), rows, strict=True):
        if a is None or b is None:
            assert key is None
        else:
            assert json.loads(key) == [a, str(b)]
            if a.isprintable():
                assert key == json.dumps([a, str(b)], separators=(",", ":"), ensure_ascii=False)


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (pa.int8(), -5, "-5"),
        (pa.int64(), 9_223_372_036_854_775_807, "9223372036854775807"),
        (pa.bool_(), True, "true"),
        (pa.string(), "007", "007"),
        (pa.large_string(), " a ", " a "),
        (pa.date32(), dt.date(24, 1, 2), "0024-01-02"),
        (pa.time64("us"), dt.time(1, 2, 3, 4), "01:02:03.000004"),
        (pa.timestamp("us"), dt.datetime(2024, 1, 2), "2024-01-02T00:00:00.000000"),
        (pa.timestamp("us", "UTC"), dt.datetime(2024, 1, 2, 3, 4, 5, 6, dt.UTC), "2024-01-02T03:04:05.000006"),
        (pa.decimal128(12, 10), Decimal("0.0000000001"), "0.0000000001"),
        (
            pa.decimal128(38, 2),
            Decimal("-12345678901234567890123456789012345.5"),
            "-12345678901234567890123456789012345.50",
        ),
        (pa.decimal128(5, 0), Decimal(7), "7"),
        (pa.float64(), -0.0, "0.0"),
        (pa.float64(), 0.1, "0.1"),
        (pa.binary(), b"\x00\xff", "00ff"),
        (pa.binary(2), b"\x00\xff", "00ff"),
    ],
)
def test_canonical_text_by_type(kind: pa.DataType, value: object, text: str) -> None:
    table = pa.table({"k": pa.array([value], kind)})
    assert canonical_keys(table, ["k"]).to_pylist() == [json.dumps([text])]


@settings(max_examples=40)
@given(st.floats())
def test_float_text_reads_back(value: float) -> None:
    (key,) = canonical_keys(pa.table({"k": pa.array([value], pa.float64())}), ["k"]).to_pylist()
    assert repr(float(json.loads(key)[0])) == repr(value + 0.0)


def test_a_list_cannot_be_a_key() -> None:
    with pytest.raises(TypeError, match="'k'"):
        canonical_keys(pa.table({"k": pa.array([[1]])}), ["k"])
    with pytest.raises(ValueError, match="at least one"):
        canonical_keys(pa.table({"k": [1]}), [])


# --- root keys


@settings(max_examples=80)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["a", "b", None])), max_size=10),
    st.permutations(range(6)).flatmap(lambda p: st.integers(0, 6).map(lambda n: p[:n])),
)
def test_root_keys_equal_a_plain_grouping(rows: list[tuple[int, str | None]], candidates: Sequence[int]) -> None:
    table = pa.table(
        {
            "_document": pa.array([d for d, _ in rows], pa.int64()),
            "k": pa.array([k for _, k in rows], pa.string()),
            "n": pa.array([1] * len(rows), pa.int8()),
        }
    )
    found = root_keys(table, ["k", "n"], pa.array(candidates, pa.int64()))
    assert found.keys.schema == KEYS_SCHEMA
    assert found.problems.schema == PROBLEMS_SCHEMA
    keys, problems = [], []
    for document in candidates:
        mine = [k for d, k in rows if d == document]
        if not mine or None in mine:
            problems.append((document, "null_key"))
        elif len(set(mine)) > 1:
            problems.append((document, "several_keys"))
        else:
            keys.append((document, json.dumps([mine[0], "1"], separators=(",", ":"))))
    assert [tuple(row.values()) for row in found.keys.to_pylist()] == keys
    assert [(row["document"], row["reason"]) for row in found.problems.to_pylist()] == problems


def test_root_keys_say_what_is_wrong() -> None:
    keys = ["h", "b", "a", "b", "g", "f", "e", "d", "c"]
    table = pa.table({"_document": [0] * 9 + [1, 1], "k": [*keys, None, "x"]})
    found = root_keys(table, ["k"], pa.array([0, 1, 2]))
    assert [row["detail"] for row in found.problems.to_pylist()] == [
        '8 keys: ["h"], ["b"], ["a"]',
        "NULL in the key (k) of 1 row(s)",
        "no row in the root table",
    ]
    nothing = root_keys(None, ["k"], pa.array([3], pa.int64()))
    assert nothing.keys.num_rows == 0
    assert nothing.problems.column("reason").to_pylist() == ["null_key"]


# --- decide


def _candidates(rows: Sequence[Row]) -> pa.Table:
    return pa.table(
        {
            "document": pa.array([100 + i for i in range(len(rows))], pa.int64()),
            "source_key": pa.array([f"s{i}" for i in range(len(rows))], pa.string()),
            "key": pa.array([row["key"] for row in rows], pa.string()),
            "fingerprint": pa.array([_fingerprint(row["content"]) for row in rows], FINGERPRINT),
        }
    )


def _staged(rows: Sequence[Row]) -> pa.Table:
    return pa.table(
        {
            "key": pa.array([row["key"] for row in rows], pa.string()),
            "fingerprint": pa.array([_fingerprint(row["content"]) for row in rows], FINGERPRINT),
            "source_key": pa.array([row["source_key"] for row in rows], pa.string()),
            "where": pa.array([row["where"] for row in rows], pa.string()),
        }
    )


def _preference(candidate: Row, staged: Row) -> tuple[object, ...]:
    known = staged["content"] is not None
    same = known and staged["content"] == candidate["content"]
    return not same, not known, staged["where"] != "target", staged["source_key"] is None, staged["source_key"] or ""


def _class(candidate: Row, winner: Row) -> str:
    if candidate["content"] is None or winner["content"] is None:
        return "unknown_content"
    return "same_content" if candidate["content"] == winner["content"] else "different_content"


def _oracle(candidates: Sequence[Row], staged: Sequence[Row], by_fingerprint: bool) -> list[tuple[object, ...]]:
    """One candidate after the other, as the rule is written."""
    result: list[tuple[object, ...]] = []
    winners: list[Row] = []
    for i, row in enumerate(candidates):
        row = {**row, "source_key": f"s{i}", "where": "chunk"}
        match, rule = None, "key"
        if row["key"] is not None:
            match = min(
                (s for s in staged if s["key"] == row["key"]), key=lambda s, row=row: _preference(row, s), default=None
            ) or next((w for w in winners if w["key"] == row["key"]), None)
        if match is None and by_fingerprint and row["content"] is not None:
            rule = "fingerprint"
            match = min(
                (s for s in staged if s["content"] == row["content"]),
                key=lambda s, row=row: _preference(row, s),
                default=None,
            ) or next((w for w in winners if w["content"] == row["content"]), None)
        if match is None:
            winners.append(row)
            result.append((100 + i, "load", None, None, None, None))
        else:
            result.append((100 + i, "duplicate", _class(row, match), match["where"], match["source_key"], rule))
    return result


KEY = st.none() | st.sampled_from("123")
CONTENT = st.none() | st.sampled_from("abc")
CANDIDATE = st.fixed_dictionaries({"key": KEY, "content": CONTENT})
STAGED = st.fixed_dictionaries(
    {
        "key": KEY,
        "content": CONTENT,
        "source_key": st.none() | st.sampled_from("xyz"),
        "where": st.sampled_from(["target", "run"]),
    }
)


@settings(max_examples=250)
@given(st.lists(CANDIDATE, max_size=9), st.lists(STAGED, max_size=3), st.booleans())
@example(
    [{"key": k, "content": c} for k, c in ("1a", "1b", "2b")], [], True
)  # the second loses by key, so the third does not lose to it
@example([{"key": k, "content": c} for k, c in ("1a", "2a", "2b")], [], True)  # and the other way round
def test_decisions_equal_the_sequential_rule(candidates: list[Row], staged: list[Row], by_fingerprint: bool) -> None:
    decided = decide(_candidates(candidates), _staged(staged), by_fingerprint=by_fingerprint)
    assert decided.schema == DECISION_SCHEMA
    assert [tuple(row.values()) for row in decided.to_pylist()] == _oracle(candidates, staged, by_fingerprint)


def test_a_staged_key_wins_over_an_earlier_candidate_and_names_the_best_winner() -> None:
    staged = [
        {"key": "1", "content": "z", "source_key": "a", "where": "target"},
        {"key": "1", "content": "a", "source_key": "c", "where": "run"},
        {"key": "1", "content": "a", "source_key": "b", "where": "run"},
    ]
    decided = decide(_candidates([{"key": "1", "content": "a"}, {"key": "1", "content": "q"}]), _staged(staged))
    assert [tuple(row.values())[1:] for row in decided.to_pylist()] == [
        ("duplicate", "same_content", "run", "b", "key"),
        ("duplicate", "different_content", "target", "a", "key"),
    ]


# --- source keys


@settings(max_examples=120)
@given(st.lists(st.tuples(KEY, CONTENT), max_size=10))
def test_source_key_ties_equal_a_plain_grouping(rows: list[tuple[str | None, str | None]]) -> None:
    ties = source_key_ties(
        pa.array([key for key, _ in rows], pa.string()), pa.array([_fingerprint(c) for _, c in rows], FINGERPRINT)
    )
    assert ties.schema == TIES_SCHEMA
    expected: list[tuple[int, str, int | None]] = []
    for i, (key, _) in enumerate(rows):
        group = [j for j, (other, _) in enumerate(rows) if key is not None and other == key]
        if len({rows[j][1] for j in group}) > 1:
            expected.append((i, "duplicate_source_key", None))
        elif group and group[0] < i:
            expected.append((i, "duplicate", group[0]))
        else:
            expected.append((i, "candidate", None))
    assert [tuple(row.values()) for row in ties.to_pylist()] == expected
