"""What becomes of duplicates by the job's policy; and that neither workers nor timing nor chunks choose the winner."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from columnar.bookkeeping.receipt import from_json
from columnar.cli.run_text import outcome_lines
from columnar.dedupe.explain_job import explain_of_job
from columnar.errors import DuplicateError, ExitCode, JobError, exit_code
from columnar.jobs.options import RunOptions
from columnar.looking.status import job_status
from columnar.running.plan_run import plan_run
from columnar.running.run import Run
from tests.columnar.policy_world import CONTRACT, REFERRING, Doc, books, held, make_world, now, rows_of
from tests.columnar.world import World
from transforms.errors import ContractError

A, B, C = Doc(1), Doc(1, 2, "b", (2, 1)), Doc(1, 3, "c", ())


def run(world: World, options: RunOptions | None = None, *, chunk: int = 2, **duplicates: Any) -> Run:
    spec = {"on": "app.id", **duplicates}
    done = world.run(options, duplicates=spec, chunk={"rows": chunk})
    assert done.proof.holds
    return done


@pytest.mark.parametrize("contract", [CONTRACT, REFERRING], ids=["apart", "referring"])
@pytest.mark.parametrize("chunk", [1, 2, 9])
def test_the_later_document_replaces_the_earlier_one(tmp_path: Path, contract: str, chunk: int) -> None:
    docs = [A, Doc(2), B, Doc(3, 1, "x", (1, 1, 1)), C, Doc(3, 5, "y", (1,))]
    world = make_world(tmp_path, docs, contract=contract)
    done = run(world, chunk=chunk, policy="replace")
    assert held(world) == rows_of([docs[1], C, docs[5]])
    assert (done.proof.loaded, done.proof.duplicate, done.proof.quarantined) == (3, 3, 0)
    became = now(world)
    assert [became[key][0] in ("lost", "duplicate") for key in "123456"] == [True, False, True, True, False, False]
    assert became["4"][-1] == "6"
    status = job_status(world.job(duplicates={"on": "app.id", "policy": "replace"}))
    assert (status.receipt.loaded, status.receipt.duplicate) == (3, 3)
    again = run(world, chunk=chunk, policy="replace")
    assert again.chunks == 0


def test_what_was_there_before_the_job_is_replaced_too(tmp_path: Path) -> None:
    world = make_world(tmp_path, [C, Doc(2)])
    with world.target() as target:
        target.execute("CREATE TABLE app (id BIGINT PRIMARY KEY, version INTEGER, name VARCHAR)")
        target.execute("CREATE TABLE item (id BIGINT, no INTEGER, name VARCHAR, PRIMARY KEY (id, no))")
        target.execute("INSERT INTO app VALUES (1, 0, 'old'), (7, 0, 'stays')")
        target.execute("INSERT INTO item VALUES (1, 1, 'old'), (7, 1, 'stays')")
    run(world, policy="replace")
    found = held(world)
    assert found["app"] == [(1, 3, "c"), (2, 1, "a"), (7, 0, "stays")]
    assert found["item"] == [(2, 1, "a"), (7, 1, "stays")]
    assert books(world)["replaced"] == [(1, 0, '{"app": 1, "item": 1}', None, None, '["1"]', "unknown_content", "1")]


def test_the_same_content_never_replaces(tmp_path: Path) -> None:
    spaced = Doc(1, spaced=True)
    world = make_world(tmp_path, [A, A, spaced])
    run(world, chunk=1, policy="replace", fingerprint="canonical")
    assert [(row[1], row[9]) for row in books(world)["documents"]] == [
        ("loaded", None),
        ("duplicate", "same_content"),
        ("duplicate", "same_content"),
    ]
    assert books(world)["replaced"] == []


def test_canonical_content_and_bytes(tmp_path: Path) -> None:
    docs = [A, Doc(1, spaced=True), B]
    by_rows = make_world(tmp_path / "rows", docs)
    by_bytes = make_world(tmp_path / "bytes", docs)
    run(by_rows, fingerprint="canonical")
    run(by_bytes, fingerprint="raw")
    classes = "SELECT class FROM columnar_document ORDER BY source_key"
    assert by_rows.query(classes) == [(None,), ("same_content",), ("different_content",)]
    assert by_bytes.query(classes) == [(None,), ("different_content",), ("different_content",)]
    assert len(by_rows.query("SELECT DISTINCT content FROM columnar_document")) == 2
    assert by_bytes.query("SELECT DISTINCT content FROM columnar_document") == [(None,)]


def test_the_same_content_under_another_key(tmp_path: Path) -> None:
    """Columns that are no content, and their copies below, do not count."""
    docs = [A, Doc(2), Doc(3, 1, "other")]
    world = make_world(tmp_path, docs)
    run(world, chunk=1, fingerprint="canonical", ignore="app.id")
    assert now(world) == {"1": ("loaded",), "2": ("duplicate", "1"), "3": ("loaded",)}
    assert world.query("SELECT rule, class, place FROM columnar_document WHERE outcome = 'duplicate'") == [
        ("fingerprint", "same_content", "run")
    ]
    apart = make_world(tmp_path / "apart", docs)
    run(apart, chunk=1, fingerprint="canonical")
    assert {each[0] for each in now(apart).values()} == {"loaded"}


@pytest.mark.parametrize("chunk", [1, 9])
def test_conflicts_go_to_quarantine(tmp_path: Path, chunk: int) -> None:
    world = make_world(tmp_path, [A, Doc(1, spaced=True), B])
    done = run(world, chunk=chunk, fingerprint="canonical", conflicts="quarantine")
    assert now(world) == {"1": ("loaded",), "2": ("duplicate", "1"), "3": ("quarantined", "conflict", "1")}
    assert world.query("SELECT detail FROM columnar_document WHERE outcome = 'quarantined'") == [
        ('document 1 has the key ["1"] and another content',)
    ]
    assert done.exit_code is ExitCode.QUARANTINE
    assert done.receipt.reasons == {"conflict": 1}


@pytest.mark.parametrize("chunk", [1, 9])
def test_a_duplicate_ends_the_run_where_there_must_be_none(tmp_path: Path, chunk: int) -> None:
    world = make_world(tmp_path, [Doc(2), A, Doc(1, spaced=True), B])
    with pytest.raises(
        DuplicateError, match=r'document 3 has the key of document 2 \(same content\): \["1"\]'
    ) as caught:
        run(world, chunk=chunk, fingerprint="canonical", policy="fail")
    assert (exit_code(caught.value), caught.value.code) == (4, "duplicate")
    assert held(world) == (rows_of([Doc(2), A]) if chunk == 1 else rows_of([]))
    with pytest.raises(DuplicateError, match=r"document 4 .* \(different content\)"):
        run(world, chunk=chunk, fingerprint="canonical", conflicts="fail")
    run(world, chunk=chunk, fingerprint="canonical")
    assert held(world) == rows_of([Doc(2), A])


@pytest.mark.parametrize("chunk", [1, 2, 9])
def test_the_last_by_a_column_stays(tmp_path: Path, chunk: int) -> None:
    docs = [
        Doc(1, 2, "two"),
        Doc(1, 5, "five"),
        Doc(1, 4, "four"),
        Doc(1, None, "none"),
        Doc(1, 5, "late"),
        Doc(2, None),
    ]
    for keep, wanted in (("last", docs[1]), ("first", docs[0])):
        world = make_world(tmp_path / keep, docs)
        run(world, chunk=chunk, keep=keep, by="app.version")
        assert held(world) == rows_of([wanted, docs[5]])
        other = make_world(tmp_path / f"{keep}-backwards", docs[::-1])
        run(other, chunk=chunk, keep=keep, by=["version", "app.name"])
        backwards = wanted if keep == "first" else docs[4]  # of two fives the later name
        assert held(other) == rows_of([backwards, docs[5]])


def test_a_winner_that_the_target_refuses_does_not_win(tmp_path: Path) -> None:
    world = make_world(tmp_path, [A, Doc(1, 666), B, Doc(1, 666, "d")])
    with world.target() as target:
        target.execute("CREATE TABLE app (id BIGINT PRIMARY KEY, version INTEGER CHECK (version <> 666), name VARCHAR)")
    run(world, chunk=2, policy="replace")
    assert held(world) == rows_of([B])
    became = now(world)
    assert became["2"] == became["4"] == ("quarantined", "rejected_by_target")
    assert became["1"] == ("lost", "3")


def test_replacing_across_generations(tmp_path: Path) -> None:
    world = make_world(tmp_path, [A, Doc(2)])
    run(world, policy="replace")
    with world.source() as source:
        source.execute("UPDATE docs SET doc = ? WHERE k = 1", [B.text])
    done = run(world, RunOptions(new_generation=True), policy="replace")
    assert held(world) == rows_of([B, Doc(2)])
    assert (done.proof.loaded, done.proof.duplicate) == (1, 1)
    with world.source() as source:
        source.execute("UPDATE docs SET doc = ? WHERE k = 1", [C.text])
    run(world, RunOptions(new_generation=True), policy="replace")
    assert held(world) == rows_of([C, Doc(2)])
    assert len(books(world)["replaced"]) == 2


class Killed(BaseException):
    pass


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_whatever_kills_it_the_model_holds(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    contract = data.draw(st.sampled_from([CONTRACT, REFERRING]))
    prices = st.lists(st.integers(0, 2), max_size=3).map(tuple)
    doc = st.builds(Doc, st.integers(1, 3), st.none() | st.integers(1, 4), st.sampled_from("ab"), prices, st.booleans())
    docs = data.draw(st.lists(doc, min_size=1, max_size=9))
    world = make_world(tmp_path_factory.mktemp("killed"), docs, contract=contract)
    by = data.draw(st.sampled_from([None, "first", "last"]))
    policy = {"policy": "replace"} if by is None else {"keep": by, "by": "app.version"}
    for step in data.draw(st.lists(st.integers(1, 30), max_size=3)):
        left = [step]

        def on_step(_: str, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] <= 0:
                raise Killed

        try:
            run(
                world,
                RunOptions(on_step=on_step),
                chunk=data.draw(st.integers(1, 4)),
                fingerprint="canonical",
                **policy,
            )
        except Killed:
            continue
    done = run(world, chunk=data.draw(st.integers(1, 4)), fingerprint="canonical", **policy)
    winners = _winners(docs, by)
    assert held(world) == rows_of(winners.values())
    assert (done.proof.loaded, done.proof.duplicate) == (len(winners), len(docs) - len(winners))


def _winners(docs: Sequence[Doc], by: str | None) -> dict[int, Doc]:
    """The model: one document after the other."""
    found: dict[int, Doc] = {}
    for doc in docs:
        holder = found.get(doc.app)
        if holder is None or (by is None and doc.content != holder.content) or (by and _better(doc, holder, by)):
            found[doc.app] = doc
    return found


def _better(one: Doc, other: Doc, by: str) -> bool:
    if one.version is None or other.version is None:
        return one.version is not None and other.version is None
    return one.version > other.version if by == "last" else one.version < other.version


POLICIES: dict[str, dict[str, Any]] = {
    "skip": {},
    "replace": {"policy": "replace"},
    "quarantine": {"conflicts": "quarantine"},
    "keep": {"keep": "last", "by": ["app.version", "app.name"]},
    "rows": {"policy": "replace", "rows": {"item": "reject_document"}},
}


@pytest.mark.parametrize("name", list(POLICIES))
def test_neither_workers_nor_timing_choose_the_winner(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(11)
    docs = [
        Doc(chance.randint(1, 12), chance.choice([None, 1, 2, 3]), chance.choice("ab"), (1,) * chance.randint(0, 2))
        for _ in range(80)
    ]
    results = []
    for workers, seed in ((1, None), (2, 1), (4, 2), (4, 3)):
        world = make_world(tmp_path / f"{workers}-{seed}", docs)
        options = RunOptions(workers=workers, on_step=_shuffled(seed))
        with _slow_shredding(monkeypatch, seed):
            run(world, options, chunk=7, fingerprint="canonical", **POLICIES[name])
        results.append((held(world), books(world)))
    assert results[0][1]["documents"]
    assert all(result == results[0] for result in results[1:])


def _shuffled(seed: int | None) -> Callable[[str], None]:
    """Lets each step of each thread take another time."""
    if seed is None:
        return lambda _: None
    chance, lock = random.Random(seed), threading.Lock()

    def on_step(_: str) -> None:
        with lock:
            pause = chance.random() / 200
        time.sleep(pause)

    return on_step


def _slow_shredding(monkeypatch: pytest.MonkeyPatch, seed: int | None) -> Any:
    """Batches come out of the shredder in another order than they went in."""
    from columnar.running.reading import ReadAhead

    chance, lock, shred = random.Random(seed), threading.Lock(), ReadAhead._shred

    def slow(self: ReadAhead, *arguments: Any) -> Any:
        with lock:
            pause = chance.random() / 50 if seed is not None else 0
        time.sleep(pause)
        return shred(self, *arguments)

    context = monkeypatch.context()
    patched = context.__enter__()
    patched.setattr(ReadAhead, "_shred", slow)

    class Undo:
        def __enter__(self) -> None:
            return None

        def __exit__(self, *_: object) -> None:
            context.__exit__(None, None, None)

    return Undo()


def test_the_plan_says_what_becomes_of_duplicates(tmp_path: Path) -> None:
    world = make_world(tmp_path, [A])
    for spec, told in (
        ({}, "the same id in app"),
        ({"policy": "replace"}, "the same id in app; the later one takes its place"),
        (
            {"fingerprint": "canonical", "conflicts": "fail"},
            "the same id in app or the same rows; the later one is left out; where the contents differ, the run ends"
            " at a duplicate",
        ),
        ({"keep": "last", "by": "version"}, "the same id in app; the last by version stays"),
    ):
        assert plan_run(world.job(duplicates={"on": "app.id", **spec})).duplicates == told


@pytest.mark.parametrize(("policy", "outcomes"), [("skip", "lddq"), ("replace", "rrlq")])
def test_a_key_is_explained_by_the_books(tmp_path: Path, policy: str, outcomes: str) -> None:
    world = make_world(tmp_path, [A, B, C, Doc(2)])
    world.insert((5, "<d><app id='1'>"))
    duplicates = {"on": "app.id", "policy": policy}
    run(world, chunk=1, policy=policy)
    with world.source() as source:
        source.execute("DELETE FROM docs WHERE k = 2")
    names = {"l": "loaded", "d": "duplicate", "r": "replaced"}
    found = explain_of_job(world.job(duplicates=duplicates), "1")
    assert {entry.source_key: entry.outcome for entry in found.entries} == {
        str(key): names[letter] for key, letter in enumerate(outcomes[:3], 1)
    }
    assert found.winner.outcome == "loaded"
    assert found.rule.startswith("in the target; the later one ")
    by_key = {entry.source_key: entry for entry in found.losers}
    assert by_key["2"].differences == ()
    other = by_key["3" if policy == "skip" else "1"]
    assert ("version", "1", "3") in [
        (each.column, *sorted([each.winner or "", each.loser or ""])) for each in other.differences
    ]
    assert explain_of_job(world.job(duplicates=duplicates), "3").key == '["1"]'
    with world.source() as source:
        source.execute("DELETE FROM docs")
    unread = explain_of_job(world.job(duplicates=duplicates), "1")
    assert [entry.outcome for entry in unread.entries][:1] == ["loaded"]
    assert len(unread.entries) == 3
    for key in ("nothing", "5"):
        with pytest.raises(JobError, match="knows no key"):
            explain_of_job(world.job(duplicates=duplicates), key)


def test_what_the_receipt_counts(tmp_path: Path) -> None:
    world = make_world(tmp_path, [A, Doc(2), B, Doc(2, 9)])
    run(world, chunk=2, policy="replace")
    receipts = [from_json(text) for (text,) in world.query("SELECT receipt FROM columnar_ledger ORDER BY chunk")]
    assert [(each.loaded, each.replaced) for each in receipts] == [(2, 0), (2, 2)]
    assert outcome_lines(receipts[1], "")[-1].split()[:2] == ["replaced", "2"]
    assert not any("replaced" in line for line in outcome_lines(receipts[0], ""))


def test_what_cannot_be_asked_for(tmp_path: Path) -> None:
    world = make_world(tmp_path, [A])
    for spec, message in (
        ({"keep": "last"}, "keep and by go together"),
        ({"by": "app.version"}, "keep and by go together"),
        ({"keep": "last", "by": "app.version", "policy": "replace"}, "exclude each other"),
        ({"ignore": "app.id"}, "ignore is for fingerprint: canonical"),
    ):
        with pytest.raises((ValueError, ContractError), match=message):
            run(world, **spec)
    for spec, message in (
        ({"keep": "last", "by": "item.no"}, "not a column of app"),
        ({"keep": "last", "by": "app.vrsion"}, "no column vrsion"),
        ({"fingerprint": "canonical", "ignore": "app.x"}, "no column x"),
    ):
        with pytest.raises(JobError, match=message):
            run(world, **spec)
    loose = make_world(tmp_path / "loose", [A], contract=CONTRACT.replace("    parent: app\n    key: [id, no]\n", ""))
    with pytest.raises(JobError, match="nothing in item leads to app"):
        run(loose, policy="replace")
    with pytest.raises(JobError, match="cannot put rows in place of others"):
        world.run(duplicates={"on": "app.id", "policy": "replace"}, target={"url": "parquet:out"})
