"""A source without documents: told, and nothing that the job is bound to."""

from __future__ import annotations

from pathlib import Path

import pytest

from columnar.cli.run_text import run_text
from columnar.errors import ContractChangedError, SourceChangedError
from columnar.jobs.job_file import parse_job, read_plan
from columnar.running.plan_run import plan_run
from columnar.running.run import Run, run_job
from tests.columnar.world import CONTRACT, document

JOB = """
name: j
source: {url: "folder:in", pattern: "PATTERN"}
contract: contract.yaml
target: {url: "duckdb:target.duckdb", create: true}
duplicates: {on: app.id}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "one.xml").write_text(document(1))
    (tmp_path / "contract.yaml").write_text(CONTRACT)
    return tmp_path


def _run(folder: Path, pattern: str) -> Run:
    job = parse_job(JOB.replace("PATTERN", pattern), name="job.yaml", base=folder)
    return run_job(job, read_plan(job))


def test_a_pattern_that_matches_nothing_is_told_and_can_be_corrected(folder: Path) -> None:
    empty = _run(folder, "*.json")
    assert "nothing was left to do: the source holds no documents" in run_text(empty, [])
    (folder / "contract.yaml").write_text(CONTRACT.replace('"@name"', '{path: "@name", trim: true}'))
    job = parse_job(JOB.replace("PATTERN", "*.xml"), name="job.yaml", base=folder)
    planned = plan_run(job)
    assert (planned.problems, planned.generation) == ((), 1)
    run = _run(folder, "*.xml")
    assert (run.generation, run.proof.loaded) == (1, 1)


def test_a_job_that_has_read_something_is_bound_to_it(folder: Path) -> None:
    _run(folder, "*.xml")
    with pytest.raises(SourceChangedError):
        _run(folder, "*.json")
    (folder / "contract.yaml").write_text(CONTRACT.replace('"@name"', '{path: "@name", trim: true}'))
    with pytest.raises(ContractChangedError):
        _run(folder, "*.xml")
