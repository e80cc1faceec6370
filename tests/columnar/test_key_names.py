"""Columns that read the source's key by name: `$name` has to be one of its columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from columnar.checking.trial import trial_of
from columnar.errors import ExitCode, JobError
from columnar.running.plan_run import plan_run
from columnar.running.retry_selection import RetryOptions
from tests.columnar.world import World, document

READS = """
version: 1
root: d
tables:
  app:
    rows: /d/app
    columns: {id: {path: "@id", type: int64}, source: PATH}
    key: [id]
"""
WRONG = "app.source reads $kk, which is no key column of the source; did you mean 'k'?"


def _world(tmp_path: Path, path: str) -> World:
    world = World(tmp_path, READS.replace("PATH", path))
    world.insert((7, document(1)))
    return world


def test_plan_run_check_and_retry_refuse_an_unknown_key_column(tmp_path: Path) -> None:
    world = _world(tmp_path, "$kk")
    plan = plan_run(world.job())
    assert plan.problems == (WRONG,)
    assert plan.exit_code is ExitCode.USAGE
    with pytest.raises(JobError, match=r"reads .kk") as raised:
        world.run()
    assert raised.value.exit_code is ExitCode.USAGE
    job = """
name: world
source: {url: "duckdb:source.duckdb", table: docs, key: k, document: doc}
contract: contract.yaml
target: {url: "duckdb:target.duckdb", create: true}
"""
    (tmp_path / "job.yaml").write_text(job)
    with pytest.raises(JobError, match=r"reads .kk"):
        trial_of(tmp_path / "job.yaml", [], 5)
    (tmp_path / "contract.yaml").write_text(READS.replace("PATH", "$key"))
    world.run()
    (tmp_path / "contract.yaml").write_text(READS.replace("PATH", "$kk"))
    with pytest.raises(JobError, match=r"reads .kk"):
        world.retry(RetryOptions(changed_contract=True))


def test_a_slot_without_slots_is_named(tmp_path: Path) -> None:
    (problem,) = plan_run(_world(tmp_path, "$slot").job()).problems
    assert "$slot is for tables with slots" in problem


@pytest.mark.parametrize("path", ["$key", "$k"])
def test_the_key_and_its_columns_are_read(tmp_path: Path, path: str) -> None:
    world = _world(tmp_path, path)
    assert not plan_run(world.job()).problems
    world.run()
    assert world.query("SELECT source FROM app") == [("7",)]
