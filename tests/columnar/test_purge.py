"""Purging rows, and loading them anew: exactly once, whatever is killed, and with the books proved."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from columnar.audit.verify import verify_audit
from columnar.errors import ExitCode, IntegrityError, JobError
from columnar.explaining.explain import explain_row
from columnar.jobs.job_file import read_plan
from columnar.jobs.options import RunOptions
from columnar.looking.quarantine import list_quarantine
from columnar.looking.status import job_status
from columnar.purging.options import PurgeOptions
from columnar.purging.purge import Purge, plan_purge, purge_job
from columnar.reconciling.options import ReconcileOptions
from columnar.reconciling.reconcile import reconcile_job
from columnar.running.retry import retry_job
from columnar.running.retry_selection import RetryOptions
from tests.columnar.audit_world import AuditWorld, order
from tests.columnar.forked import Forked
from tests.columnar.purged_run import purged_run

DUCKDB: dict[str, Any] = {}
PARQUET: dict[str, Any] = {"target": {"url": "parquet:tables"}}


def tables(world: AuditWorld, settings: dict[str, Any]) -> list[list[tuple[Any, ...]]]:
    if not settings:
        return [world.target(f"FROM {name} ORDER BY ALL") for name in ("orders", "line")]
    import duckdb

    pattern = f"{world.folder}/tables/publications/*/{{}}.parquet"
    files = {name: sorted(world.folder.glob(f"tables/publications/*/{name}.parquet")) for name in ("orders", "line")}
    return [
        duckdb.sql(f"FROM '{pattern.format(name)}' ORDER BY ALL").fetchall() if found else []
        for name, found in files.items()
    ]


@pytest.mark.parametrize("settings", [DUCKDB, PARQUET], ids=["duckdb", "parquet"])
@pytest.mark.parametrize("what", ["chunk", "run", "keys"])
def test_what_is_purged_is_loaded_anew_by_the_same_command(tmp_path: Path, settings: dict[str, Any], what: str) -> None:
    world = AuditWorld(tmp_path)
    run = world.run(**settings)
    before = tables(world, settings)
    job = world.job(**settings)
    options = {
        "chunk": PurgeOptions(chunks=(1,)),
        "run": PurgeOptions(run=run.id),
        "keys": PurgeOptions(keys=("1", "6")),
    }[what]
    planned = plan_purge(job, options)
    assert tables(world, settings) == before, "a plan changes nothing"
    done = purge_job(job, options)
    assert done.plan == planned
    assert done.proof.holds
    assert (planned.documents, planned.rows, planned.kept) == {
        "chunk": ({"loaded": 2, "duplicate": 1}, {"orders": 2, "line": 3}, {"quarantined": 1}),
        "run": ({"loaded": 7, "duplicate": 1}, {"orders": 7, "line": 9}, {"quarantined": 1}),
        "keys": ({"loaded": 2}, {"orders": 2, "line": 5}, {}),
    }[what]
    left = tables(world, settings)
    assert [len(each) for each in left] == [7 - planned.rows["orders"], 9 - planned.rows["line"]]
    waiting = list_quarantine(job)
    assert waiting.by_reason["purged"] == planned.total
    again = world.run(**settings)
    assert again.reloaded == planned.total
    assert tables(world, settings) == before
    assert (again.proof.loaded, again.proof.duplicate, again.proof.quarantined) == (7, 1, 1)
    assert again.proof.holds
    report = verify_audit(job)
    assert (report.problems, report.others) == ([], 0)
    assert reconcile_job(job, ReconcileOptions(sample=None)).exit_code is ExitCode.CLEAN
    assert world.run(**settings).reloaded == 0
    assert job_status(job).receipt.loaded == 7


def test_what_changed_meanwhile_is_loaded_as_it_is_now(tmp_path: Path) -> None:
    world = AuditWorld(tmp_path)
    world.run()
    world.source("UPDATE docs SET doc = ? WHERE k = 6", order(6, buyer="Eve", lines=1))
    world.source("DELETE FROM docs WHERE k = 7")
    purge_job(world.job(), PurgeOptions(keys=("6", "7")))
    run = world.run()
    assert world.target("SELECT buyer FROM orders WHERE id = 6") == [("Eve",)]
    assert world.target("SELECT count(*) FROM line WHERE id = 6") == [(1,)]
    assert world.target("SELECT count(*) FROM orders WHERE id = 7") == [(0,)]
    assert list_quarantine(world.job()).by_reason == {"purged": 1, "truncated": 1}
    assert run.proof.holds


def test_documents_can_be_purged_again_and_again(tmp_path: Path) -> None:
    world = AuditWorld(tmp_path)
    world.run()
    before = tables(world, {})
    for _ in range(3):
        purge_job(world.job(), PurgeOptions(keys=("2", "9")))
        assert world.run().proof.holds
        assert tables(world, {}) == before
    assert world.target("SELECT chunk, loaded, quarantined FROM columnar_ledger WHERE chunk < 0 ORDER BY chunk") == [
        (-6, 2, 0), (-5, 0, 2), (-4, 2, 0), (-3, 0, 2), (-2, 2, 0), (-1, 0, 2),
    ]  # fmt: skip
    planned = plan_purge(world.job(), PurgeOptions(chunks=(-6,)))
    assert planned.documents == {"loaded": 2}


def test_a_retry_and_another_contract_load_purged_documents_too(tmp_path: Path) -> None:
    world = AuditWorld(tmp_path)
    world.run()
    purge_job(world.job(), PurgeOptions(chunks=(2,)))
    contract = (tmp_path / "contract.yaml").read_text(encoding="utf-8")
    (tmp_path / "contract.yaml").write_text(contract.replace("default: web", "default: www"), encoding="utf-8")
    options = RetryOptions(reasons=("purged",), changed_contract=True)
    retry = retry_job(world.job(), read_plan(world.job()), options)
    assert (retry.wanted, retry.run.receipt.loaded) == (4, 4)
    assert world.target("SELECT id, channel FROM orders ORDER BY id") == [
        (1, "web"), (2, "web"), (5, "shop"), (6, "www"), (7, "www"), (8, "www"), (9, "web"),
    ]  # fmt: skip


def test_a_purged_document_is_no_duplicate_of_itself_by_its_content(tmp_path: Path) -> None:
    world = AuditWorld(tmp_path, {1: order(1), 2: order(2), 3: order(1)})
    settings: dict[str, Any] = {"duplicates": {"fingerprint": "raw"}}
    world.run(**settings)
    for _ in range(2):  # the second time it was purged, loaded and purged again
        purge_job(world.job(**settings), PurgeOptions(keys=("1",)))
        run = world.run(**settings)
        assert (run.reloaded, run.proof.loaded, run.proof.duplicate) == (1, 2, 1)
    world.source("INSERT INTO docs VALUES (4, ?)", order(1))
    assert world.run(**settings).receipt.duplicate == 1


def test_a_duplicate_takes_the_place_of_a_winner_that_is_gone(tmp_path: Path) -> None:
    world = AuditWorld(tmp_path)
    world.run()
    assert plan_purge(world.job(), PurgeOptions(keys=("2",))).left_behind == 1
    world.source("DELETE FROM docs WHERE k = 2")
    purge_job(world.job(), PurgeOptions(keys=("2", "3")))
    run = world.run()
    assert world.target("SELECT source_key, outcome FROM columnar_document WHERE chunk = -2") == [("3", "loaded")]
    assert world.target("SELECT state FROM orders WHERE id = 2") == [("new",)]
    assert run.proof.holds


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (PurgeOptions(), "say what to purge"),
        (PurgeOptions(chunks=(1,), keys=("1",)), "not several"),
        (PurgeOptions(chunks=(77,)), "chunk 77 is not published"),
        (PurgeOptions(run="nothing"), "run nothing has published nothing"),
        (PurgeOptions(keys=("77",)), "no document with the source key 77"),
        (PurgeOptions(keys=("4",)), "none of these documents has anything to purge"),
    ],
)
def test_what_cannot_be_purged_is_told(tmp_path: Path, options: PurgeOptions, message: str) -> None:
    world = AuditWorld(tmp_path)
    with pytest.raises(JobError):
        purge_job(world.job(), options)
    assert not (tmp_path / "target.duckdb").exists()
    world.run()
    with pytest.raises(JobError, match=message):
        purge_job(world.job(), options)


def test_rows_that_the_books_do_not_know_stop_a_purge(tmp_path: Path) -> None:
    world = AuditWorld(tmp_path)
    world.run()
    world.target("INSERT INTO line VALUES (6, 9, 1.00)")
    before = tables(world, {})
    with pytest.raises(IntegrityError, match="line: the books say 3 rows, the target has 4"):
        purge_job(world.job(), PurgeOptions(keys=("6",)))
    assert tables(world, {}) == before


def test_tables_that_lead_to_no_document_stop_a_purge(tmp_path: Path) -> None:
    world = AuditWorld(tmp_path, {1: order(1)})
    world.run(duplicates="off")
    with pytest.raises(JobError, match="nothing leads from rows of orders"):
        purge_job(world.job(duplicates="off"), PurgeOptions(keys=("1",)))


def test_rows_that_several_documents_share_stay(tmp_path: Path) -> None:
    world = AuditWorld(tmp_path, {1: order(1), 2: order(2), 3: order(3, buyer="Eve")})
    contract = (tmp_path / "contract.yaml").read_text(encoding="utf-8")
    contract += """
  person:
    rows: /order/buyer
    key: [person]
    on_conflict: skip
    columns: {person: {path: text(), trim: true, nullable: false}}
