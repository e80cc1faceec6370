"""Trying documents in quarantine again: only those, exactly once, and with the books still balanced."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb
import pytest

from columnar.errors import ContractChangedError, ExitCode, IntegrityError, InterruptedRunError, JobError
from columnar.jobs.job_file import read_plan
from columnar.jobs.options import RunOptions
from columnar.looking.quarantine import list_quarantine
from columnar.looking.status import job_status
from columnar.running.retry import plan_retry
from columnar.running.retry_selection import RetryOptions
from loaders.errors import UnavailableError
from tests.columnar.broken_world import BROKEN, became, broken_world, mend, outcomes
from tests.columnar.world import CONTRACT, World, document

PARQUET = {"target": {"url": "parquet:tables"}}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return broken_world(tmp_path)


def test_what_was_mended_loads_and_the_rest_stays(world: World) -> None:
    mend(world, 3, 7)
    retry = world.retry()
    assert became(world) == {
        "3": ["quarantined", "loaded"],
        "6": ["quarantined", "quarantined"],
        "7": ["quarantined", "loaded"],
    }
    assert outcomes(retry.run.proof) == (11, 0, 0, 1)
    assert (retry.wanted, retry.changed, retry.gone, retry.null_keys) == (3, 2, (), 0)
    assert retry.run.receipt.documents == 3
    assert retry.exit_code is ExitCode.QUARANTINE
    assert world.query("SELECT count(*), count(DISTINCT id) FROM app") == [(11, 11)]
    assert world.run(chunk={"rows": 4}).chunks == 0


def test_everything_tells_what_is_so_now(world: World) -> None:
    mend(world, 3, 7)
    world.retry()
    listed = list_quarantine(world.job())
    assert [(each.source_key, each.chunk, each.range_chunk, each.range_document) for each in listed.documents] == [
        ("6", -1, 2, 1)
    ]
    status = job_status(world.job())
    assert (status.chunks_published, status.retries, status.remaining) == (3, 1, 0)
    receipt = status.receipt
    assert (receipt.documents, receipt.loaded, receipt.quarantined) == (12, 11, 1)
    assert receipt.reasons == {"truncated": 1}
    assert receipt.rows["app"] == 11


def test_the_list_keeps_the_order_of_the_source_whatever_was_tried(world: World) -> None:
    world.retry(RetryOptions(keys=("6",)))
    assert [each.source_key for each in list_quarantine(world.job()).documents] == ["3", "6", "7"]
    assert [each.source_key for each in list_quarantine(world.job(), limit=2).documents] == ["3", "6"]


def test_again_and_again(world: World) -> None:
    for chunk in (-1, -2):
        world.retry()
        assert world.query("SELECT min(chunk) FROM columnar_ledger") == [(chunk,)]
    mend(world, 3, 6, 7)
    assert outcomes(world.retry().run.proof) == (12, 0, 0, 0)
    nothing = world.retry()
    assert (nothing.wanted, nothing.run.chunks, nothing.exit_code) == (0, 0, ExitCode.CLEAN)
    assert outcomes(nothing.run.proof) == (12, 0, 0, 0)


@pytest.mark.parametrize(
    ("options", "tried"),
    [
        (RetryOptions(keys=("6",)), ["6"]),
        (RetryOptions(keys=("7", "3")), ["3", "7"]),
        (RetryOptions(limit=2), ["3", "6"]),
        (RetryOptions(reasons=("truncated",), limit=1), ["3"]),
        (RetryOptions(reasons=("truncated", "null_key")), ["3", "6", "7", "20"]),
        (RetryOptions(reasons=("null_key",)), ["20"]),
    ],
)
def test_some_of_them(world: World, options: RetryOptions, tried: list[str]) -> None:
    world.insert((20, document(None)))
    world.run()
    assert list(plan_retry(world.job(), read_plan(world.job()), options).keys) == tried
    world.retry(options)
    assert world.query("SELECT source_key FROM columnar_document WHERE chunk < 0 ORDER BY chunk DESC, document") == [
        (key,) for key in tried
    ]


def test_the_documents_of_one_run(world: World) -> None:
    world.insert((20, BROKEN))
    run = world.run()
    world.retry(RetryOptions(run=run.id))
    assert list(became(world)) == ["20"]
    retried = list_quarantine(world.job()).documents[-1]
    assert retried.source_key == "20"
    assert retried.run != run.id
    with pytest.raises(JobError, match="for the run"):
        world.retry(RetryOptions(run=run.id))


@pytest.mark.parametrize(
    ("options", "message", "hint"),
    [
        (RetryOptions(reasons=("truncate",)), "for the reason 'truncate'", "did you mean 'truncated'"),
        (RetryOptions(keys=("1",)), "source key 1 is in quarantine", "quarantine list"),
        (RetryOptions(keys=("3", "3,4")), "source key 3,4 is in quarantine", "quarantine list"),
        (RetryOptions(run="x"), "for the run 'x'", "the run"),
    ],
)
def test_what_is_not_in_quarantine_cannot_be_tried(
    world: World, options: RetryOptions, message: str, hint: str
) -> None:
    with pytest.raises(JobError, match=message) as raised:
        world.retry(options)
    assert hint in raised.value.hint
    assert not became(world)


def test_a_job_that_never_ran(tmp_path: Path) -> None:
    world = World(tmp_path)
    for act in (world.retry, lambda: plan_retry(world.job(), read_plan(world.job()))):
        with pytest.raises(JobError, match="never ran"):
            act()
    assert not (tmp_path / "target.duckdb").exists()


def test_null_keys_cannot_be_tried(world: World) -> None:
    world.insert((None, document(30)), (None, document(31)))
    assert world.run().proof.quarantined == 5
    retry = world.retry()
    assert (retry.wanted, retry.null_keys) == (3, 2)
    assert outcomes(retry.run.proof) == (9, 0, 0, 5)


def test_what_is_gone_stays_in_quarantine_and_is_told(world: World) -> None:
    with world.source() as source:
        source.execute("DELETE FROM docs WHERE k IN (3, 7)")
    assert plan_retry(world.job(), read_plan(world.job())).gone == ("3", "7")
    retry = world.retry()
    assert retry.gone == ("3", "7")
    assert outcomes(retry.run.proof) == (9, 0, 0, 3)
    assert [(each.read, each.now) for each in retry.run.proof.drift] == [(4, 3), (4, 3)]
    with world.source() as source:
        source.execute("DELETE FROM docs WHERE k = 6")
    nothing = world.retry()
    assert (nothing.run.chunks, nothing.gone) == (0, ("3", "6", "7"))
    assert world.query("SELECT min(chunk) FROM columnar_ledger") == [(-1,)]


def test_chunks_are_numbered_without_a_gap(world: World) -> None:
    """Another retry would take a number that is left out, and load the same documents."""
    with world.source() as source:
        source.execute("DELETE FROM docs WHERE k = 3")
    retry = world.retry(chunk={"rows": 1})
    assert (retry.gone, retry.run.chunks) == (("3",), 2)
    assert world.query("SELECT chunk FROM columnar_ledger WHERE chunk < 0 ORDER BY 1") == [(-2,), (-1,)]


def test_a_document_tried_again_is_decided_like_any_other(world: World) -> None:
    mend(world, 3, app=1)  # loaded already
    mend(world, 6, 7, app=77)  # the first of them wins
    assert outcomes(world.retry(chunk={"rows": 1}).run.proof) == (10, 0, 2, 0)
    assert world.query(
        "SELECT source_key, place, winner, rule FROM columnar_document WHERE rule = 'key' ORDER BY 1"
    ) == [
        ("3", "target", "1", "key"),
        ("7", "run", "6", "key"),
    ]
    assert world.query("SELECT count(*) FROM app WHERE id = 77") == [(1,)]


def test_rows_that_shared_a_key_are_tried_together(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.insert((1, document(1)), (5, document(5)), (5, document(6)), (5, document(7)), (8, BROKEN))
    assert outcomes(world.run().proof) == (1, 0, 0, 4)
    with world.source() as source:
        source.execute("DELETE FROM docs WHERE k = 5 AND doc <> ?", [document(6)])
    retry = world.retry()
    assert outcomes(retry.run.proof) == (2, 0, 0, 1)
    assert (retry.run.proof.documents, retry.run.proof.drift) == (3, [])
    assert job_status(world.job()).drift == ()
    assert job_status(world.job()).receipt.documents == 3
    world.insert((8, document(8)), (8, document(9)))  # one document became three
    assert outcomes(world.retry().run.proof) == (2, 0, 0, 3)
    assert list_quarantine(world.job()).by_reason == {"duplicate_source_key": 3}


def test_many_that_go_back_are_no_new_ones(world: World) -> None:
    assert outcomes(world.retry(max_quarantine=0).run.proof) == (9, 0, 0, 3)


def test_the_target_may_refuse_some(world: World) -> None:
    with world.target() as target:
        target.execute("CREATE TABLE other AS FROM app")
        target.execute("DROP TABLE app")
        target.execute("CREATE TABLE app (id BIGINT, amount INTEGER CHECK (amount <> 666))")
        target.execute("INSERT INTO app FROM other")
    with world.source() as source:
        source.execute("UPDATE docs SET doc = ? WHERE k = 6", [document(6, 666)])
    mend(world, 3, 7)
    assert outcomes(world.retry().run.proof) == (11, 0, 0, 1)
    assert list_quarantine(world.job()).by_reason == {"rejected_by_target": 1}


CHANGED = CONTRACT.replace(
    'amount: {path: "@amount", type: int32}', 'amount: {path: "@amount", type: int32, default: 0}'
)


def test_a_changed_contract_is_refused_unless_it_is_meant(world: World) -> None:
    assert world.query("SELECT count(*) FROM columnar_job") == [(1,)]
    (world.folder / "contract.yaml").write_text(CHANGED)
    for act in (world.retry, lambda: plan_retry(world.job(), read_plan(world.job()))):
        with pytest.raises(ContractChangedError) as raised:
            act()
        assert "--changed-contract" in raised.value.hint
    assert world.query("SELECT count(*) FROM columnar_job") == [(1,)]
    with pytest.raises(ContractChangedError) as of_a_run:
        world.run()
    assert "quarantine retry --changed-contract" in of_a_run.value.hint


def test_a_changed_contract_that_is_meant_holds_from_then_on(world: World) -> None:
    with world.source() as source:
        source.execute("UPDATE docs SET doc = '<d><app id=\"3\"/></d>' WHERE k = 3")
    mend(world, 7)
    (world.folder / "contract.yaml").write_text(CHANGED)
    assert plan_retry(world.job(), read_plan(world.job()), RetryOptions(changed_contract=True)).contract_changed
    retry = world.retry(RetryOptions(changed_contract=True))
    assert retry.contract_accepted
    assert retry.run.generation == 1
    assert outcomes(retry.run.proof) == (11, 0, 0, 1)
    assert world.query("SELECT amount FROM app WHERE id = 3") == [(0,)]
    world.insert((30, document(30)))
    assert outcomes(world.run().proof) == (12, 0, 0, 1)
    assert not world.retry(RetryOptions(changed_contract=True)).contract_accepted
    hashes = dict(world.query("SELECT chunk, contract FROM columnar_ledger"))
    assert hashes[-1] == hashes[4] != hashes[1]
    (world.folder / "contract.yaml").write_text(CONTRACT)
    with pytest.raises(ContractChangedError):
        world.run()


def test_a_new_generation_begins_without_them(world: World) -> None:
    world.retry()
    run = world.run(RunOptions(new_generation=True))
    assert outcomes(run.proof) == (0, 0, 9, 3)
    mend(world, 3)
    assert outcomes(world.retry().run.proof) == (1, 0, 9, 2)
    assert world.query("SELECT generation, chunk FROM columnar_ledger WHERE chunk < 0 ORDER BY ALL") == [
        (1, -1),
        (2, -1),
    ]


def test_while_a_run_is_not_finished(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.insert(*((key, BROKEN if key % 2 else document(key)) for key in range(10)))
    world.run(RunOptions(limit=4), chunk={"rows": 2})
    mend(world, *range(10))
    retry = world.retry()
    assert outcomes(retry.run.proof) == (4, 0, 0, 0)
    assert retry.run.proof.uncovered == 6
    assert outcomes(world.run().proof) == (10, 0, 0, 0)


def test_two_at_the_same_time_load_nothing_twice(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.insert(*((key, BROKEN) for key in range(4)))
    world.run(**PARQUET)
    mend(world, *range(4))

    def another(step: str) -> None:
        if step == "keys_staged":
            world.retry(RetryOptions(limit=1), workspace="other", **PARQUET)

    with pytest.raises(UnavailableError, match="another run of this job") as raised:
        world.retry(RetryOptions(on_step=another), **PARQUET)
    assert "run the same command again" in raised.value.hint
    assert outcomes(world.retry(**PARQUET).run.proof) == (4, 0, 0, 0)
    rows = duckdb.sql(f"SELECT id FROM '{tmp_path}/tables/publications/*/app.parquet' ORDER BY id").fetchall()
    assert rows == [(0,), (1,), (2,), (3,)]


@pytest.mark.parametrize(
    ("tampering", "problem"),
    [
        ("DELETE FROM columnar_ledger WHERE chunk = -1", "the ledger does not have it"),
        ("DELETE FROM columnar_document WHERE chunk = -1 AND source_key = '3'", "chunk -1: the ledger says"),
        ('UPDATE columnar_ledger SET keys = \'{"1":{"former":1,"now":1}}\' WHERE chunk = -1', "of chunk 2 became 0"),
        (
            "UPDATE columnar_document SET source_key = '1' WHERE chunk = -1 AND source_key = '3'",
            "tried the document 1 again, which was not in quarantine",
        ),
        (
            "INSERT INTO columnar_document BY NAME SELECT * REPLACE (-2 AS chunk) FROM columnar_document"
            " WHERE chunk = -1 AND source_key = '3';"
            "INSERT INTO columnar_ledger BY NAME SELECT * REPLACE (-2 AS chunk, 1 AS documents, 1 AS loaded,"
            " 0 AS quarantined, '{}' AS keys) FROM columnar_ledger WHERE chunk = -1",
            "chunk -2: it tried the document 3 again, which was not in quarantine",
        ),
    ],
)
def test_books_that_were_changed_by_hand_are_found(world: World, tampering: str, problem: str) -> None:
    mend(world, 3)
    world.retry()
    with world.target() as target:
        target.execute(tampering)
    with pytest.raises(IntegrityError) as raised:
        world.run()
    assert any(problem in each for each in raised.value.problems), raised.value.problems


def test_stopping_on_request(world: World) -> None:
    mend(world, 3, 6, 7)

    def stop(step: str) -> None:
        if step == "published":
            raise KeyboardInterrupt

    with pytest.raises(InterruptedRunError):
        world.retry(RetryOptions(on_step=stop), chunk={"rows": 1})
    assert list(became(world)) == ["3"]
    interrupted = job_status(world.job()).interrupted
    assert interrupted
    assert outcomes(world.retry().run.proof) == (12, 0, 0, 0)
    assert job_status(world.job()).interrupted is None


class Killed(BaseException):
    """Raised in the middle, where a kill would hit it."""


@pytest.mark.parametrize("settings", [{}, PARQUET], ids=["duckdb", "parquet"])
def test_killed_anywhere_and_begun_again(tmp_path: Path, settings: dict[str, Any]) -> None:
    ended = False
    for step in range(1, 60):
        folder = tmp_path / str(step)
        folder.mkdir()
        world = World(folder)
        world.insert(*((key, BROKEN if key < 4 else document(key)) for key in range(6)))
        world.run(**settings)
        mend(world, 0, 1, 3)
        taken = 0

        def on_step(_: str, last: int = step) -> None:
            nonlocal taken
            taken += 1
            if taken == last:
                raise Killed

        with suppress(Killed):
            world.retry(RetryOptions(on_step=on_step), chunk={"rows": 2}, **settings)
            ended = True
        assert outcomes(world.retry(chunk={"rows": 2}, **settings).run.proof) == (5, 0, 0, 1)
        assert outcomes(world.run(**settings).proof) == (5, 0, 0, 1)
        if ended:
            break
    assert ended
    assert step > 15
