from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from tests.columnar.cli.command import columnar, execute, make_job, write_source


def test_a_job_that_never_ran(job: Path) -> None:
    result = columnar("status", job)
    assert result.code == 0
    assert "never ran" in result.out
    assert "10 documents are in the source" in result.out
    assert not (job.parent / "target.duckdb").exists()


def test_a_job_that_is_done(loaded: Path) -> None:
    result = columnar("status", loaded)
    assert result.code == 0
    assert "quarantined   2  1 not_well_formed, 1 wrong_root" in result.out
    assert "duplicate     1  1 different_content in this chunk by key" in result.out
    assert "nothing is left to do, of 10 in the source" in result.out
    assert "nulled_invalid  1  in item.v" in result.out


def test_a_job_half_way(job: Path) -> None:
    columnar("run", job, "--limit", "4")
    found = columnar("status", job, "--json").json
    assert (found["remaining"], found["source_documents"], found["receipt"]["documents"]) == (6, 10, 4)
    assert found["last_run"]["status"] == "complete"
    assert found["interrupted"] is None
    assert "6 documents are left, of 10 in the source" in columnar("status", job).out


def test_a_run_that_was_stopped_is_told(job: Path) -> None:
    from columnar import RunOptions, run

    def stop(step: str) -> None:
        if step == "staged":
            raise KeyboardInterrupt

    job.write_text(job.read_text() + "chunk: {rows: 3}\n", encoding="utf-8")
    with suppress(KeyboardInterrupt):
        run(job, RunOptions(on_step=stop))
    found = columnar("status", job, "--json").json
    assert found["interrupted"]
    assert (found["chunks_published"], found["chunks_pending"]) == (1, 3)
    text = columnar("status", job).out
    assert "the same command continues it" in text
    assert "3 chunks are cut and not published" in text
    columnar("run", job)
    assert columnar("status", job, "--json").json["interrupted"] is None


def test_only_what_was_stopped_since_the_last_finished_run_is_told(job: Path) -> None:
    from columnar import RunOptions, run

    def stop(step: str) -> None:
        if step == "proved":
            raise KeyboardInterrupt

    columnar("run", job, "--limit", "3")
    with suppress(KeyboardInterrupt):
        run(job, RunOptions(on_step=stop))
    assert columnar("status", job, "--json").json["interrupted"], "it published after the run that finished"
    columnar("run", job)  # finds nothing to publish, and finishes
    assert columnar("status", job, "--json").json["interrupted"] is None


def test_the_target_tells_what_it_knows_when_the_source_is_away(job: Path) -> None:
    columnar("run", job)
    (job.parent / "source.duckdb").rename(job.parent / "away.duckdb")
    found = columnar("status", job, "--json")
    assert found.code == 0
    assert found.json["receipt"]["documents"] == 10
    assert found.json["remaining"] is None
    assert "the source cannot be read" in found.json["notes"][0]
    assert "notes" in columnar("status", job).out


def test_another_source_is_told_and_counts_nothing(job: Path) -> None:
    columnar("run", job)
    job.write_text(job.read_text().replace("source.duckdb", "copy.duckdb"), encoding="utf-8")
    (job.parent / "source.duckdb").rename(job.parent / "copy.duckdb")
    found = columnar("status", job, "--json").json
    assert found["remaining"] is None
    assert "which is not its source now" in found["notes"][0]
    assert columnar("plan", job).code == columnar("run", job).code == 2
    assert "run once with --moved" in columnar("plan", job).out
    assert columnar("plan", job, "--moved").code == 0
    assert columnar("run", job, "--moved").code == 1
    assert columnar("status", job, "--json").json["remaining"] == 0


def test_documents_that_came_into_a_range_since_are_not_left_but_told(
    job: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["columnar"])
    columnar("run", job, "--limit", "8")
    write_source(job.parent, {4: '<r id="44"/>'})
    found = columnar("status", job, "--json").json
    assert (found["remaining"], found["drift"]) == (2, [{"chunk": 1, "read": 8, "now": 9}])
    assert found["next"] == [f"columnar quarantine list {job}", f"columnar run {job}"]
    columnar("run", job)
    text = columnar("status", job).out
    assert "generation 1\n1 document came into chunks that are done: only --new-generation reads that" in text
    assert "nothing is left to do, of 11 in the source" in text
    assert f"  columnar run {job} --new-generation" in text
    execute(job.parent / "source.duckdb", "DELETE FROM docs WHERE document LIKE '%44%'")
    assert "--new-generation" not in columnar("status", job).out


def test_one_of_something_is_told_as_one(tmp_path: Path) -> None:
    job = make_job(tmp_path, {1: '<r id="1"/>', 2: "<r"})
    assert "2 documents are in the source" in columnar("status", job).out
    assert "a run would read 1 document\n" in columnar("plan", job, "--limit", 1).out
    columnar("run", job, "--limit", 1)
    assert "1 document is left, of 2 in the source" in columnar("status", job).out
    assert "1  document in   1  chunk of 1 at most" in columnar("plan", job).out
    again = columnar("run", job, "--limit", 1)
    assert "nothing was left to do in this selection; 1 document lies outside of it" in again.out
    columnar("run", job)
    assert "small: 1 document in quarantine" in columnar("quarantine", "list", job).out
    assert "thing  1 row = 0 before + 1 loaded" in columnar("run", job).out
