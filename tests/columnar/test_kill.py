"""kill -9, for real: at every step boundary, and at fifty moments nobody chose."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.columnar.forked import Forked
from tests.columnar.killed_run import killed_run
from tests.columnar.world import World, document

RANDOM_KILLS = 50


def make_world(folder: Path, documents: int) -> World:
    """Every tenth document is broken, every seventh repeats the application of the one before."""
    world = World(folder)
    texts = [
        document(key - 1 if key % 7 == 3 else key, key % 5, [f"item {key}", "another"]) for key in range(documents)
    ]
    world.insert(*((key, text[:-4] if key % 10 == 9 else text) for key, text in enumerate(texts)))
    return world


def expected(documents: int) -> tuple[list[int], dict[str, int]]:
    """The applications that must be loaded, and how many documents have each outcome."""
    apps: list[int] = []
    counts = {"loaded": 0, "duplicate": 0, "quarantined": 0}
    for key in range(documents):
        app = key - 1 if key % 7 == 3 else key
        outcome = "quarantined" if key % 10 == 9 else "duplicate" if app in apps else "loaded"
        counts[outcome] += 1
        if outcome == "loaded":
            apps.append(app)
    return apps, counts


def check(world: World, documents: int, rows: int) -> None:
    """Run to the end, and once more; everything is there once."""
    run = world.run(chunk={"rows": rows})
    apps, counts = expected(documents)
    assert run.proof.holds
    assert run.proof.drift == []
    assert {name: getattr(run.proof, name) for name in counts} == counts
    assert run.proof.source == run.proof.documents == documents
    assert world.query("SELECT id FROM app ORDER BY id") == [(app,) for app in sorted(apps)]
    assert world.query("SELECT count(*) FROM item") == [(2 * len(apps),)]
    assert world.query("SELECT count(*), count(DISTINCT source_key) FROM columnar_document") == [(documents, documents)]
    assert world.run(chunk={"rows": rows}).chunks == 0


@pytest.mark.slow
def test_kill_at_every_step_boundary(tmp_path: Path) -> None:
    killed = 0
    for step in range(1, 100):
        folder = tmp_path / str(step)
        folder.mkdir()
        world = make_world(folder, 12)
        with Forked(killed_run, folder, step, 6) as process:
            process.steps()
        if not process.killed:
            break
        killed += 1
        check(world, 12, 6)
    assert killed > 15, "a run of two chunks has more step boundaries than that"


@pytest.mark.slow
def test_kill_a_retry_at_every_step_boundary(tmp_path: Path) -> None:
    killed = 0
    for step in range(1, 100):
        folder = tmp_path / str(step)
        folder.mkdir()
        world = make_world(folder, 40)
        world.run()
        with world.source() as source:  # two of the four documents in quarantine are mended, one as a duplicate
            source.execute("UPDATE docs SET doc = ? WHERE k = 19", [document(119)])
            source.execute("UPDATE docs SET doc = ? WHERE k = 29", [document(0)])
        with Forked(killed_run, folder, step, 2, "retry") as process:
            process.steps()
        killed += process.killed
        proof = world.retry(chunk={"rows": 2}).run.proof
        assert proof.holds
        apps, counts = expected(40)
        assert (proof.loaded, proof.duplicate, proof.quarantined) == (len(apps) + 1, counts["duplicate"] + 1, 2)
        assert world.query("SELECT id FROM app ORDER BY id") == [(app,) for app in [*sorted(apps), 119]]
        if not process.killed:
            break
    assert killed > 15, "a retry of two chunks has more step boundaries than that"


def kill_somewhere(world: World, steps: int, moment: float) -> bool:
    """Start a run and kill it some time after so many steps; False where it came to its end before."""
    with Forked(killed_run, world.folder, 0, 5) as process:
        all(process.step() for _ in range(steps))
        process.wait(moment)
        process.kill()
    return process.killed


@pytest.mark.slow
def test_kill_at_random_moments(tmp_path: Path) -> None:
    chance = random.Random(20261123)
    killed = worlds = 0
    while killed < RANDOM_KILLS:
        worlds += 1
        folder = tmp_path / str(worlds)
        folder.mkdir()
        world = make_world(folder, 120)
        for _ in range(8):  # kills of one world, each further into it
            if not kill_somewhere(world, chance.randrange(40), chance.uniform(0.0, 0.1)):
                break
            killed += 1
        check(world, 120, 5)
