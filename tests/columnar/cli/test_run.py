from __future__ import annotations

import shlex
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from columnar.bookkeeping.prove import Drift, Proof, TableProof
from columnar.bookkeeping.receipt import Receipt
from columnar.cli.run_text import run_text
from columnar.jobs.job_file import read_job
from columnar.looking.report import equation, next_commands
from columnar.running.budget import MB
from columnar.running.decide import DuplicateRule
from columnar.running.run import Run
from tests.columnar.cli.command import CONTRACT, JOB, columnar, execute, make_job, write_source

RUN = Run(
    id="20261123T181026-79c40a",
    name="small",
    generation=1,
    status="quarantine",
    receipt=Receipt(
        documents=1200,
        loaded=1187,
        empty=1,
        duplicate=5,
        quarantined=7,
        bytes=27_600_000,
        rows={"thing": 1187, "item": 23_940},
        reasons={"wrong_root": 2, "not_well_formed": 5},
        duplicates={"same_content chunk fingerprint": 1, "different_content target key": 4},
        changes={"thing.name trimmed": 12, "item.v nulled_invalid": 3, "thing.note trimmed": 40, "item where": 7},
        seconds={"shred": 7.0, "read": 1.25, "publish": 0.5, "convert": 61.2},
    ),
    proof=Proof(
        documents=1200,
        loaded=1187,
        empty=1,
        duplicate=5,
        quarantined=7,
        source=1703,
        pending=300,
        uncovered=201,
        tables=[TableProof("thing", 10, 1187, 1197), TableProof("item", 0, 23_940, 23_940)],
        drift=[Drift(3, 100, 102)],
    ),
    chunks=12,
    seconds=12.0,
    peak_memory=301 * MB,
    memory=512 * MB,
    workers=2,
    rule=DuplicateRule("thing", ("id",), by_fingerprint=True),
    folder=Path("runs"),
)
RECEIPT = """\
job small, run 20261123T181026-79c40a: complete, with documents in quarantine
2 documents came into chunks that are done: only --new-generation reads that; it reads everything again, \
what is loaded counts as duplicate

documents
  read         1,200  in 12 chunks, 27.6 MB of XML
  loaded       1,187
  empty            1
  duplicate        5  4 different_content in the target by key, 1 same_content in this chunk by fingerprint
  quarantined      7  5 not_well_formed, 2 wrong_root

rows loaded
  thing   1,187
  item   23,940

values changed
  trimmed         52  in thing.note (40) and 1 other
  where            7  in item
  nulled_invalid   3  in item.v

time
  12.0 s: 100.0 documents/s, 2.3 MB/s
    read         1.25 s
    shred        7.00 s  in 2 threads together
    convert  1 min 01 s
    publish      0.50 s

memory
  301.0 MB at the peak, of 512.0 MB allowed

proof
  the books balance
  documents: 1,703 in the source = 1,187 loaded + 1 empty + 5 duplicate + 7 quarantined + 501 not yet read \
+ 2 came since
  thing   1,197 rows = 10 before + 1,187 loaded
  item   23,940 rows = 0 before + 23,940 loaded

drift
  chunk 3: 100 documents when it was read, 102 in the source now

next
  columnar status job.yaml"""


def test_the_receipt_is_this_text() -> None:
    assert run_text(RUN, ["columnar status job.yaml"]) == RECEIPT


def test_every_number_of_the_equation_counts() -> None:
    """A receipt whose equation does not hold says so, whichever term is wrong."""
    assert equation(RUN.proof).holds
    for name in ("source", "loaded", "empty", "duplicate", "quarantined", "pending", "uncovered"):
        wrong = replace(RUN.proof, **{name: getattr(RUN.proof, name) + 1})
        assert not equation(wrong).holds
        assert "the books do not balance" in run_text(replace(RUN, proof=wrong), [])


def test_a_run_prints_receipt_proof_and_what_to_type_next(job: Path) -> None:
    result = columnar("run", job)
    assert result.code == 1
    assert "quarantined   2  1 not_well_formed, 1 wrong_root" in result.out
    assert (
        "documents: 10 in the source = 7 loaded + 0 empty + 1 duplicate + 2 quarantined + 0 not yet read" in result.out
    )
    assert f"columnar quarantine list {job}" in result.out
    assert "prove" in result.err
    assert "prove" not in result.out.split("next")[0].split("proof")[0]


def test_a_second_run_has_nothing_left_to_do(job: Path) -> None:
    columnar("run", job)
    result = columnar("run", job)
    assert result.code == 1
    assert "nothing was left to do" in result.out
    assert execute(job.parent / "target.duckdb", "SELECT count(*) FROM thing") == [(7,)]


def test_a_clean_run_ends_with_0(tmp_path: Path) -> None:
    job = make_job(tmp_path, {1: '<r id="1"/>'})
    result = columnar("run", job)
    assert result.code == 0
    assert "quarantine list" not in result.out


def test_json_is_one_object_and_nothing_else_on_stdout(job: Path) -> None:
    result = columnar("run", job, "--json")
    assert result.code == 1
    run = result.json
    assert run["receipt"]["loaded"] == 7
    assert run["proof"]["tables"][0] == {"table": "thing", "before": 0, "accounted": 7, "found": 7}
    assert run["equation"] == {
        "source": 10, "loaded": 7, "empty": 0, "duplicate": 1, "quarantined": 2, "not_read": 0, "drift": 0,
    }  # fmt: skip
    assert run["exit_code"] == 1
    assert run["peak_memory"] > 0


