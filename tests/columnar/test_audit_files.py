"""The audit files of a run: what is in them, who reads them, and what verifying finds."""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from columnar.audit.folder import UNPUBLISHED
from columnar.audit.verify import AuditReport, verify_audit
from columnar.errors import ExitCode
from columnar.jobs.options import RunOptions
from tests.columnar.audit_world import ALL, AuditWorld, order


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> AuditWorld:
    """After a run; for tests that change nothing."""
    world = AuditWorld(tmp_path_factory.mktemp("audit"))
    world.run()
    return world


@pytest.fixture
def world(tmp_path: Path) -> AuditWorld:
    world = AuditWorld(tmp_path)
    world.run()
    return world


def kinds(report: AuditReport) -> list[tuple[str, str]]:
    return [(each.kind, each.file.partition("/")[2]) for each in report.problems]


def test_a_clean_folder_is_found_clean(done: AuditWorld) -> None:
    report = verify_audit(done.job())
    assert not report.problems
    assert report.exit_code is ExitCode.CLEAN
    assert report.rows == {"raw": 9, "extracted": 18, "duplicates": 1, "quarantine": 1, "loaded": 16}
    assert (report.chunks, report.others, report.files, report.unpublished) == (3, 0, 17, 0)


def test_duckdb_polars_and_pyarrow_read_the_same(done: AuditWorld) -> None:
    expected = done.target("SELECT id, number, price FROM line ORDER BY ALL")
    pattern = f"{done.audit}/run=*/stage=loaded/table=line/*.parquet"
    assert duckdb.sql(f"SELECT id, number, price FROM '{pattern}' ORDER BY ALL").fetchall() == expected
    frame = pl.read_parquet(pattern, hive_partitioning=True).sort("id", "number")
    assert frame.select("id", "number", "price").rows() == expected
    assert set(frame["stage"]) == {"loaded"}
    dataset = ds.dataset(sorted(done.audit.glob("run=*/stage=loaded/table=line/*.parquet")), format="parquet")
    found = dataset.to_table().sort_by([("id", "ascending"), ("number", "ascending")])
    assert list(zip(*(found[name].to_pylist() for name in ("id", "number", "price")), strict=True)) == expected
    whole = ds.dataset(done.audit / next(done.audit.glob("run=*")).name / "stage=loaded", partitioning="hive")
    assert set(whole.to_table(columns=["table"])["table"].to_pylist()) == {"orders", "line"}


def test_rows_lead_back_to_their_documents(done: AuditWorld) -> None:
    pattern = f"{done.audit}/run=*/stage=loaded/table=line/*.parquet"
    rows = duckdb.sql(
        f"SELECT id, number, _source_key, _chunk, _document, _line FROM '{pattern}' ORDER BY ALL"
    ).fetchall()
    assert rows[:3] == [(1, 1, "1", 1, 0, 3), (1, 2, "1", 1, 0, 4), (2, 1, "2", 1, 1, 3)]
    assert rows[-1] == (9, 1, "9", 3, 0, 3)


def test_raw_documents_are_what_the_source_holds(done: AuditWorld) -> None:
    pattern = f"{done.audit}/run=*/stage=raw/*.parquet"
    raw = duckdb.sql(f"SELECT _source_key, document, document_bytes FROM '{pattern}' ORDER BY ALL").fetchall()
    assert raw == done.source("SELECT CAST(k AS VARCHAR), doc, strlen(doc) FROM docs ORDER BY ALL")


def test_every_file_says_what_it_is(done: AuditWorld) -> None:
    [(run, contract)] = done.target("SELECT DISTINCT run, contract FROM columnar_ledger")
    for stage in ALL:
        table = "line" if stage in ("extracted", "loaded") else ""
        path = done.file(stage, 1, table)
        about = pq.read_metadata(path).metadata
        assert about[b"columnar.stage"] == stage.encode()
        assert about[b"columnar.run"] == run.encode()
        assert about[b"columnar.contract"] == contract.encode()
        assert about[b"columnar.version.pyarrow"]
        assert about.get(b"columnar.table", b"") == table.encode()
        assert pq.read_metadata(path).row_group(0).column(0).compression == "ZSTD"


def test_the_ledger_names_the_records_and_the_manifest(done: AuditWorld) -> None:
    rows = done.target("SELECT quarantine_file, duplicates_file, receipt FROM columnar_ledger ORDER BY chunk")
    assert rows[0][:2] == (str(done.file("quarantine")), str(done.file("duplicates")))
    assert rows[1][:2] == (None, None)
    assert all((done.audit / json.loads(receipt)["audit"]["manifest"]).is_file() for *_, receipt in rows)


def test_a_changed_value_is_found(world: AuditWorld) -> None:
    path = world.file("loaded", 1, "line")
    table = pq.read_table(path, partitioning=None)
    at = table.schema.get_field_index("_line")
    pq.write_table(
        table.set_column(at, table.schema.field(at), pa.array([99] * len(table), pa.int32())), path, compression="none"
    )
    report = verify_audit(world.job())
    assert kinds(report) == [("tampered", "stage=loaded/table=line/chunk-000000001.parquet")]
    assert report.exit_code is ExitCode.INTEGRITY


def test_what_is_missing_cut_off_and_too_many_is_named(world: AuditWorld) -> None:
    world.file("quarantine").unlink()
    cut = world.file("raw", 2)
    cut.write_bytes(cut.read_bytes()[:-20])
    more = world.file("loaded", 3, "line")
    more.with_name("chunk-000000077.parquet").write_bytes(more.read_bytes())
    assert kinds(verify_audit(world.job())) == [
        ("missing", "stage=quarantine/chunk-000000001.parquet"),
        ("truncated", "stage=raw/chunk-000000002.parquet"),
        ("extra", "stage=loaded/table=line/chunk-000000077.parquet"),
    ]


