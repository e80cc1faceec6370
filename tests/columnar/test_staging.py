"""Keys that stay staged from run to run: only what is new is added, and nothing that is not the target's stays."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from columnar.jobs.options import RunOptions
from columnar.purging.options import PurgeOptions
from columnar.purging.purge import purge_job
from columnar.running import staging
from tests.columnar.policy_world import Doc, books, held, make_world, rows_of
from tests.columnar.world import World


@pytest.fixture
def anew(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A list that grows each time that keys are staged anew."""
    calls: list[str] = []
    whole = staging._stage_all

    def counted(*arguments: Any) -> None:
        calls.append("anew")
        whole(*arguments)

    monkeypatch.setattr(staging, "_stage_all", counted)
    return calls


def run(world: World, options: RunOptions | None = None, **more: Any) -> None:
    assert world.run(
        options, duplicates={"on": "app.id", "fingerprint": "canonical", **more}, chunk={"rows": 2}
    ).proof.holds


def keys(world: World) -> set[tuple[Any, ...]]:
    """What is staged."""
    with duckdb.connect(world.folder / ".columnar" / "world" / "staged_keys.duckdb") as file:
        return set(file.execute("SELECT key, source_key, hex(fingerprint) FROM staged_key").fetchall())


DOCS = [Doc(1), Doc(2), Doc(1, 5), Doc(3), Doc(4), Doc(2)]


def test_the_next_run_goes_on_with_what_is_staged(tmp_path: Path, anew: list[str]) -> None:
    world = make_world(tmp_path, DOCS)
    run(world, RunOptions(limit=2))
    assert len(keys(world)) == 2
    run(world, RunOptions(limit=4))
    run(world)
    run(world)
    assert anew == ["anew"]
    assert {key for key, *_ in keys(world)} == {f'["{app}"]' for app in (1, 2, 3, 4)}
    assert held(world) == rows_of([DOCS[0], DOCS[1], DOCS[3], DOCS[4]])
    places = world.query("SELECT source_key, place FROM columnar_document WHERE outcome = 'duplicate' ORDER BY 1")
    assert places == [("3", "target"), ("6", "target")]


class Killed(BaseException):
    pass


@pytest.mark.parametrize("policy", ["skip", "replace"])
def test_chunks_that_it_did_not_come_to_are_added(tmp_path: Path, anew: list[str], policy: str) -> None:
    world = make_world(tmp_path, DOCS)
    for _ in range(3):

        def kill(step: str) -> None:
            if step == "published":
                raise Killed

        with suppress(Killed):
            run(world, RunOptions(on_step=kill), policy=policy)
    run(world, policy=policy)
    assert anew == ["anew"]
    staged = keys(world)
    shutil.rmtree(world.folder / ".columnar")
    run(world, policy=policy)
    assert len(anew) == 2
    known = {row for row in keys(world) if row[1] is not None}
    assert staged == known
    assert held(world) == rows_of([DOCS[0], DOCS[1], DOCS[3], DOCS[4]] if policy == "skip" else [*DOCS[1:5]])


@pytest.mark.parametrize(
    "change",
    [
        "INSERT INTO app VALUES (9, 1, 'x')",
        "DELETE FROM app WHERE id = 1",
        "UPDATE columnar_ledger SET attempt = 'other'",
    ],
)
def test_what_somebody_else_changed_is_staged_anew(tmp_path: Path, anew: list[str], change: str) -> None:
    world = make_world(tmp_path, DOCS)
    run(world, RunOptions(limit=2))
    world.insert((7, Doc(9).text))
    with world.target() as target:
        for table in ("price", "item"):
            target.execute(f"DELETE FROM {table}")
        target.execute(change)
    with suppress(Exception):  # the proof finds it, too
        run(world)
    assert anew == ["anew", "anew"]


def test_keys_of_purged_documents_are_not_staged_any_more(tmp_path: Path, anew: list[str]) -> None:
    world = make_world(tmp_path, DOCS)
    run(world)
    duplicates = {"on": "app.id", "fingerprint": "canonical"}
    purge_job(world.job(duplicates=duplicates), PurgeOptions(keys=("1", "4")))
    assert [row[0] for row in world.query("SELECT id FROM app ORDER BY id")] == [2, 4]
    run(world)
    assert anew[:2] == ["anew", "anew"]
    assert held(world) == rows_of([DOCS[0], DOCS[1], DOCS[3], DOCS[4]])


def test_another_rule_target_or_contract_is_staged_anew(tmp_path: Path, anew: list[str]) -> None:
    world = make_world(tmp_path, DOCS)
    run(world)
    world.run(duplicates={"on": "app.id", "fingerprint": "raw"}, chunk={"rows": 2})
    (world.folder / "target.duckdb").unlink()
    world.run(duplicates={"on": "app.id", "fingerprint": "raw"}, chunk={"rows": 2})
    world.run(duplicates={"on": "app.id", "fingerprint": "raw"}, chunk={"rows": 2}, target={"url": "parquet:out"})
    assert len(anew) == 4
    contract = world.folder / "contract.yaml"
    contract.write_text(contract.read_text().replace('version: {path: "@version", type: int32}', 'version: "@version"'))
    world.run(
        RunOptions(new_generation=True),
        duplicates={"on": "app.id", "fingerprint": "raw"},
        target={"url": "parquet:elsewhere"},
    )
    assert len(anew) == 5


def test_a_file_that_is_none_or_of_an_older_program_does_no_harm(tmp_path: Path, anew: list[str]) -> None:
    world = make_world(tmp_path, DOCS)
    folder = world.folder / ".columnar" / "world"
    folder.mkdir(parents=True)
    with duckdb.connect(folder / "staged_keys.duckdb") as file:
        file.execute("CREATE TABLE staged_key (key_hash UBIGINT, key VARCHAR)")
    run(world, RunOptions(limit=2))
    (folder / "staged_keys.duckdb").write_bytes(b"this is no database")
    run(world)
    assert len(anew) == 2
    assert [each.name for each in folder.iterdir() if each.name.startswith("staged_keys-")] == []
    assert held(world) == rows_of([DOCS[0], DOCS[1], DOCS[3], DOCS[4]])


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.builds(Doc, st.integers(1, 4), st.integers(1, 3), st.sampled_from("ab")), min_size=2, max_size=8),
    st.lists(st.integers(1, 8), max_size=3),
    st.sampled_from(["skip", "replace"]),
)
def test_with_and_without_the_file_of_the_run_before(
    tmp_path_factory: pytest.TempPathFactory, docs: list[Doc], limits: list[int], policy: str
) -> None:
    results = []
    for keep in (True, False):
        world = make_world(tmp_path_factory.mktemp("staged"), docs)
        for limit in (*sorted(limits), None):
            run(world, RunOptions(limit=limit), policy=policy)
            if not keep:
                shutil.rmtree(world.folder / ".columnar")
        results.append((held(world), books(world)))
    assert results[0] == results[1]