"""
    (tmp_path / "contract.yaml").write_text(contract, encoding="utf-8")
    world.run()
    done = purge_job(world.job(), PurgeOptions(keys=("1", "3")))
    assert done.plan.rows == {"orders": 2, "line": 2}
    assert world.target("FROM person ORDER BY ALL") == [("Ada",), ("Eve",)]
    assert world.run().proof.holds
    assert world.target("FROM person ORDER BY ALL") == [("Ada",), ("Eve",)]
    assert reconcile_job(world.job(), ReconcileOptions(sample=None)).exit_code is ExitCode.CLEAN


def test_rows_below_a_key_of_the_database_are_found_through_those_above(tmp_path: Path) -> None:
    world = AuditWorld(tmp_path, {1: order(1, lines=2), 2: order(2)})
    contract = (tmp_path / "contract.yaml").read_text(encoding="utf-8")
    contract = contract.replace("    key: [id]\n", "    key: [row]\n", 1)
    contract = contract.replace("      id: {path", "      row: {identity: database, type: int64}\n      id: {path", 1)
    contract = contract.replace("key: [id, number]", "key: [row, number]").partition("    target: {foreign")[0]
    (tmp_path / "contract.yaml").write_text(contract, encoding="utf-8")
    settings: dict[str, Any] = {"duplicates": {"on": "orders.id"}}
    world.run(**settings)
    row = explain_row(world.job(**settings), "line", "row=1,number=2", "row")
    assert (row.source_key, row.line, row.values[0].origin) == ("1", 4, "database")
    found = reconcile_job(world.job(**settings), ReconcileOptions(sample=None))
    assert (found.exit_code, found.notes, len(found.columns)) == (ExitCode.CLEAN, [], 7)
    done = purge_job(world.job(**settings), PurgeOptions(keys=("1",)))
    assert done.plan.rows == {"orders": 1, "line": 2}
    assert world.target("SELECT count(*) FROM line") == [(1,)]
    assert world.run(**settings).proof.holds
    assert world.target("SELECT count(*) FROM line") == [(3,)]


class Killed(BaseException):
    """Raised in the middle of a purge, where a kill would hit it."""


@pytest.mark.parametrize("step", ["before_purge", "purge_stored"])
def test_a_purge_in_a_process_that_is_killed_is_completed(tmp_path: Path, step: str) -> None:
    world = AuditWorld(tmp_path)
    world.run()
    before = tables(world, {})
    with Forked(purged_run, tmp_path, step) as process:
        assert process.steps()[-1] == step
    assert process.killed
    run = world.run()
    assert run.reloaded == (0 if step == "before_purge" else 4)
    assert run.proof.holds
    assert tables(world, {}) == before


def test_rows_that_duckdb_could_not_delete_at_once_go_when_it_is_opened_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It deletes a row that others referred to in a transaction of its own, after theirs: killed in between."""
    world = AuditWorld(tmp_path)
    world.run()
    before = tables(world, {})

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr("loaders.duckdb_sink.delete_leftover", killed)
        with suppress(Killed):
            purge_job(world.job(), PurgeOptions(chunks=(2,)))
    assert [len(each) for each in tables(world, {})] == [7, 4]
    assert not reconcile_job(world.job()).counts, "who only looks leaves it as it is"
    assert world.run().proof.holds
    assert tables(world, {}) == before


