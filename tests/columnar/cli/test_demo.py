from __future__ import annotations

from pathlib import Path

import pytest

from columnar.demo.generate_source import GenerationError, generate_source
from columnar.demo.truth import truth
from columnar.errors import ExitCode
from tests.columnar.cli.command import columnar


def test_the_demonstration_finds_what_was_invented_and_then_has_nothing_left_to_do(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    first = columnar("demo", "--documents", 40, "--folder", folder)
    assert first.code == ExitCode.CLEAN
    assert "As invented: " in first.out
    assert f"columnar status {folder / 'job.yaml'}" in first.out
    source = (folder / "source.duckdb").stat()
    second = columnar("demo", "--documents", 40, "--folder", folder)
    assert second.code == ExitCode.CLEAN
    assert "nothing was left to do" in second.out
    assert "were there already" in second.out
    assert (folder / "source.duckdb").stat() == source
    third = columnar("demo", "--documents", 10, "--folder", folder, "--json", "--seed", 2, "--memory", "600MB").json
    assert third["run"]["receipt"]["documents"] == 10
    assert third["run"]["memory"] == 600_000_000
    assert third["differences"] == []


def test_a_result_that_is_not_what_was_invented_ends_with_5(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("columnar.demo.truth", lambda *_, **__: truth(21))
    result = columnar("demo", "--documents", 20, "--folder", tmp_path / "demo")
    assert result.code == ExitCode.INTEGRITY
    assert "mismatch with what was invented" in result.out
    assert "documents: 21 were invented, 20 were found" in result.out


def test_files_of_somebody_else_are_left_alone(tmp_path: Path) -> None:
    mine = tmp_path / "source.duckdb"
    mine.write_text("mine")
    result = columnar("demo", "--documents", 5, "--folder", tmp_path)
    assert result.code == ExitCode.USAGE
    assert "--folder" in result.err
    assert mine.read_text() == "mine"


def test_generating_that_was_interrupted_begins_anew(tmp_path: Path) -> None:
    folder = tmp_path / "demo"

    def stop(documents: int, size: int) -> None:
        raise KeyboardInterrupt

    folder.mkdir()
    (folder / "demo.json").write_text("{}")
    with pytest.raises(KeyboardInterrupt):
        generate_source(folder / "source.duckdb.part", documents=500, seed=1, on_batch=stop)
    assert columnar("demo", "--documents", 5, "--folder", folder).code == ExitCode.CLEAN


def test_generating_into_a_folder_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(GenerationError, match="failed"):
        generate_source(tmp_path / "no" / "source.duckdb", documents=1, seed=1, on_batch=lambda *_: None)
