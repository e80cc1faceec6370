"""What a run does with its options, and what never depends on them."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import duckdb
import polars as pl
import pytest

from columnar.bookkeeping.receipt import from_json
from columnar.errors import ExitCode, IntegrityError, InterruptedRunError, JobError, SourceChangedError
from columnar.jobs.options import RunOptions
from loaders.duckdb_source import DuckDBSource
from loaders.source import KeyRange
from tests.columnar.world import World, document


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def documents(world: World) -> list[tuple[object, ...]]:
    return world.query(
        "SELECT source_key, outcome, class, place, winner, rule FROM columnar_document"
        " ORDER BY source_key::INT, outcome"
    )


def test_limit_is_the_first_documents_of_the_source(world: World) -> None:
    world.insert(*((key, document(key)) for key in (5, 3, 9, 1, 7)))
    run = world.run(RunOptions(limit=2))
    assert world.query("SELECT id FROM app ORDER BY id") == [(1,), (3,)]
    assert (run.proof.uncovered, run.exit_code) == (3, ExitCode.CLEAN)
    assert world.run(RunOptions(limit=2)).chunks == 0, "the same command loads nothing more"
    world.run(RunOptions(limit=3))
    assert world.query("SELECT max(id) FROM app") == [(5,)]
    assert world.run().proof.uncovered == 0
    assert world.query("SELECT count(*) FROM app") == [(5,)]


def test_where_key_is_inclusive_on_both_ends(world: World) -> None:
    world.insert(*((key, document(key)) for key in range(10)))
    world.run(RunOptions(where_key=(("3",), ("5",))))
    assert world.query("SELECT id FROM app ORDER BY id") == [(3,), (4,), (5,)]
    world.run(RunOptions(where_key=(("8",), None), limit=1))
    assert world.query("SELECT max(id) FROM app") == [(8,)]
    world.run(chunk={"rows": 2})
    assert world.query("SELECT id FROM app ORDER BY id") == [(key,) for key in range(10)]
    assert world.query("SELECT count(*), sum(rows_when_cut) FROM columnar_range")[0][1] == 10


def test_duplicates_and_their_classes(world: World) -> None:
    with world.target() as target:
        target.execute("CREATE TABLE app (id BIGINT, amount INTEGER)")
        target.execute("INSERT INTO app VALUES (50, 1)")
    world.insert(
        (1, document(1)), (2, document(1)), (3, document(1, 2)), (4, document(50)), (5, document(5)), (5, document(5))
    )
    world.run(chunk={"rows": 3})
    world.insert((6, document(1)), (7, document(5, 9)))
    world.run()
    assert documents(world) == [
        ("1", "loaded", None, None, None, None),
        ("2", "duplicate", "same_content", "chunk", "1", "key"),
        ("3", "duplicate", "different_content", "chunk", "1", "key"),
        ("4", "duplicate", "unknown_content", "target", None, "key"),
        ("5", "duplicate", "same_content", "chunk", "5", "source_key"),
        ("5", "loaded", None, None, None, None),
        ("6", "duplicate", "same_content", "target", "1", "key"),
        ("7", "duplicate", "different_content", "target", "5", "key"),
    ]
    assert world.query("SELECT id FROM app ORDER BY id") == [(1,), (5,), (50,)]


def test_fingerprint_finds_the_same_bytes_under_another_key(world: World) -> None:
    text = document(1)
    world.insert((1, text), (2, "\ufeff" + text), (3, document(1, 2)))
    world.run(duplicates={"on": [], "fingerprint": "raw"})
    assert [row[1:] for row in documents(world)] == [
        ("loaded", None, None, None, None),
        ("duplicate", "same_content", "chunk", "1", "fingerprint"),
        ("loaded", None, None, None, None),
    ]


def test_without_duplicates_everything_loads(world: World) -> None:
    world.insert((1, document(1)), (2, document(1)), (2, document(1)))
    run = world.run(duplicates="off")
    assert (run.proof.loaded, run.proof.duplicate) == (2, 1), "exact copies under one source key are one document"


def test_the_winner_of_a_chunk_that_the_target_refuses_is_replaced(world: World) -> None:
    with world.target() as target:
        target.execute("CREATE TABLE app (id BIGINT, amount INTEGER CHECK (amount < 100))")
    world.insert((1, document(1, 500)), (2, document(1, 7)), (3, document(3, 1)))
    run = world.run()
    assert [row[:2] for row in documents(world)] == [("1", "quarantined"), ("2", "loaded"), ("3", "loaded")]
    assert (
        world.query("SELECT reason, detail FROM columnar_document WHERE source_key = '1'")[0][0] == "rejected_by_target"
    )
    assert run.exit_code is ExitCode.QUARANTINE


@pytest.mark.slow
def test_nothing_depends_on_workers_timing_or_chunks(tmp_path: Path) -> None:
    """The same source with 1, 2 and 4 workers, chunks of several sizes and delays at random."""
    chance = random.Random(7)
    rows = [
        (key, document(chance.randrange(60), chance.randrange(3), ["a", "b"][: chance.randrange(3)]))
        for key in range(300)
    ]
    results = []
    for at, (workers, chunk) in enumerate([(1, 300), (2, 25), (4, 7)]):
        folder = tmp_path / str(at)
        folder.mkdir()
        world = World(folder)
        with world.source() as source:
            source.executemany("INSERT INTO docs VALUES (?, ?)", rows)
        world.run(
            RunOptions(workers=workers, on_step=lambda _: time.sleep(chance.random() / 500)), chunk={"rows": chunk}
        )
        outcomes = world.query(
            "SELECT source_key, outcome, class, winner, rule FROM columnar_document ORDER BY source_key::INT"
        )
        results.append(
            (outcomes, world.query("SELECT * FROM app ORDER BY ALL"), world.query("SELECT * FROM item ORDER BY ALL"))
        )
    assert results[0] == results[1] == results[2]


def test_receipts_are_kept_in_the_ledger(world: World) -> None:
    world.insert((1, document(1, items=["a", "b"])), (2, "<d>"), (3, document(1)))
    run = world.run()
    [(text,)] = world.query("SELECT receipt FROM columnar_ledger")
    receipt = from_json(text)
    assert (receipt.documents, receipt.loaded, receipt.duplicate, receipt.quarantined) == (3, 1, 1, 1)
    assert receipt.rows == run.receipt.rows == {"app": 1, "item": 2}
    assert receipt.reasons == {"truncated": 1}
    assert {"read", "shred", "convert", "decide"} <= set(receipt.seconds)


def test_quarantine_and_duplicates_are_on_disk_and_named(world: World) -> None:
    world.insert((1, document(1)), (2, "<d>"), (3, document(1)))
    world.run()
    [(quarantine, duplicates)] = world.query("SELECT quarantine_file, duplicates_file FROM columnar_ledger")
    assert pl.read_parquet(quarantine)["source_key"].to_list() == ["2"]
    assert pl.read_parquet(duplicates)["winner"].to_list() == ["1"]


@pytest.mark.parametrize("source", ["parquet", "folder"])
@pytest.mark.parametrize("target", ["parquet", "duckdb"])
def test_every_source_into_every_target(tmp_path: Path, source: str, target: str) -> None:
    world = World(tmp_path)
    texts = [document(key // 2, items=["a"]) for key in range(20)] + ["<d>"]
    world.insert(*enumerate(texts))
    (tmp_path / "xml").mkdir()
    for key, text in enumerate(texts):
        (tmp_path / "xml" / f"{key:03}.xml").write_text(text)
    with world.source() as connection:
        connection.execute(f"COPY docs TO '{tmp_path}/docs.parquet'")
    spec = (
        {"url": "parquet:docs.parquet", "key": ["k"], "document": "doc"}
        if source == "parquet"
        else {"url": "folder:xml"}
    )
    settings = {"source": spec, "target": {"url": f"{target}:out", "create": True}, "chunk": {"rows": 6}}
    run = world.run(**settings)
    assert (run.proof.loaded, run.proof.duplicate, run.proof.quarantined) == (10, 10, 1)
    assert run.proof.holds
    assert world.run(**settings).chunks == 0
    if target == "duckdb":
        with duckdb.connect(tmp_path / "out") as connection:
            found = connection.execute("SELECT id FROM app ORDER BY id").fetchall()
    else:
        found = duckdb.sql(f"SELECT id FROM '{tmp_path}/out/publications/*/app.parquet' ORDER BY id").fetchall()
    assert found == [(key,) for key in range(10)]


def test_a_stopped_run_continues(world: World) -> None:
    """Ctrl-C comes to the main thread, wherever that is."""
    world.insert(*((key, document(key)) for key in range(50)))

    def stop(step: str) -> None:
        if step == "prepared_chunk" and threading.current_thread() is threading.main_thread():
            raise KeyboardInterrupt

    with pytest.raises(InterruptedRunError) as caught:
        world.run(RunOptions(on_step=stop), chunk={"rows": 5})
    assert caught.value.exit_code is ExitCode.INTERRUPTED
    assert world.run(chunk={"rows": 50}).proof.loaded == 50


def test_several_jobs_load_one_target(world: World) -> None:
    world.insert((1, document(1)), (2, document(2)))
    world.run()
    with world.source() as source:
        source.execute("CREATE TABLE more AS SELECT 6 + k AS k, replace(doc, 'id=\"1\"', 'id=\"7\"') AS doc FROM docs")
    spec = {"url": "duckdb:source.duckdb", "table": "more", "key": ["k"], "document": "doc"}
    run = world.run(name="more", source=spec)
    assert run.proof.holds
    assert run.proof.loaded + run.proof.duplicate == 2
    assert world.query("SELECT count(*) FROM app") == [(3,)]
    assert world.run().chunks == 0


@pytest.mark.parametrize(
    ("duplicates", "message"),
    [
        ({"on": ["app.idd"]}, "no column idd"),
        ({"on": ["ap.id"]}, "loads no table ap"),
        ({"on": ["app.id", "item.name"]}, "not columns of one table"),
        ({"on": ["id"]}, "not columns of one table"),
    ],
)
def test_duplicate_columns_that_are_not_there(world: World, duplicates: dict[str, object], message: str) -> None:
    with pytest.raises(JobError, match=message):
        world.run(duplicates=duplicates)


def test_a_source_that_moved_is_not_read_twice(world: World, tmp_path: Path) -> None:
    world.insert((1, document(1)), (2, document(2)))
    world.run(duplicates="off")
    (tmp_path / "source.duckdb").rename(tmp_path / "elsewhere.duckdb")
    spec = {**world.job().source.model_dump(), "url": "duckdb:elsewhere.duckdb"}
    with pytest.raises(SourceChangedError, match="elsewhere") as caught:
        world.run(source=spec, duplicates="off")
    assert "--moved" in caught.value.hint
    assert caught.value.exit_code is ExitCode.USAGE
    assert world.run(RunOptions(moved=True), source=spec, duplicates="off").chunks == 0
    assert world.run(source=spec, duplicates="off").proof.loaded == 2
    (tmp_path / "elsewhere.duckdb").rename(tmp_path / "source.duckdb")
    assert world.run(RunOptions(moved=True), duplicates="off").chunks == 0


def test_a_new_generation_that_would_load_everything_twice_is_refused(world: World) -> None:
    world.insert((1, document(1)))
    world.run(duplicates="off")
    text = (world.folder / "contract.yaml").read_text()
    (world.folder / "contract.yaml").write_text(text.replace("id >= 0", "id > 0"))
    with pytest.raises(JobError, match="a second time"):
        world.run(RunOptions(new_generation=True), duplicates="off")
    assert world.query("SELECT count(*) FROM app") == [(1,)]


def test_one_document_for_another_is_drift(world: World) -> None:
    world.insert(*((key, document(key)) for key in (1, 2, 9)))
    world.run()
    with world.source() as source:
        source.execute("UPDATE docs SET k = 3 WHERE k = 2")
    assert [(each.read, each.now) for each in world.run().proof.drift] == [(3, 3)]


def test_a_changed_file_is_drift(world: World, tmp_path: Path) -> None:
    (tmp_path / "xml").mkdir()
    (tmp_path / "xml" / "a.xml").write_text(document(1))
    settings = {"source": {"url": "folder:xml"}}
    assert world.run(**settings).proof.drift == []
    (tmp_path / "xml" / "a.xml").write_text(document(1, 5, ["more"]))
    assert [(each.read, each.now) for each in world.run(**settings).proof.drift] == [(1, 1)]


def test_a_new_generation_reads_a_corrected_document(world: World) -> None:
    world.insert((1, document(1)), (2, "<d>"))
    assert world.run().proof.quarantined == 1
    with world.source() as source:
        source.execute("UPDATE docs SET doc = ? WHERE k = 2", [document(2)])
    assert world.run().chunks == 0
    run = world.run(RunOptions(new_generation=True))
    assert (run.generation, run.proof.loaded, run.proof.duplicate, run.proof.quarantined) == (2, 1, 1, 0)
    assert world.query("SELECT id FROM app ORDER BY id") == [(1,), (2,)]


def test_a_new_generation_that_was_stopped_continues(world: World) -> None:
    world.insert(*((key, document(key)) for key in range(10)))
    world.run(chunk={"rows": 2})

    def stop(step: str) -> None:
        if step == "prepared_chunk":
            raise KeyboardInterrupt

    options = RunOptions(new_generation=True, on_step=stop)
    with pytest.raises(InterruptedRunError):
        world.run(options, chunk={"rows": 2})
    assert world.run(RunOptions(new_generation=True), chunk={"rows": 2}).generation == 2


def test_bytes_are_counted_by_stage(world: World) -> None:
    world.insert((1, document(1, items=["a"] * 50)))
    run = world.run()
    assert run.receipt.stage_bytes["read"] == len(document(1, items=["a"] * 50))
    assert set(run.receipt.stage_bytes) == {"read", "shred", "convert", "publish"}


def test_losers_are_decided_again_until_one_is_taken(world: World) -> None:
    """Each winner that the target refuses gives way to the next, and none of them comes back."""
    with world.target() as target:
        target.execute("CREATE TABLE app (id BIGINT, amount INTEGER CHECK (amount < 100))")
    world.insert(
        (1, document(1, 500)), (2, document(1, 600)), (3, document(2, 700)), (4, document(1, 7)), (5, document(1, 8))
    )
    world.run()
    outcomes = [(row[0], row[1], row[4]) for row in documents(world)]
    assert outcomes == [
        ("1", "quarantined", None),
        ("2", "quarantined", None),
        ("3", "quarantined", None),
        ("4", "loaded", None),
        ("5", "duplicate", "4"),
    ]


def test_copies_of_a_broken_document_are_broken_too(world: World) -> None:
    world.insert((1, "<d>"), (1, "<d>"), (2, document(2)), (2, document(2)), (3, document(None)), (3, document(None)))
    run = world.run()
    assert [row[:2] for row in documents(world)] == [
        ("1", "quarantined"),
        ("1", "quarantined"),
        ("2", "duplicate"),
        ("2", "loaded"),
        ("3", "quarantined"),
        ("3", "quarantined"),
    ]
    assert run.receipt.reasons == {"truncated": 2, "null_key": 2}


def test_keys_that_are_compared_otherwise_than_ordered_break_the_proof(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As those of MariaDB's BIT columns are: ranges leave some out, and no gap has them."""
    world.insert(*((key, document(key)) for key in range(6)))
    assert world.run(RunOptions(limit=3), chunk={"rows": 2}).proof.holds  # what is not read yet lies in a gap
    counted = DuckDBSource.count

    def count(source: DuckDBSource, ranges: Sequence[KeyRange]) -> list[int]:
        found = counted(source, ranges)
        return [rows - (each.high == ("2",)) for rows, each in zip(found, ranges, strict=True)]

    monkeypatch.setattr(DuckDBSource, "count", count)
    with pytest.raises(IntegrityError, match=r"6 documents, but 5 by the ranges of its keys.*use another key") as told:
        world.run(RunOptions(limit=1), chunk={"rows": 2})
    assert told.value.hint == ""
