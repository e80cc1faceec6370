"""kill -9, for real: at every step boundary, and at fifty moments nobody chose."""

from __future__ import annotations

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


def start(world: World, step: int, rows: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.columnar.killed_run", str(world.folder), str(step), str(rows)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


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
def test_kill_at_random_moments(tmp_path: Path) -> None:
    moments = random.Random(20261123)
    killed = worlds = 0
    while killed < RANDOM_KILLS:
        worlds += 1
        folder = tmp_path / str(worlds)
        folder.mkdir()
        world = make_world(folder, 120)
        for _ in range(8):  # kills of one world, each further into it
            process = start(world, 0, 5)
            try:
                process.communicate(timeout=moments.uniform(0.5, 3.0))
                break
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                killed += 1
        check(world, 120, 5)
