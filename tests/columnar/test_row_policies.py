"""Rows whose key is there already, within a document, a chunk and across chunks, by the policy of their table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from columnar.bookkeeping.receipt import Receipt, from_json
from columnar.errors import JobError
from columnar.running.run import Run
from tests.columnar.policy_world import now
from tests.columnar.world import World

# Tags are shared by applications: a tag has one row, whoever brings it.
CONTRACT = """
version: 1
root: d
tables:
  app:
    rows: /d/app
    key: [id]
    columns:
      id: {path: "@id", type: int64}
  tag:
    rows: /d/app/tag
    parent: app
    key: [code]
    columns:
      code: "@code"
      text: "@text"
"""


def doc(app: int, *tags: tuple[str, str]) -> str:
    inner = "".join(f'<tag code="{code}" text="{text}"/>' for code, text in tags)
    return f'<d><app id="{app}">{inner}</app></d>'


def make_world(folder: Path, *docs: str, contract: str = CONTRACT) -> World:
    folder.mkdir(exist_ok=True)
    world = World(folder, contract=contract)
    world.insert(*enumerate(docs, 1))
    return world


def run(world: World, policy: str, *, chunk: int, **more: Any) -> Run:
    done = world.run(duplicates={"on": "app.id", "rows": {"tag": policy}, **more}, chunk={"rows": chunk})
    assert done.proof.holds
    return done


def tags(world: World) -> list[tuple[Any, ...]]:
    return world.query("SELECT id, code, text FROM tag ORDER BY ALL")


def receipt(world: World) -> Receipt:
    total = Receipt()
    for (text,) in world.query("SELECT receipt FROM columnar_ledger"):
        total.add(from_json(text))
    return total


DOCS = (
    doc(1, ("a", "1"), ("b", "1"), ("a", "1 again")),
    doc(2, ("b", "2"), ("c", "2")),
    doc(3, ("d", "3")),
    doc(4, ("c", "4"), ("d", "4")),
)


@pytest.mark.parametrize("chunk", [1, 2, 9])
def test_the_first_row_stays(tmp_path: Path, chunk: int) -> None:
    world = make_world(tmp_path, *DOCS)
    run(world, "skip", chunk=chunk)
    assert tags(world) == [(1, "a", "1"), (1, "b", "1"), (2, "c", "2"), (3, "d", "3")]
    assert receipt(world).changes == {"tag conflict_skipped": 4}


@pytest.mark.parametrize("chunk", [1, 2, 9])
def test_the_last_row_stays(tmp_path: Path, chunk: int) -> None:
    world = make_world(tmp_path, *DOCS)
    run(world, "last", chunk=chunk)
    assert tags(world) == [(1, "a", "1 again"), (2, "b", "2"), (4, "c", "4"), (4, "d", "4")]
    assert receipt(world).changes == {"tag conflict_replaced": 4}
    assert {outcome for outcome, *_ in now(world).values()} == {"loaded"}


@pytest.mark.parametrize("chunk", [1, 2, 9])
def test_the_document_is_rejected(tmp_path: Path, chunk: int) -> None:
    world = make_world(tmp_path, *DOCS)
    run(world, "reject_document", chunk=chunk)
    assert [now(world)[key][0] for key in "1234"] == ["quarantined", "loaded", "loaded", "quarantined"]
    assert tags(world) == [(2, "b", "2"), (2, "c", "2"), (3, "d", "3")]
    details = world.query("SELECT reason, detail FROM columnar_document WHERE reason IS NOT NULL ORDER BY source_key")
    assert details == [
        ("repeated_row", 'a row of tag with the key ["a"] is there already'),
        ("repeated_row", 'a row of tag with the key ["c"] is there already'),
    ]
    assert receipt(world).reasons == {"repeated_row": 2}


def test_rows_that_were_there_before_the_job(tmp_path: Path) -> None:
    for policy, expected in (
        ("skip", [(0, "a", "old")]),
        ("last", [(1, "a", "new")]),
        ("reject_document", [(0, "a", "old")]),
    ):
        world = make_world(tmp_path / policy, doc(1, ("a", "new")))
        with world.target() as target:
            target.execute("CREATE TABLE tag (id BIGINT, code VARCHAR PRIMARY KEY, text VARCHAR)")
            target.execute("INSERT INTO tag VALUES (0, 'a', 'old')")
        run(world, policy, chunk=1)
        assert tags(world) == expected


@pytest.mark.parametrize("chunk", [1, 9])
def test_rows_of_a_replaced_document_make_room_and_are_no_conflict(tmp_path: Path, chunk: int) -> None:
    docs = (doc(1, ("a", "1"), ("b", "1")), doc(2, ("c", "2")), doc(1, ("a", "later")), doc(3, ("b", "3")))
    for policy in ("reject_document", "last"):
        world = make_world(tmp_path / policy, *docs)
        world.run(duplicates={"on": "app.id", "rows": {"tag": policy}, "policy": "replace"}, chunk={"rows": chunk})
        assert tags(world) == [(1, "a", "later"), (2, "c", "2"), (3, "b", "3")]


def test_a_document_that_the_target_refuses_leaves_no_row(tmp_path: Path) -> None:
    docs = (doc(1, ("a", "1")), doc(2, ("a", "bad")), doc(3, ("a", "3")), doc(4, ("a", "bad")))
    for policy, expected in (("skip", [(1, "a", "1")]), ("last", [(3, "a", "3")])):
        for chunk in (1, 9):
            world = make_world(tmp_path / f"{policy}{chunk}", *docs)
            with world.target() as target:
                target.execute(
                    "CREATE TABLE tag (id BIGINT, code VARCHAR PRIMARY KEY, text VARCHAR CHECK (text <> 'bad'))"
                )
            run(world, policy, chunk=chunk)
            assert tags(world) == expected


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xy")), max_size=3), max_size=6),
    st.sampled_from(["skip", "last", "reject_document"]),
    st.integers(1, 4),
)
def test_against_one_document_after_the_other(
    tmp_path_factory: pytest.TempPathFactory, listed: list[list[tuple[str, str]]], policy: str, chunk: int
) -> None:
    world = make_world(tmp_path_factory.mktemp("rows"), *(doc(app, *rows) for app, rows in enumerate(listed, 1)))
    run(world, policy, chunk=chunk)
    found: dict[str, tuple[int, str, str]] = {}
    for app, rows in enumerate(listed, 1):
        codes = [code for code, _ in rows]
        if policy == "reject_document" and (len(set(codes)) < len(codes) or found.keys() & set(codes)):
            continue
        for code, text in rows:
            if policy == "last" or code not in found:
                found[code] = (app, code, text)
    if listed:
        assert tags(world) == sorted(found.values())


def test_what_cannot_be_asked_for(tmp_path: Path) -> None:
    world = make_world(tmp_path, DOCS[0])
    for rows, message in (
        ({"tg": "skip"}, "loads no table tg"),
        ({"app": "last"}, "since tag is below it"),
    ):
        with pytest.raises(JobError, match=message):
            world.run(duplicates={"on": "app.id", "rows": rows})
    keyless = make_world(tmp_path / "keyless", DOCS[0], contract=CONTRACT.replace("    key: [code]\n", ""))
    with pytest.raises(JobError, match="has no key by which its rows are compared"):
        run(keyless, "skip", chunk=1)
    with pytest.raises(JobError, match="cannot put rows in place of others"):
        world.run(duplicates={"on": "app.id", "rows": {"tag": "last"}}, target={"url": "parquet:out"})


def test_a_parquet_target_skips_and_rejects_too(tmp_path: Path) -> None:
    world = make_world(tmp_path, *DOCS)
    done = world.run(
        duplicates={"on": "app.id", "rows": {"tag": "reject_document"}},
        target={"url": "parquet:out"},
        chunk={"rows": 1},
    )
    assert (done.receipt.loaded, done.receipt.quarantined) == (2, 2)
