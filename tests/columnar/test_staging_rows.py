"""Keys of rows stay staged from run to run, as those of documents do, or are staged anew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb
import pytest

from columnar.jobs.options import RunOptions
from columnar.purging.options import PurgeOptions
from columnar.purging.purge import purge_job
from columnar.running import conflicts
from tests.columnar.test_row_policies import CONTRACT, DOCS, doc, make_world, tags
from tests.columnar.world import World

DUPLICATES = {"on": "app.id", "policy": "replace"}


@pytest.fixture
def anew(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The tables whose row keys were read from the target, one after the other."""
    calls: list[str] = []
    whole = conflicts._stored_keys

    def counted(sink: Any, name: str, key: tuple[str, ...]) -> Any:
        calls.append(name)
        return whole(sink, name, key)

    monkeypatch.setattr(conflicts, "_stored_keys", counted)
    return calls


def run(world: World, policy: str = "skip", options: RunOptions | None = None, **more: Any) -> None:
    done = world.run(options, duplicates={**DUPLICATES, "rows": {"tag": policy}}, chunk={"rows": 1}, **more)
    assert done.proof.holds


def staged(world: World) -> list[str]:
    """The keys that are staged, each as often as it is."""
    with duckdb.connect(world.folder / ".columnar" / "world" / "staged_keys.duckdb") as file:
        return [key for (key,) in file.execute("SELECT key FROM staged_row_key ORDER BY 1").fetchall()]


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("skip", [(1, "a", "later"), (2, "c", "2"), (3, "d", "3")]),
        ("last", [(2, "b", "2"), (4, "c", "4"), (4, "d", "4"), (5, "a", "5")]),
    ],
)
def test_the_next_run_goes_on_with_what_is_staged(
    tmp_path: Path, anew: list[str], policy: str, expected: list[tuple[Any, ...]]
) -> None:
    world = make_world(tmp_path, *DOCS, doc(1, ("a", "later")), doc(5, ("a", "5")))
    for limit in (2, None):
        run(world, policy, RunOptions(limit=limit))
    assert tags(world) == expected
    assert staged(world) == sorted(f'["{code}"]' for _, code, _ in expected)
    assert anew == ["tag"]


def test_documents_need_not_be_compared(tmp_path: Path, anew: list[str]) -> None:
    contract = CONTRACT.replace("    key: [code]\n", "    key: [code]\n    on_conflict: skip\n")
    world = make_world(tmp_path, *DOCS, contract=contract)
    for limit in (2, None):
        assert world.run(RunOptions(limit=limit), duplicates="off", chunk={"rows": 1}).proof.holds
    assert tags(world) == [(1, "a", "1"), (1, "b", "1"), (2, "c", "2"), (3, "d", "3")]
    assert anew == ["tag"]


class Killed(BaseException):
    pass


def killed(world: World) -> None:
    def kill(step: str) -> None:
        if step == "published":
            raise Killed

    with pytest.raises(Killed):
        run(world, options=RunOptions(on_step=kill))


def inserted(world: World) -> None:
    with world.target() as target:
        target.execute("INSERT INTO tag VALUES (0, 'd', 'of nobody')")


def purged(world: World) -> None:
    purge_job(world.job(duplicates={**DUPLICATES, "rows": {"tag": "skip"}}), PurgeOptions(keys=("1",)))


@pytest.mark.parametrize("change", [killed, inserted, purged])
def test_what_the_target_holds_otherwise_is_staged_anew(tmp_path: Path, anew: list[str], change: Any) -> None:
    world = make_world(tmp_path, *DOCS)
    run(world, options=RunOptions(limit=1))
    change(world)
    with suppress(Exception):  # the proof finds a row of nobody
        run(world)
    assert len(anew) == 2
    held = tags(world)
    assert len({code for _, code, _ in held}) == len(held) == 4
    assert staged(world) == [f'["{code}"]' for code in "abcd"]


def test_rows_that_were_loaded_without_a_rule_are_noticed(tmp_path: Path, anew: list[str]) -> None:
    world = make_world(tmp_path, *DOCS[:1], doc(5, ("e", "5")))
    run(world, options=RunOptions(limit=1))
    assert world.run(duplicates=DUPLICATES, chunk={"rows": 1}).proof.holds
    world.insert((9, doc(9, ("e", "9"))))
    run(world)
    assert anew == ["tag", "tag"]
    assert tags(world) == [(1, "a", "1"), (1, "b", "1"), (5, "e", "5")]