@pytest.mark.parametrize(
    ("words", "read"),
    [
        (["--limit", "3"], 3),
        (["--where-key", "3..6"], 4),
        (["--where-key", "8.."], 3),
        (["--where-key", "..2"], 2),
        (["--where-key", "3..", "--limit", "2"], 2),
    ],
)
def test_a_selection_reads_only_that(job: Path, words: list[str], read: int) -> None:
    result = columnar("run", job, "--json", *words)
    assert result.json["receipt"]["documents"] == read
    assert result.json["equation"]["not_read"] == 10 - read


def test_what_a_selection_left_is_the_next_command(job: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["columnar"])
    result = columnar("run", job, "--limit", "3")
    assert f"  columnar run {job}\n" in result.out
    again = columnar("run", job, "--limit", "3")
    assert "nothing was left to do in this selection; 7 documents lie outside of it" in again.out


def test_documents_that_came_into_a_range_since_are_drift(job: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["columnar"])
    columnar("run", job)
    write_source(job.parent, {4: '<r id="44"/>'})
    result = columnar("run", job)
    assert "\nnothing was left to do\n1 document came into chunks that are done: only --new-generation" in result.out
    assert f"  columnar run {job} --new-generation\n" in result.out
    assert "chunk 1: 10 documents when it was read, 11 in the source now" in result.out
    assert "+ 1 came since" in result.out
    assert "the books balance" in result.out
    again = columnar("run", job, "--new-generation")
    assert "read         11  in 1 chunk" in again.out
    assert "came into chunks" not in again.out


def test_other_documents_under_as_many_keys_are_told(job: Path) -> None:
    columnar("run", job)
    execute(job.parent / "source.duckdb", "UPDATE docs SET id = 0 WHERE id = 9")
    assert "\ndocuments changed in 1 chunk that is done: only --new-generation reads that" in columnar("run", job).out


def test_what_is_gone_needs_no_reading(job: Path) -> None:
    columnar("run", job)
    execute(job.parent / "source.duckdb", "DELETE FROM docs WHERE id = 9")
    result = columnar("run", job)
    assert "- 1 gone since" in result.out
    assert "--new-generation" not in result.out


def test_where_nothing_tells_duplicates_no_new_generation_is_advised(job: Path) -> None:
    job.write_text(JOB + "duplicates: off\n", encoding="utf-8")
    write_source(job.parent, {})
    execute(job.parent / "source.duckdb", "DELETE FROM docs WHERE id = 4")
    columnar("run", job)
    write_source(job.parent, {4: '<r id="44"/>'})
    result = columnar("run", job)
    assert "1 document came into chunks that are done: no run reads that again" in result.out
    assert "--new-generation" not in result.out


def test_another_workspace_is_used(job: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("elsewhere") / "work"
    columnar("run", job, "--workspace", folder)
    assert any(folder.rglob("*.parquet"))
    assert not (job.parent / ".columnar").exists()


def test_the_options_reach_the_run(job: Path) -> None:
    run = columnar("run", job, "--json", "--memory", "600MB", "--workers", "3").json
    assert (run["memory"], run["workers"]) == (600 * MB, 3)


def test_commands_to_type_fit_the_target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["columnar"])
    monkeypatch.setattr("shutil.which", {"duckdb": "/bin/duckdb"}.get)
    job = make_job(tmp_path, job=JOB.replace("create: true", "create: true, schema: loans"))
    assert next_commands(RUN, read_job(job), "job.yaml") == [
        "columnar quarantine list job.yaml",
        "columnar run job.yaml",
        "columnar status job.yaml",
        "duckdb target.duckdb 'FROM loans.thing LIMIT 10'",
    ]
    job.write_text(JOB.replace("duckdb:target.duckdb", "parquet:out"), encoding="utf-8")
    assert next_commands(RUN, read_job(job), "my job.yaml")[2:] == [
        "columnar status 'my job.yaml'",
        """duckdb -c "FROM 'out/publications/*/thing.parquet' LIMIT 10\"""",
    ]


@pytest.mark.parametrize(
    ("job", "rows", "more"),
    [
        (JOB, "seven", ""),
        (JOB.replace("create: true", 'create: true, schema: "it\'s"'), "seven", ""),
        (JOB.replace("duckdb:target.duckdb", "parquet:o'ut"), "seven", ""),
        (JOB, "seven", "target: {schema: lend}"),
        (JOB.replace("create: true", 'create: true, schema: "it\'s"'), "seven", "target: {schema: group}"),
        (JOB.replace("create: true", "create: true, schema: mine"), "seven", "target: {schema: main}"),
        (JOB.replace("duckdb:target.duckdb", "parquet:out"), "seven", "target: {schema: lend}"),
    ],
)
def test_the_line_that_looks_at_a_table_works_without_duckdbs_own_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, job: str, rows: str, more: str
) -> None:
    make_job(tmp_path, job=job, contract=CONTRACT.replace("thing", "order") + more)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("columnar.looking.report.shutil.which", lambda name: None)
    columnar("run", "job.yaml")
    *_, look = columnar("run", "job.yaml", "--json").json["next"]
    done = subprocess.run(shlex.split(look), capture_output=True, text=True, encoding="utf-8", check=False)
    assert rows in done.stdout, f"{look}\n{done.stderr}"
