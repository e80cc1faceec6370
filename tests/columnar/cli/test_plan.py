from __future__ import annotations

import hashlib
from pathlib import Path

from tests.columnar.cli.command import CONTRACT, JOB, columnar, execute, make_job


def _everything(folder: Path) -> dict[str, str]:
    """Every file below a folder, by its content."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_plan_touches_nothing(job: Path) -> None:
    before = _everything(job.parent)
    result = columnar("plan", job)
    assert result.code == 0
    assert "a run would read 10 documents" in result.out
    assert "which would be made" in result.out
    assert _everything(job.parent) == before
    columnar("run", job)
    before = _everything(job.parent)
    assert "nothing is left to do" in columnar("plan", job).out
    assert _everything(job.parent) == before


def test_a_plan_of_a_parquet_target_makes_no_folder_and_clears_none(job: Path) -> None:
    job.write_text(JOB.replace("duckdb:target.duckdb", "parquet:out"), encoding="utf-8")
    assert columnar("plan", job).code == 0
    assert not (job.parent / "out").exists()
    columnar("run", job)
    staged = job.parent / "out" / "staging" / "of-another-run"
    staged.mkdir()
    plan = columnar("plan", job, "--json").json
    assert staged.exists()
    assert [(table["table"], table["exists"], table["rows"]) for table in plan["tables"]] == [
        ("thing", True, 7),
        ("item", True, 3),
    ]


def test_a_plan_knows_what_is_done_and_what_is_to_do(job: Path) -> None:
    columnar("run", job, "--limit", "4")
    work = columnar("plan", job, "--json", "--where-key", "5..6").json["work"]
    assert work == {
        "chunks_published": 1, "documents_published": 4, "chunks_pending": 0, "documents_pending": 0,
        "chunks_fresh": 1, "documents_fresh": 2, "documents_later": 4, "rows": 2,
    }  # fmt: skip
    assert "4 documents are outside of this selection" in columnar("plan", job, "--where-key", "5..6").out


def test_the_plan_of_a_run_is_what_the_run_does(job: Path) -> None:
    planned = columnar("plan", job, "--json", "--limit", "7").json["work"]
    done = columnar("run", job, "--json", "--limit", "7").json
    assert (planned["documents_fresh"], planned["chunks_fresh"]) == (done["receipt"]["documents"], done["chunks"])


def test_the_statements_make_the_tables(job: Path, tmp_path: Path) -> None:
    out = columnar("plan", job, "--ddl").out
    statements = out[out.index("CREATE TABLE") :]
    execute(tmp_path / "target.duckdb", statements)
    job.write_text(JOB.replace(", create: true", ""), encoding="utf-8")
    assert columnar("run", job).code == 1
    assert execute(tmp_path / "target.duckdb", "SELECT count(*) FROM item") == [(3,)]


def test_tables_that_are_missing_or_do_not_fit_are_told_with_code_2(job: Path, tmp_path: Path) -> None:
    job.write_text(JOB.replace(", create: true", ""), encoding="utf-8")
    missing = columnar("plan", job)
    assert missing.code == 2
    assert "a run would refuse to begin" in missing.out
    assert missing.out.count("does not exist; create: true") == 2
    execute(tmp_path / "target.duckdb", "CREATE TABLE thing (id VARCHAR, nam VARCHAR)")
    wrong = columnar("plan", job, "--json")
    assert wrong.code == 2
    problems = " ".join(wrong.json["problems"])
    assert "thing has no column name; did you mean 'nam'?" in problems
    assert "table item does not exist" in problems
    assert columnar("run", job).code == 2


def test_a_changed_contract_is_told_with_code_2_unless_a_new_generation_is_asked_for(job: Path, tmp_path: Path) -> None:
    columnar("run", job)
    (tmp_path / "contract.yaml").write_text(CONTRACT.replace("string(20)", "string(30)"), encoding="utf-8")
    refused = columnar("plan", job)
    assert refused.code == 2
    assert "--new-generation" in refused.out
    accepted = columnar("plan", job, "--new-generation", "--json")
    assert accepted.code == 0
    assert accepted.json["generation"] == 2
    assert accepted.json["work"]["documents_fresh"] == 10


def test_null_keys_are_told(tmp_path: Path) -> None:
    job = make_job(tmp_path, {1: "<r/>"})
    execute(tmp_path / "source.duckdb", "INSERT INTO docs VALUES (NULL, '<r/>')")
    result = columnar("plan", job)
    assert "1 of them, which goes to quarantine" in result.out
    assert "a run would read 2 documents" in result.out


def test_a_new_generation_by_the_same_contract_is_planned_as_it_is_run(job: Path) -> None:
    columnar("run", job, "--limit", 4)
    planned = columnar("plan", job, "--new-generation", "--json").json
    assert (planned["generation"], planned["work"]["documents_fresh"]) == (2, 10)
    done = columnar("run", job, "--new-generation", "--json").json
    assert (done["generation"], done["receipt"]["documents"]) == (2, 10)


def test_a_childs_key_without_its_parents_is_noted(job: Path, tmp_path: Path) -> None:
    assert "notes" not in columnar("plan", job).out
    contract = CONTRACT.replace("    parent: thing\n", "    parent: thing\n    key: [KEY]\n")
    (tmp_path / "contract.yaml").write_text(contract.replace("KEY", "v"), encoding="utf-8")
    assert columnar("plan", job, "--json").json["notes"] == [
        "table item: its key (v) leaves out id, which it gains from thing: is v unique over all documents?"
    ]
    assert "is v unique over all documents?" in columnar("plan", job).out
    assert "warn  target" in columnar("doctor", job).out
    (tmp_path / "contract.yaml").write_text(contract.replace("KEY", "id, v"), encoding="utf-8")
    assert columnar("plan", job, "--json").json["notes"] == []
    numbered = contract.replace("KEY", "no").replace(
        "      v: ", "      no: {type: int64, identity: database}\n      v: "
    )
    (tmp_path / "contract.yaml").write_text(numbered, encoding="utf-8")
    assert columnar("plan", job, "--json").json["notes"] == []  # the database makes it unique


def test_a_key_that_refuses_copies_is_noted(job: Path) -> None:
    job.write_text(JOB + "duplicates: off\n", encoding="utf-8")
    (note,) = columnar("plan", job, "--json").json["notes"]
    assert note == "duplicates by key are off, so the key of thing refuses copies: they go to quarantine"
    job.write_text(JOB.replace("duckdb:target.duckdb", "parquet:out") + "duplicates: off\n", encoding="utf-8")
    assert columnar("plan", job, "--json").json["notes"] == []


def test_keys_and_sources_are_shown_for_people(job: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "1.xml").write_text('<r id="1"/>')
    job.write_text(JOB.replace('"duckdb:source.duckdb", table: docs, key: [id]', '"folder:in"'), encoding="utf-8")
    assert ["key", "path"] in [line.split() for line in columnar("plan", job).out.splitlines()]
    execute(tmp_path / "source.duckdb", f"COPY docs TO '{tmp_path / 'in.parquet'}'")
    job.write_text(JOB.replace('"duckdb:source.duckdb", table: docs, key: [id]', '"parquet:in.parquet"'))
    assert "in.parquet(file and row)->document\n" in columnar("plan", job).out


def test_a_table_that_lacks_a_new_column_is_told_with_what_to_do(job: Path, tmp_path: Path) -> None:
    columnar("run", job)
    longer = CONTRACT.replace("  item:\n", '      more: "@more"\n  item:\n')
    (tmp_path / "contract.yaml").write_text(longer, encoding="utf-8")
    refused = columnar("run", job, "--new-generation")
    assert refused.code == 2
    assert "thing has no column more" in refused.err
    assert 'ALTER TABLE "thing" ADD COLUMN "more" VARCHAR;' in refused.err