STEPS = ("before_purge", "purge_stored", "table_purged", "purged", "proved", "run_stored")


def killed_at(world: AuditWorld, step: str, settings: dict[str, Any]) -> Purge | None:
    def on_step(name: str) -> None:
        if name == step:
            raise Killed

    with suppress(Killed):
        return purge_job(world.job(**settings), PurgeOptions(chunks=(2,), on_step=on_step))
    return None


@pytest.mark.parametrize("settings", [DUCKDB, PARQUET], ids=["duckdb", "parquet"])
@pytest.mark.parametrize(
    ("step", "then"),
    [*((step, "run") for step in STEPS), ("table_purged", "purge"), ("purge_stored", "retry"), ("proved", "retry")],
)
def test_a_purge_that_is_killed_is_completed_by_whoever_comes(
    tmp_path: Path, settings: dict[str, Any], step: str, then: str
) -> None:
    world = AuditWorld(tmp_path)
    world.run(**settings)
    before = tables(world, settings)
    killed_at(world, step, settings)
    if then == "purge":
        purge_job(world.job(**settings), PurgeOptions(chunks=(1,)))
    elif then == "retry":
        with suppress(JobError):  # before the purge is stored, nothing is in quarantine for that reason
            retry_job(world.job(**settings), read_plan(world.job()), RetryOptions(reasons=("purged",)))
    run = world.run(RunOptions(workers=1), **settings)
    assert run.proof.holds
    assert tables(world, settings) == before
    assert (run.proof.loaded, run.proof.duplicate, run.proof.quarantined) == (7, 1, 1)
