"""kill -9 of runs into databases, at every step boundary and at moments nobody chose: the same command continues."""

from __future__ import annotations

import contextlib
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tests.columnar.databases.database_world import EXHAUSTIVE, DatabaseWorld

ROOT = Path(__file__).parents[3]
# In the order in which a run first takes them.
STEPS = (
    "prepared", "job_stored", "ranges_stored", "keys_staged", "chunk_read", "prepared_chunk", "decided",
    "records_written", "before_publish", "published", "staged", "proved", "run_stored",
)  # fmt: skip
RANDOM_KILLS = 50 if EXHAUSTIVE else 3


def start(job: Path, step: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.columnar.databases.killed_run", str(job), step]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_kill_at_every_step_boundary(killed: DatabaseWorld) -> None:
    """One run after the other is killed, each at the next boundary, and goes on where the last one was."""
    job = killed.write_job(chunk={"rows": 2})
    for step in STEPS:
        with start(job, step) as process:
            taken, errors = process.communicate(timeout=120)
        assert process.returncode < 0 or sys.platform == "win32", errors
        assert taken.split()[-1] == step
    killed.check()
    assert killed.query("SELECT count(*), count(DISTINCT chunk) FROM columnar_ledger") == [["6", "6"]]


@pytest.mark.slow
def test_kill_at_random_moments(killed: DatabaseWorld) -> None:
    chance = random.Random(20261128)
    job = killed.write_job(chunk={"rows": 1})
    count = 0
    for _ in range(RANDOM_KILLS):
        with start(job, "") as process:
            assert process.stdout is not None
            for _ in range(chance.randrange(3, 40)):
                if not process.stdout.readline():
                    break
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=chance.uniform(0.0, 0.1))
            count += process.poll() is None
            process.kill()
            process.communicate()
        if process.returncode == 0:  # it came to its end: begin anew
            killed.check()
            killed.forget()
    killed.check()
    assert count
