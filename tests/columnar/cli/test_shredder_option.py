"""`--shredder` on every command that reads documents, and what these say of the way that documents took."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from columnar.cli.app import app
from tests.columnar.cli.command import CONTRACT, JOB, columnar, execute, make_job
from tests.columnar.fake_native import with_kernel, without_kernel
from transforms.shred import why_not_native

XPATH = CONTRACT.replace('v: {path: "@v"', 'n: {xpath: "count(../x)", type: int32}\n      v: {path: "@v"')
# Declared in Latin-1, a DOCTYPE, deep and plain ones beside the ten that every test has.
SPECIAL = {
    21: "<?xml version='1.0' encoding='ISO-8859-1'?><r id='21'><n>é</n></r>",
    22: "<!DOCTYPE r><r id='22'/>",
    23: "<?xml version='1.1'?><r id='23'/>",
    24: "<r id='24' xmlns='urn:x'/>",
    25: "<r id='25'>" + "<k>" * 300 + "</k>" * 300 + "</r>",
    26: "<r id='26'><n><![CDATA[ a ]]>&amp;<!-- c -->&#65;</n><k><x v='1'/><x/></k></r>",
    27: None,
}


def commands(job: Path) -> dict[str, list[Any]]:
    document = job.parent / "one.xml"
    document.write_text('<r id="1"><n>one</n></r>', encoding="utf-8")
    return {
        "run": ["run", job],
        "plan": ["plan", job],
        "retry": ["quarantine", "retry", job],
        "check": ["check", job],
        "check of files": ["check", job.parent / "contract.yaml", document],
        "lint": ["contract", "lint", job],
        "demo": ["demo", "--documents", "20", "--folder", job.parent / "demo"],
    }


def test_every_command_that_reads_documents_has_the_option() -> None:
    import typer

    group: Any = typer.main.get_command(app)
    options = {
        name: {option for each in command.params for option in each.opts}
        for name, command in [*group.commands.items(), *group.commands["quarantine"].commands.items()]
    }
    assert [name for name, known in options.items() if "--shredder" in known] == [
        "run", "plan", "check", "demo", "retry",
    ]  # fmt: skip
    lint = group.commands["contract"].commands["lint"]
    assert "--shredder" in {option for each in lint.params for option in each.opts}


@pytest.mark.parametrize("name", ["run", "plan", "retry", "check", "check of files", "lint", "demo"])
def test_native_without_a_kernel_is_told_with_code_2(name: str, job: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_kernel(monkeypatch)
    if name == "retry":
        columnar("run", job)
    words = commands(job)[name]
    refused = columnar(*words, "--shredder", "native", "--json")
    assert refused.code == 2
    assert refused.json["code"] == "no_kernel"
    assert "auto" in refused.json["hint"]
    assert columnar(*words, "--shredder", "auto").code in (0, 1)
    assert columnar(*words, "--shredder", "fast").code == 2


def test_a_job_that_asks_for_it_is_told_too_and_the_option_overrides_it(
    job: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_kernel(monkeypatch)
    job.write_text(JOB + "shredder: native\n", encoding="utf-8")
    for words in (["run", job], ["check", job], ["contract", "lint", job], ["plan", job]):
        assert columnar(*words, "--json").json["code"] == "no_kernel"
        assert columnar(*words, "--shredder", "lxml").code in (0, 1)


def test_a_run_and_the_status_say_which_way_documents_took(job: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_kernel(monkeypatch)
    execute(job.parent / "source.duckdb", "INSERT INTO docs VALUES (11, '<r id=\"11\"><n>latin</n></r>')")
    out = columnar("run", job).out
    assert "\nshredded by\n  native  10\n  lxml     1  1 encoding\n" in out
    assert "\nshredded by\n  native  10\n  lxml     1  1 encoding\n" in columnar("status", job).out
    assert columnar("status", job, "--json").json["receipt"]["ways"] == {"native": 10, "lxml encoding": 1}
    assert columnar("quarantine", "retry", job, "--json").json["receipt"]["ways"] == {"native": 2}


def test_a_plan_says_which_one_and_which_columns_lxml_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_kernel(monkeypatch)
    job = make_job(tmp_path, contract=XPATH)
    told = " ".join(columnar("plan", job).out.split())
    assert (
        "shredder native; documents with rows for them are parsed a second time, by lxml, for the xpath: of item.n"
        in told
    )
    assert columnar("plan", job, "--json").json["shredder"]["xpath"] == ["item.n"]
    job = make_job(tmp_path / "plain") if (tmp_path / "plain").mkdir() is None else job
    assert "where lxml has to read it" in columnar("plan", job).out
    assert "where lxml has to read it" not in columnar("plan", job, "--shredder", "lxml").out


def test_the_command_that_a_dry_retry_prints_keeps_the_option(job: Path) -> None:
    columnar("run", job)
    assert "--shredder=lxml" in columnar("quarantine", "retry", job, "--dry-run", "--shredder", "lxml").out


def rows_of(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    target = folder / "target.duckdb"
    tables = {table: execute(target, f"FROM {table} ORDER BY ALL") for table in ("thing", "item")}
    # Line, column and detail of a refusal are each shredder's own.
    known = "document, outcome, source_key, root_key, fingerprint, bytes, rows, reason, class, place, winner, rule"
    return tables | {"documents": execute(target, f"SELECT {known} FROM columnar_document ORDER BY chunk, document")}


def receipts_of(folder: Path) -> list[dict[str, Any]]:
    """Without the ways, the seconds, and what depends on how many documents were read at a time."""
    found = execute(folder / "target.duckdb", "SELECT receipt FROM columnar_ledger ORDER BY chunk")
    receipts = [json.loads(text) for (text,) in found]
    for receipt in receipts:
        del receipt["ways"], receipt["seconds"], receipt["audit"]
        for stage in ("shred", "convert", "publish"):  # sizes in memory, with or without a bitmap of no nulls
            del receipt["stage_bytes"][stage]
    return receipts


@pytest.mark.parametrize("contract", [CONTRACT, XPATH], ids=["paths", "xpath"])
def test_both_give_the_same_targets_and_receipts(tmp_path: Path, contract: str) -> None:
    if why_not_native():
        pytest.skip(f"the native shredder is not there: {why_not_native()}")
    found = {}
    for shredder in ("lxml", "native"):
        (tmp_path / shredder).mkdir()
        job = make_job(tmp_path / shredder, contract=contract)
        with_special(job.parent)
        job.write_text(JOB + "chunk: {rows: 6}\n", encoding="utf-8")
        assert columnar("run", job, "--shredder", shredder).code == 1
        ways = columnar("status", job, "--json").json["receipt"]["ways"]
        assert sum(ways.values()) == 17
        native = {way: count for way, count in ways.items() if way.startswith("native")}
        # item.n, the `xpath:`, has rows in three documents
        by_native = {"native": 14} if contract is CONTRACT else {"native": 11, "native xpath": 3}
        expected = {} if shredder == "lxml" else by_native
        assert native == expected
        found[shredder] = rows_of(job.parent), receipts_of(job.parent)
    assert found["lxml"] == found["native"]
    assert len(found["lxml"][0]["documents"]) == 17


def with_special(folder: Path) -> None:
    for key, document in SPECIAL.items():
        execute(folder / "source.duckdb", "INSERT INTO docs VALUES (?, ?)", [key, document])
