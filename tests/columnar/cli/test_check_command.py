from __future__ import annotations

from pathlib import Path

from columnar.errors import ExitCode
from tests.columnar.cli.command import DOCUMENTS, columnar, execute, make_job


def test_a_contract_is_tried_on_files(job: Path, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.xml", tmp_path / "bad.xml"
    good.write_text(str(DOCUMENTS[1]))
    bad.write_text(str(DOCUMENTS[5]))
    contract = tmp_path / "contract.yaml"
    result = columnar("check", contract, good)
    assert result.code == ExitCode.CLEAN
    assert "thing: 1 row" in result.out
    both = columnar("check", contract, good, bad, "--json")
    assert both.code == ExitCode.QUARANTINE
    assert both.json["documents"] == 2
    assert columnar("check", job, good, "--rows", 1).code == ExitCode.CLEAN


def test_a_job_lends_documents_of_its_source(job: Path) -> None:
    result = columnar("check", job, "--sample", 4, "--json")
    assert result.code == ExitCode.CLEAN
    assert result.json["documents"] == 4
    every = columnar("check", job, "--sample", 100, "--json")
    assert every.code == ExitCode.QUARANTINE
    assert every.json["documents"] == len(DOCUMENTS)
    assert not (job.parent / "target.duckdb").exists()


def test_null_documents_and_keys_are_no_obstacle(tmp_path: Path) -> None:
    job = make_job(tmp_path, {1: None, 2: DOCUMENTS[2]})
    execute(tmp_path / "source.duckdb", "INSERT INTO docs VALUES (NULL, '<r id=\"5\"/>')")
    result = columnar("check", job, "--json")
    assert result.json["documents"] == 2
    assert [each["reason"] for each in result.json["quarantined"]] == ["empty"]


def test_without_documents_it_says_what_to_type(job: Path, tmp_path: Path) -> None:
    result = columnar("check", tmp_path / "contract.yaml")
    assert result.code == ExitCode.USAGE
    assert "columnar check" in result.err
    assert columnar("check", tmp_path / "contract.yaml", "nowhere.xml").code == ExitCode.USAGE
    assert columnar("check", tmp_path / "nowhere.yaml").code == ExitCode.USAGE
    execute(tmp_path / "source.duckdb", "DELETE FROM docs")
    empty = columnar("check", job)
    assert empty.code == ExitCode.USAGE
    assert "holds no documents" in empty.err


def test_a_job_with_a_mistake_is_told_as_a_job(job: Path) -> None:
    job.write_text(job.read_text().replace("target:", "targets:"))
    result = columnar("check", job)
    assert result.code == ExitCode.USAGE
    assert "did you mean 'target'?" in result.err
