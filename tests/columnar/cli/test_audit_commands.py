"""The commands that audit: what they print, for people and as JSON, and how they end."""

from __future__ import annotations

from pathlib import Path

import pytest

from columnar.errors import ExitCode
from tests.columnar.cli.command import columnar, execute, make_job


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """After a run; for commands that change nothing in it."""
    file = make_job(tmp_path_factory.mktemp("audit"))
    assert columnar("run", file).code == ExitCode.QUARANTINE
    return file


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """After a run, and after somebody changed a value, removed a file and added a path."""
    file = make_job(tmp_path)
    columnar("run", file)
    execute(tmp_path / "target.duckdb", "UPDATE thing SET name = 'other' WHERE id = 8")
    next((tmp_path / ".columnar").rglob("stage=duplicates/*.parquet")).unlink()
    return file


def test_a_job_in_order_is_told_so(job: Path) -> None:
    verified = columnar("audit", "verify", job)
    assert verified.code == 0
    assert "every file is the one that was written" in verified.out
    assert columnar("audit", "verify", job, "--json").json["problems"] == []
    reconciled = columnar("reconcile", job, "--all")
    assert reconciled.code == 0
    assert reconciled.out.rstrip().endswith("the target is what the source says")
    found = columnar("reconcile", job, "--sample", 3, "--json").json
    assert (found["counts"], found["exit_code"], found["recomputed"]) == ({}, 0, 4)


def test_what_is_wrong_is_told_and_ends_with_5(changed: Path) -> None:
    verified = columnar("audit", "verify", changed)
    assert verified.code == ExitCode.INTEGRITY
    assert "chunk-000000001.parquet: missing: 1 rows" in verified.out
    [problem] = columnar("audit", "verify", changed, "--json").json["problems"]
    assert problem["kind"] == "missing"
    reconciled = columnar("reconcile", changed, "--all")
    assert reconciled.code == ExitCode.INTEGRITY
    assert "chunk 1: document 8: thing.name, id = 8: expected eight, found other" in reconciled.out
    assert columnar("reconcile", changed, "--all", "--limit", 1, "--json").json["counts"] == {"value": 1}


def test_a_row_is_explained(job: Path) -> None:
    told = columnar("explain", job, "thing", "1", "name")
    assert told.code == 0
    assert "name = 'padded'\n  from n\n    /r/n  line 1  ' padded '\n    trimmed  ' padded ' -> 'padded'" in told.out
    found = columnar("explain", job, "item", "v=2", "--json").json
    assert (found["source_key"], found["path"]) == ("1", "/r/k/x[2]")
    assert columnar("explain", job, "thing", "77").code == ExitCode.USAGE


def test_coverage_is_measured_and_kept(job: Path) -> None:
    told = columnar("coverage", job, "--all")
    assert told.code == 0
    assert "there is no earlier survey to compare with" in told.out
    again = columnar("coverage", job, "--json").json
    assert again["drift"]["new_paths"] == []
    assert again["survey"]["paths"]["/r/@id"]["values"] == 8
    assert columnar("coverage", job, "--against", "nothing").code == ExitCode.USAGE


def test_an_export_is_verified(job: Path, tmp_path: Path) -> None:
    told = columnar("export", job, "--to", tmp_path / "out")
    assert told.code == 0
    assert "checksum of the list" in told.out
    assert columnar("audit", "verify", job, "--folder", tmp_path / "out").code == 0
    assert columnar("export", job, "--to", tmp_path / "out").code == ExitCode.USAGE
    rows = columnar("export", job, "--to", tmp_path / "more", "--stage", "loaded", "--json").json["rows"]
    assert rows == {"loaded": 10}


def test_a_purge_asks_before_it_does(tmp_path: Path) -> None:
    job = make_job(tmp_path)
    columnar("run", job)
    told = columnar("purge", job, "--key", 1, "--key", 8)
    assert told.code == 0
    assert "would purge 2 documents" in told.out
    assert "nothing was changed" in told.out
    assert execute(tmp_path / "target.duckdb", "SELECT count(*) FROM thing") == [(7,)]
    planned = columnar("purge", job, "--key", 1, "--key", 8, "--json").json
    done = columnar("purge", job, "--key", 1, "--key", 8, "--yes", "--json").json
    assert done["rows"] == planned["rows"] == {"item": 2, "thing": 2}
    assert done["proof"]["quarantined"] == 4
    assert "purged" in columnar("quarantine", "list", job).out
    assert "`columnar run` loads it anew" in columnar("quarantine", "show", job, "8").out
    assert columnar("run", job, "--json").json["reloaded"] == 2
    assert execute(tmp_path / "target.duckdb", "SELECT count(*) FROM thing") == [(7,)]
    assert "purged 1 document" in columnar("purge", job, "--key", 8, "--yes").out
    told = columnar("run", job)
    assert "1 purged document was read again first\nnothing else was left to do" in told.out
    assert columnar("purge", job).code == ExitCode.USAGE
