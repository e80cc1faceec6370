"""kill -9 of runs into databases, at every step boundary and at moments nobody chose: the same command continues."""

from __future__ import annotations

import random

import pytest

from tests.columnar.databases.database_world import EXHAUSTIVE, DatabaseWorld
from tests.columnar.databases.killed_run import killed_run
from tests.columnar.forked import Forked

# In the order in which a run first takes them.
STEPS = (
    "prepared", "job_stored", "ranges_stored", "keys_staged", "chunk_read", "prepared_chunk", "decided",
    "records_written", "before_publish", "published", "staged", "proved", "run_stored",
)  # fmt: skip
RANDOM_KILLS = 50 if EXHAUSTIVE else 3


@pytest.mark.slow
def test_kill_at_every_step_boundary(killed: DatabaseWorld) -> None:
    """One run after the other is killed, each at the next boundary, and goes on where the last one was."""
    job = killed.write_job(chunk={"rows": 2})
    for step in STEPS:
        with Forked(killed_run, job, step) as process:
            assert process.steps()[-1] == step
        assert process.killed
    killed.check()
    assert killed.query("SELECT count(*), count(DISTINCT chunk) FROM columnar_ledger") == [["6", "6"]]


@pytest.mark.slow
def test_kill_at_random_moments(killed: DatabaseWorld) -> None:
    chance = random.Random(20261128)
    job = killed.write_job(chunk={"rows": 1})
    count = 0
    for _ in range(RANDOM_KILLS):
        with Forked(killed_run, job, "") as process:
            all(process.step() for _ in range(chance.randrange(3, 40)))
            process.wait(chance.uniform(0.0, 0.1))
            process.kill()
        count += process.killed
        if not process.killed:  # it came to its end: begin anew
            killed.check()
            killed.forget()
    killed.check()
    assert count
