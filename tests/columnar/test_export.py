"""Audit files made from an existing target."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import duckdb
import pytest

from columnar.audit.export import export_job
from columnar.audit.verify import verify_audit
from columnar.errors import JobError
from columnar.jobs.job_file import read_plan
from columnar.running.retry import retry_job
from loaders.errors import DISK_FULL, UnavailableError
from loaders.parquet_file import file_sha256
from tests.columnar.audit_world import AuditWorld, order

NO_FILES: dict[str, Any] = {"audit": {"stages": []}}


@pytest.fixture
def world(tmp_path: Path) -> AuditWorld:
    world = AuditWorld(tmp_path)
    world.run(**NO_FILES)
    return world


def rows(folder: Path, table: str, columns: str) -> list[tuple[Any, ...]]:
    pattern = f"{folder}/orders/run=*/stage=loaded/table={table}/*.parquet"
    return duckdb.sql(f"SELECT {columns} FROM '{pattern}' ORDER BY ALL").fetchall()


@pytest.mark.parametrize("target", [{"url": "parquet:tables"}, {"url": "duckdb:target.duckdb", "create": True}])
def test_an_export_is_what_the_runs_would_have_left(tmp_path: Path, target: dict[str, Any]) -> None:
    world = AuditWorld(tmp_path)
    world.run(target=target)
    done = export_job(world.job(target=target), tmp_path / "out")
    assert (done.rows, done.notes) == ({"duplicates": 1, "quarantine": 1, "loaded": 16}, [])
    assert done.sha256 == file_sha256(tmp_path / "out" / "orders" / "export.json")
    for table in ("orders", "line"):
        columns = "* EXCLUDE (_row, _parent, _position, _line, run, stage)"
        theirs = duckdb.sql(
            f"SELECT {columns} FROM '{world.audit}/run=*/stage=loaded/table={table}/*.parquet' ORDER BY ALL"
        )
        assert rows(tmp_path / "out", table, "* EXCLUDE (run, stage)") == theirs.fetchall()
    report = verify_audit(world.job(target=target), folder=tmp_path / "out")
    assert (report.problems, report.chunks, report.rows) == ([], 3, done.rows)


def test_a_file_of_an_export_that_was_changed_is_found(world: AuditWorld) -> None:
    out = world.folder / "out"
    export_job(world.job(), out)
    next(out.rglob("table=line/chunk-000000002.parquet")).unlink()
    next(out.rglob("table=orders/chunk-000000002.parquet")).write_bytes(b"PAR1")
    found = [(each.kind, each.file.rpartition("stage=")[2]) for each in verify_audit(world.job(), folder=out).problems]
    assert found == [
        ("tampered", "loaded/table=orders/chunk-000000002.parquet"),
        ("missing", "loaded/table=line/chunk-000000002.parquet"),
    ]


def test_what_was_published_later_is_not_in_it(world: AuditWorld) -> None:
    out = world.folder / "out"
    export_job(world.job(), out)
    world.source("UPDATE docs SET doc = ? WHERE k = 4", order(4, lines=2))
    retry_job(world.job(**NO_FILES), read_plan(world.job()))
    report = verify_audit(world.job(), folder=out)
    assert (report.problems, report.others) == ([], 1)
    done = export_job(world.job(), world.folder / "again", stages=("loaded",))
    assert done.rows == {"loaded": 19}
    assert rows(world.folder / "again", "line", "number, _source_key, _chunk")[1:2] == [(1, "2", 1)]
    assert (1, "4", -1) in rows(world.folder / "again", "line", "number, _source_key, _chunk")
    assert not verify_audit(world.job(), folder=world.folder / "again").problems


def test_rows_that_are_gone_from_the_target_are_noted(world: AuditWorld) -> None:
    world.target("DELETE FROM line WHERE id = 6")
    done = export_job(world.job(), world.folder / "out")
    assert done.notes == ["chunk 2: 2 rows of line are in the target, the books say 5"]
    kinds = [each.kind for each in verify_audit(world.job(), folder=world.folder / "out").problems]
    assert kinds == ["count", "count"]


def test_rows_that_lead_nowhere_are_in_one_file(tmp_path: Path) -> None:
    world = AuditWorld(tmp_path, {1: order(1), 2: order(2, lines=2)})
    settings: dict[str, Any] = {"duplicates": "off", **NO_FILES}
    world.run(**settings)
    done = export_job(world.job(**settings), tmp_path / "out")
    assert done.rows == {"loaded": 5}
    assert [note.partition(" to ")[0] for note in done.notes] == [
        "nothing leads from rows of orders",
        "nothing leads from rows of line",
    ]
    assert rows(tmp_path / "out", "line", "id, number") == [(1, 1), (2, 1), (2, 2)]
    report = verify_audit(world.job(**settings), folder=tmp_path / "out")
    assert (report.problems, report.rows) == ([], {"loaded": 5})
    next((tmp_path / "out").rglob("table=line/*.parquet")).unlink()
    assert [each.kind for each in verify_audit(world.job(**settings), folder=tmp_path / "out").problems] == ["missing"]


def test_an_export_that_ends_early_leaves_nothing(world: AuditWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    out = world.folder / "out"
    with monkeypatch.context() as patch:
        patch.setattr("loaders.parquet_file.os.fsync", full)
        with pytest.raises(UnavailableError, match="No space left") as raised:
            export_job(world.job(), out)
    assert raised.value.hint == DISK_FULL
    assert list(out.iterdir()) == []
    export_job(world.job(), out)
    assert [path.name for path in out.iterdir()] == ["orders"]


def test_what_cannot_be_exported_is_refused(world: AuditWorld) -> None:
    with pytest.raises(JobError, match="does not know the stage raw"):
        export_job(world.job(), world.folder / "out", stages=("raw",))
    export_job(world.job(), world.folder / "out")
    with pytest.raises(JobError, match="there is something in"):
        export_job(world.job(), world.folder / "out")
    with pytest.raises(JobError, match="never ran"):
        export_job(world.job(name="other"), world.folder / "out")
