from __future__ import annotations

from pathlib import Path

import pytest

import columnar as library
from tests.columnar.cli.command import CONTRACT, DOCUMENTS, columnar, execute, make_job


@pytest.fixture
def loaded_job(job: Path) -> Path:
    """The small job after a run: 5 is not well-formed, 6 has another root."""
    assert columnar("run", job).code == 1
    return job


def mend(job: Path, key: int, document: str) -> None:
    execute(job.parent / "source.duckdb", "UPDATE docs SET document = ? WHERE id = ?", [document, key])


def test_the_list_says_how_to_try_again(loaded_job: Path) -> None:
    assert f"columnar quarantine retry {loaded_job}\n" in columnar("quarantine", "list", loaded_job).out + "\n"
    narrowed = columnar("quarantine", "list", loaded_job, "--reason", "wrong_root").out
    assert f"columnar quarantine retry {loaded_job} --reason wrong_root" in narrowed


def test_nothing_but_null_keys_cannot_be_tried(tmp_path: Path) -> None:
    job = make_job(tmp_path, {})
    execute(tmp_path / "source.duckdb", "INSERT INTO docs VALUES (NULL, '<r/>')")
    columnar("run", job)
    assert "retry" not in columnar("quarantine", "list", job).out
    tried = columnar("quarantine", "retry", job)
    assert tried.code == 1
    assert "no document was there to be tried again" in tried.out
    assert "1 document with a NULL source key stays in quarantine: no key leads to them" in tried.out


def test_a_retry_tells_what_became_of_the_documents(loaded_job: Path) -> None:
    mend(loaded_job, 5, '<r id="5"><n> five </n></r>')
    result = columnar("quarantine", "retry", loaded_job)
    assert result.code == 1
    lines = [" ".join(line.split()) for line in result.out.splitlines()]
    assert "2 documents of the quarantine were tried again, 1 back in quarantine" in lines
    assert "1 document has changed in the source since first read" in lines
    assert "loaded 1" in lines
    assert "quarantined 1 1 wrong_root" in lines
    assert "trimmed 1 in thing.name" in lines
    assert "the books balance" in lines
    assert "documents: 10 in the source = 8 loaded + 0 empty + 1 duplicate + 1 quarantined + 0 not yet read" in lines
    assert lines[lines.index("next") + 1].endswith(f"columnar quarantine list {loaded_job}")


def test_the_same_as_json(loaded_job: Path) -> None:
    mend(loaded_job, 5, '<r id="5"/>')
    execute(loaded_job.parent / "source.duckdb", "DELETE FROM docs WHERE id = 6")
    found = columnar("quarantine", "retry", loaded_job, "--json").json
    assert (found["wanted"], found["changed"], found["gone"], found["null_keys"]) == (2, 1, ["6"], 0)
    assert found["contract_accepted"] is False
    assert found["receipt"]["loaded"] == found["receipt"]["retried"]["not_well_formed"] == 1
    assert found["equation"]["drift"] == -1
    assert found["exit_code"] == 1


def test_a_clean_end(loaded_job: Path) -> None:
    mend(loaded_job, 5, '<r id="5"/>')
    mend(loaded_job, 6, '<r id="6"/>')
    assert columnar("quarantine", "retry", loaded_job).code == 0
    assert columnar("run", loaded_job).code == 0
    assert "no document is in quarantine" in columnar("quarantine", "list", loaded_job).out


def test_a_document_that_was_tried_again_is_shown_with_its_last_record(loaded_job: Path) -> None:
    mend(loaded_job, 5, "<other/>")
    columnar("quarantine", "retry", loaded_job)
    shown = columnar("quarantine", "show", loaded_job, "5").out
    assert "wrong_root" in shown
    assert "1, document 4; tried again in chunk -1" in shown
    assert "> 1 | <other/>" in shown
    status = columnar("status", loaded_job).out
    assert "in 1 published chunk and 1 chunk of documents tried again" in status
    assert "2 wrong_root" in status
    mend(loaded_job, 5, '<r id="5"/>')
    columnar("quarantine", "retry", loaded_job, "--key", "5")
    assert columnar("quarantine", "show", loaded_job, "5").code == 2


def test_a_dry_run_touches_nothing(loaded_job: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in loaded_job.parent.rglob("*")}
    planned = columnar("quarantine", "retry", loaded_job, "--dry-run", "--key", "6", "--key", "5")
    assert planned.code == 0
    assert "a retry would read 2 documents in quarantine again" in planned.out
    assert "  5 6\n" in planned.out
    assert f"columnar quarantine retry {loaded_job} --key=6 --key=5" in planned.out
    assert {path: path.stat().st_mtime_ns for path in loaded_job.parent.rglob("*")} == before
    as_json = columnar("quarantine", "retry", loaded_job, "--dry-run", "--limit", "1", "--json").json
    assert (as_json["documents"], as_json["keys"]) == (1, ["5"])


def test_a_changed_contract(loaded_job: Path) -> None:
    contract = loaded_job.parent / "contract.yaml"
    contract.write_text(CONTRACT.replace("trim: true", "trim: true, clean: [upper]"), encoding="utf-8")
    mend(loaded_job, 5, '<r id="5"><n>five</n></r>')
    for words in ([], ["--dry-run"]):
        refused = columnar("quarantine", "retry", loaded_job, *words)
        assert refused.code == 2
        assert "--changed-contract" in refused.err
    assert columnar("quarantine", "retry", loaded_job, "--dry-run", "--changed-contract").code == 0
    assert columnar("run", loaded_job).code == 2
    tried = columnar("quarantine", "retry", loaded_job, "--changed-contract", "--reason", "not_well_formed")
    assert "the job goes on with the contract as it is now" in tried.out
    names = execute(loaded_job.parent / "target.duckdb", "SELECT name FROM thing WHERE id IN (5, 7) ORDER BY id")
    assert names == [("FIVE",), ("seven",)]
    assert columnar("run", loaded_job).code == 1


def test_a_table_that_does_not_fit_the_changed_contract(loaded_job: Path) -> None:
    contract = loaded_job.parent / "contract.yaml"
    contract.write_text(CONTRACT.replace("name: {path: n", "label: {path: n"), encoding="utf-8")
    refused = columnar("quarantine", "retry", loaded_job, "--changed-contract")
    assert refused.code == 2
    assert "thing has no column label" in refused.err
    contract.write_text(CONTRACT, encoding="utf-8")
    assert columnar("run", loaded_job).code == 1, "the contract of the job is still the former one"


def test_what_cannot_be_asked_for(loaded_job: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    wrong = columnar("quarantine", "retry", loaded_job, "--reason", "wrong_rot")
    assert (wrong.code, "did you mean 'wrong_root'?" in wrong.err) == (2, True)
    never = make_job(tmp_path_factory.mktemp("never"), DOCUMENTS)
    assert "never ran: nothing is in quarantine" in columnar("quarantine", "retry", never).err
    assert not (never.parent / "target.duckdb").exists()


def test_the_library_does_the_same(loaded_job: Path) -> None:
    mend(loaded_job, 5, '<r id="5"/>')
    options = library.RetryOptions(reasons=("not_well_formed",))
    assert library.plan_retry(loaded_job, options).keys == ("5",)
    retry = library.retry(loaded_job, options)
    assert isinstance(retry, library.Retry)
    assert (retry.run.receipt.loaded, retry.run.proof.quarantined) == (1, 1)