def test_a_manifest_that_was_changed_with_its_file_is_found(world: AuditWorld) -> None:
    [manifest] = world.audit.glob("run=*/manifest/chunk-000000003.json")
    values = json.loads(manifest.read_text(encoding="utf-8"))
    values["files"] = [each for each in values["files"] if each["table"] != "line"]
    world.file("loaded", 3, "line").unlink()
    world.file("extracted", 3, "line").unlink()
    manifest.write_text(json.dumps(values), encoding="utf-8")
    found = [(each.kind, each.detail) for each in verify_audit(world.job()).problems]
    assert found == [
        ("tampered", "its checksum is not the one that the target's books hold"),
        ("count", "0 rows of line, the ledger says 1"),
    ]


def test_a_manifest_that_is_gone_or_none_is_named(world: AuditWorld) -> None:
    one, two, _ = sorted(world.audit.glob("run=*/manifest/*.json"))
    one.unlink()
    two.write_text("{}", encoding="utf-8")
    foreign = world.file("loaded", 2, "line").with_name("foreign.parquet")
    shutil.copy(world.file("loaded", 2, "line"), foreign)
    report = verify_audit(world.job())
    assert kinds(report) == [
        ("missing", "manifest/chunk-000000001.json"),
        ("unreadable", "manifest/chunk-000000001.json"),
        ("tampered", "manifest/chunk-000000002.json"),
        ("unreadable", "manifest/chunk-000000002.json"),
        ("unreadable", "manifest/chunk-000000002.json"),
        ("extra", "stage=loaded/table=line/foreign.parquet"),
    ]
    assert [each.detail for each in report.problems if "vouches" in each.detail] == [
        "nothing vouches for the 7 files of its chunk",
        "nothing vouches for the 5 files of its chunk",
    ]


class Killed(BaseException):
    """Raised in the middle of a run, where a kill would hit it."""


def test_what_a_killed_run_wrote_and_did_not_publish_is_set_aside(tmp_path: Path) -> None:
    world = AuditWorld(tmp_path)
    taken = 0

    def on_step(name: str) -> None:
        nonlocal taken
        taken += name == "before_publish"
        if taken == 2:
            raise Killed

    with suppress(Killed):
        world.run(RunOptions(on_step=on_step, workers=1))
    assert verify_audit(world.job()).unpublished
    world.run()
    report = verify_audit(world.job())
    assert not report.problems
    assert report.rows["loaded"] == 16
    assert report.unpublished == len(list(world.audit.glob(f"run=*/**/*{UNPUBLISHED}"))) > 0
    assert not list(world.audit.glob("run=*/.running-*"))
    pattern = f"{world.audit}/run=*/stage=loaded/table=line/*.parquet"
    assert duckdb.sql(f"SELECT count(*) FROM '{pattern}'").fetchall() == world.target("SELECT count(*) FROM line")


def test_a_chunk_that_is_decided_again_has_the_files_of_the_last_try(tmp_path: Path) -> None:
    world = AuditWorld(tmp_path, {1: order(1), 2: order(2), 3: order(3)})
    world.target(
        "CREATE TABLE orders (id BIGINT PRIMARY KEY CHECK (id <> 2), buyer VARCHAR, state VARCHAR,"
        " channel VARCHAR, total BIGINT)"
    )
    run = world.run()
    assert run.receipt.reasons == {"rejected_by_target": 1}
    report = verify_audit(world.job())
    assert not report.problems
    assert report.rows == {"raw": 3, "extracted": 6, "quarantine": 1, "loaded": 4}


def test_retried_documents_have_files_too(tmp_path: Path) -> None:
    from columnar.jobs.job_file import read_plan
    from columnar.running.retry import retry_job

    world = AuditWorld(tmp_path)
    world.run()
    world.source("UPDATE docs SET doc = ? WHERE k = 4", order(4, lines=2))
    retry_job(world.job(), read_plan(world.job()))
    report = verify_audit(world.job())
    assert not report.problems
    assert (report.chunks, report.rows["raw"], report.rows["loaded"]) == (4, 10, 19)
    [raw] = world.audit.glob("run=*/stage=raw/chunk--*.parquet")
    assert pq.read_table(raw, columns=["_source_key"], partitioning=None)["_source_key"].to_pylist() == ["4"]


def test_a_job_that_wants_no_files_leaves_none(tmp_path: Path) -> None:
    world = AuditWorld(tmp_path)
    world.run(audit={"stages": []})
    assert not list(tmp_path.rglob("*.parquet"))
    assert world.target("SELECT DISTINCT quarantine_file FROM columnar_ledger") == [(None,)]
    report = verify_audit(world.job(audit={"stages": []}))
    assert (report.chunks, report.others, report.problems) == (0, 3, [])


def test_without_options_the_records_go_to_the_workspace(tmp_path: Path) -> None:
    world = AuditWorld(tmp_path)
    run = world.run(audit={})
    assert run.folder == tmp_path / ".columnar" / "orders" / "audit" / f"run={run.id}"
    report = verify_audit(world.job(audit={}))
    assert report.rows == {"duplicates": 1, "quarantine": 1}
    assert (report.chunks, report.others) == (1, 2)


def test_a_parquet_target_and_several_generations_are_verified(tmp_path: Path) -> None:
    world = AuditWorld(tmp_path)
    target = {"url": "parquet:tables", "create": True}
    world.run(target=target)
    world.run(RunOptions(new_generation=True), target=target)
    report = verify_audit(world.job(target=target))
    assert not report.problems
    assert (report.chunks, report.rows["loaded"], report.rows["raw"]) == (6, 16, 18)
