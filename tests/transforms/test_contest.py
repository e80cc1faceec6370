"""Contests for a place, against plain sequential Python; and chunk by chunk against all at once."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.contest import Policies, Policy, contest
from transforms.duplicates import decide

Doc = tuple[str | None, str | None, int]  # key, content, merit
DOCS = st.lists(
    st.tuples(st.none() | st.sampled_from("abc"), st.none() | st.sampled_from("xyz"), st.integers(0, 3)), max_size=10
)
POLICIES = st.builds(Policies, st.sampled_from(Policy), st.sampled_from(Policy))


def content(letter: str | None) -> bytes | None:
    return None if letter is None else letter.encode() * 32


def candidates(docs: list[Doc], first: int = 0) -> pa.Table:
    return pa.table(
        {
            "document": pa.array(range(len(docs)), pa.int64()),
            "source_key": pa.array([f"s{first + at}" for at in range(len(docs))], pa.string()),
            "key": pa.array([key for key, _, _ in docs], pa.string()),
            "fingerprint": pa.array([content(each) for _, each, _ in docs], pa.binary()),
            "merit": pa.array([merit for _, _, merit in docs], pa.int64()),
        }
    )


def staged(rows: list[dict[str, Any]]) -> pa.Table:
    kinds = {
        "key": pa.string(),
        "fingerprint": pa.binary(),
        "source_key": pa.string(),
        "where": pa.string(),
        "merit": pa.int64(),
    }
    return pa.table({name: pa.array([row[name] for row in rows], kind) for name, kind in kinds.items()})


def model(docs: list[Doc], policies: Policies, by_fingerprint: bool) -> tuple[dict[str, int], list[str]]:
    """Who has each key in the end, and the outcome of each document."""
    holders: dict[str, int] = {}
    outcomes: list[str] = []
    for at, (key, print_, merit) in enumerate(docs):
        outcomes.append("load")
        if key is not None and key in holders:
            _, other, best = docs[holders[key]]
            same = "unknown" if None in (print_, other) else print_ == other
            policy = policies.different if same is False else policies.same
            if (policy is Policy.REPLACE and same is not True) or (policy is Policy.BEST and merit > best):
                outcomes[holders[key]] = "duplicate"
                holders[key] = at
            else:
                outcomes[at] = {Policy.FAIL: "fail", Policy.QUARANTINE: "conflict"}.get(policy, "duplicate")
            continue
        there = {docs[each][1] for each, outcome in enumerate(outcomes[:-1]) if outcome == "load"}
        if by_fingerprint and print_ is not None and print_ in there:
            outcomes[at] = "fail" if policies.same is Policy.FAIL else "duplicate"
        elif key is not None:
            holders[key] = at
    return holders, outcomes


@settings(max_examples=100, deadline=None)
@given(DOCS, POLICIES, st.booleans())
def test_one_after_the_other(docs: list[Doc], policies: Policies, by_fingerprint: bool) -> None:
    ended = contest(candidates(docs), staged([]), policies, by_fingerprint=by_fingerprint)
    holders, outcomes = model(docs, policies, by_fingerprint)
    assert ended.decisions["outcome"].to_pylist() == outcomes
    assert ended.decisions["document"].to_pylist() == list(range(len(docs)))
    assert not len(ended.replaced)
    for row, (key, _, _) in zip(ended.decisions.to_pylist(), docs, strict=True):
        if row["outcome"] == "duplicate" and row["rule"] == "key":
            assert row["winner_source_key"] == f"s{holders[str(key)]}"
        assert (row["winner_source_key"] is None) == (row["outcome"] == "load")


@settings(max_examples=60, deadline=None)
@given(DOCS, st.integers(1, 4), st.sampled_from([Policy.SKIP, Policy.REPLACE, Policy.BEST]), st.booleans())
def test_chunks_do_not_choose_who_has_the_key(docs: list[Doc], size: int, policy: Policy, by_fingerprint: bool) -> None:
    holders, _ = model(docs, Policies(policy, policy), by_fingerprint)
    known: dict[str, dict[str, Any]] = {}  # by source key
    for first in range(0, len(docs), size):
        chunk = docs[first : first + size]
        ended = contest(
            candidates(chunk, first),
            staged(list(known.values())),
            Policies(policy, policy),
            by_fingerprint=by_fingerprint,
        )
        for row in ended.replaced.to_pylist():
            assert known.pop(row["source_key"])["key"] == row["key"]
            assert ended.decisions["outcome"][row["document"]].as_py() == "load"
        for at, outcome in enumerate(ended.decisions["outcome"].to_pylist()):
            if outcome == "load":
                key, print_, merit = chunk[at]
                source = f"s{first + at}"
                known[source] = {
                    "key": key, "fingerprint": content(print_), "source_key": source, "where": "run", "merit": merit,
                }  # fmt: skip
    assert {row["key"]: source for source, row in known.items() if row["key"] is not None} == {
        key: f"s{at}" for key, at in holders.items()
    }


@settings(max_examples=100, deadline=None)
@given(DOCS, DOCS, st.booleans())
def test_where_all_is_skipped_it_is_what_decide_says(docs: list[Doc], before: list[Doc], by_fingerprint: bool) -> None:
    rows = [
        {"key": key, "fingerprint": content(print_), "source_key": f"t{at}", "where": "target", "merit": 0}
        for at, (key, print_, _) in enumerate(before)
    ]
    table, known = candidates(docs), staged(rows)
    ended = contest(table, known, Policies(), by_fingerprint=by_fingerprint)
    assert ended.decisions.equals(decide(table, known, by_fingerprint=by_fingerprint))


def test_one_that_was_there_before_is_replaced() -> None:
    before = [{"key": "a", "fingerprint": content("x"), "source_key": "t", "where": "target", "merit": 1}]
    ended = contest(candidates([("a", "y", 0), ("a", "x", 5)]), staged(before), Policies(Policy.BEST, Policy.BEST))
    assert ended.decisions.to_pylist()[0] == {
        "document": 0,
        "outcome": "duplicate",
        "class": "different_content",
        "place": "chunk",
        "winner_source_key": "s1",
        "rule": "key",
    }
    assert ended.replaced.to_pylist() == [
        {"document": 1, "key": "a", "source_key": "t", "fingerprint": content("x"), "class": "same_content"}
    ]


def test_policies() -> None:
    assert Policies().only_skip
    assert not Policies().replaces
    assert Policies(Policy.SKIP, Policy.REPLACE).replaces
    assert not Policies(Policy.FAIL, Policy.QUARANTINE).replaces
    with pytest.raises(ValueError, match="sometimes"):
        Policy("sometimes")
