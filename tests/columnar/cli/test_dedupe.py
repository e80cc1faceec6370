"""`columnar dedupe analyze` and `columnar dedupe explain`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.columnar.cli.command import columnar, make_job


@pytest.fixture
def analysed(tmp_path: Path) -> Path:
    job = make_job(tmp_path)
    result = columnar("dedupe", "analyze", job, "--out", tmp_path / "o.duckdb", "--json")
    assert result.code == 0, result.err
    assert (result.json["entries"], result.json["different_content"], result.json["without_key"]) == (10, 1, 2)
    assert result.json["key"] == ["thing.id"]
    return tmp_path / "o.duckdb"


def test_nothing_else_is_made(analysed: Path) -> None:
    assert {path.name for path in analysed.parent.iterdir()} == {
        "o.duckdb",
        "source.duckdb",
        "contract.yaml",
        "job.yaml",
    }


def test_explain(analysed: Path) -> None:
    result = columnar("dedupe", "explain", analysed, "3", "--json")
    assert result.code == 0
    winner, loser = result.json["entries"]
    assert (winner["source_key"], winner["class"], loser["source_key"], loser["class"]) == (
        "3",
        None,
        "4",
        "different_content",
    )
    assert loser["differences"] == [
        {"table": "thing", "row": 1, "column": "name", "winner": "three", "loser": "three again", "only_in": None}
    ]
    text = columnar("dedupe", "explain", analysed, "4").out  # a source key leads there, too
    assert "winner  3: the first in the order of the source" in text
    assert "thing[1].name  three   three again" in text
    assert "has no key to compare: not_well_formed" in columnar("dedupe", "explain", analysed, "5").out
    assert "7 is the only one that has it" in columnar("dedupe", "explain", analysed, "7").out


def test_mistakes_are_told(analysed: Path, tmp_path: Path) -> None:
    missing = columnar("dedupe", "explain", analysed, "nothing")
    assert (missing.code, "no key and no source key nothing" in missing.err) == (2, True)
    wrong = columnar("dedupe", "analyze", tmp_path / "job.yaml", "--by", "nme", "--out", tmp_path / "p.duckdb")
    assert (wrong.code, "did you mean 'name'?" in wrong.err) == (2, True)
    assert columnar("dedupe", "analyze", tmp_path / "none.yaml").code == 2
