"""kill -9, for real: at every step boundary, and at fifty moments nobody chose."""

from __future__ import annotations

import contextlib
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.columnar.world import World, document

ROOT = Path(__file__).parents[2]
RANDOM_KILLS = 50


def make_world(folder: Path, documents: int) -> World:
    """Every tenth document is broken, every seventh repeats the application of the one before."""
    world = World(folder)
    for key in range(documents):
        app = key - 1 if key % 7 == 3 else key
        text = document(app, key % 5, [f"item {key}", "another"])
        world.insert((key, text[:-4] if key % 10 == 9 else text))
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


def start(
    world: World, step: int, rows: int, what: str = "run", stdout: int = subprocess.DEVNULL
) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.columnar.killed_run", str(world.folder), str(step), str(rows), what]
    return subprocess.Popen(command, cwd=ROOT, stdout=stdout, stderr=subprocess.PIPE)


@pytest.mark.slow
def test_kill_at_every_step_boundary(tmp_path: Path) -> None:
    killed = 0
    for step in range(1, 100):
        folder = tmp_path / str(step)
        folder.mkdir()
        world = make_world(folder, 12)
        with start(world, step, 6) as process:
            _, errors = process.communicate(timeout=120)
        if process.returncode == 0:
            break
        assert process.returncode < 0 or sys.platform == "win32", errors.decode()
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
        with start(world, step, 2, "retry") as process:
            _, errors = process.communicate(timeout=120)
        ended = process.returncode == 0
        assert ended or process.returncode < 0 or sys.platform == "win32", errors.decode()
        killed += not ended
        proof = world.retry(chunk={"rows": 2}).run.proof
        assert proof.holds
        apps, counts = expected(40)
        assert (proof.loaded, proof.duplicate, proof.quarantined) == (len(apps) + 1, counts["duplicate"] + 1, 2)
        assert world.query("SELECT id FROM app ORDER BY id") == [(app,) for app in [*sorted(apps), 119]]
        if ended:
            break
    assert killed > 15, "a retry of two chunks has more step boundaries than that"


def kill_somewhere(world: World, steps: int, moment: float) -> bool:
    """Start a run and kill it some time after so many steps; False where it came to its end before."""
    with start(world, 0, 5, stdout=subprocess.PIPE) as process:
        assert process.stdout
        for _ in range(steps):
            if not process.stdout.readline():
                break
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=moment)
        ended = process.poll() is not None
        process.kill()
        process.communicate()
    return not ended


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
