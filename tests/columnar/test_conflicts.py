"""`on_conflict: skip`: rows that several documents bring are loaded once, whatever happens in between."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from columnar.bookkeeping.receipt import from_json
from columnar.jobs.options import RunOptions
from loaders.errors import TargetMismatchError
from tests.columnar.world import World

CONTRACT = """
version: 1
root: d
tables:
  dealer:
    rows: //dealer
    columns:
      no: {path: "@no", type: "decimal(6,2)"}
      name: "@name"
    key: [no]
    on_conflict: skip
  app:
    rows: /d/app
    columns:
      id: {path: "@id", type: int64}
      dealer_no: {path: "dealer/@no", type: "decimal(6,2)"}
      amount: {path: "@amount", type: int32}
    key: [id]
    target: {foreign_keys: [{table: dealer, columns: [dealer_no]}]}
"""
APP = "CREATE TABLE app (id BIGINT PRIMARY KEY, dealer_no DECIMAL(6,2), amount INTEGER CHECK (amount <> 666))"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, CONTRACT)


def text(app: int, dealer: str, name: str, amount: int = 1) -> str:
    return f"<d><app id='{app}' amount='{amount}'><dealer no='{dealer}' name='{name}'/></app></d>"


def dealers(world: World) -> list[tuple[object, ...]]:
    return world.query("SELECT no::VARCHAR, name FROM dealer ORDER BY no")


def rows_of_documents(world: World) -> list[object]:
    return [
        json.loads(str(row[0])) for row in world.query("SELECT rows FROM columnar_document ORDER BY chunk, document")
    ]


def skipped(world: World) -> int:
    receipts = [from_json(row[0]) for row in world.query("SELECT receipt FROM columnar_ledger")]
    return sum(receipt.changes.get("dealer conflict_skipped", 0) for receipt in receipts)


@pytest.mark.parametrize("rows", [1, 2, 10])
def test_the_first_row_in_the_order_of_the_source_stays(world: World, rows: int) -> None:
    world.insert(
        (1, text(1, "7", "first")), (2, text(2, "7.0", "second")), (3, text(3, "8", "other")), (4, text(4, "7", "last"))
    )
    run = world.run(chunk={"rows": rows}, duplicates={})
    assert dealers(world) == [("7.00", "first"), ("8.00", "other")]
    assert run.receipt.changes == {"dealer conflict_skipped": 2}
    assert run.receipt.rows == {"dealer": 2, "app": 4}
    assert rows_of_documents(world) == [{"dealer": 1, "app": 1}, {"app": 1}, {"dealer": 1, "app": 1}, {"app": 1}]
    assert (run.rule.table, run.proof.loaded, run.proof.holds) == ("app", 4, True)


def test_rows_of_one_document_conflict_too_and_one_without_rows_left_is_loaded(world: World) -> None:
    world.insert(
        (1, "<d><dealer no='1' name='a'/><dealer no='1' name='b'/></d>"), (2, "<d><dealer no='1' name='c'/></d>")
    )
    run = world.run(duplicates="off")
    assert dealers(world) == [("1.00", "a")]
    assert (run.proof.loaded, rows_of_documents(world)) == (2, [{"dealer": 1}, {}])


def test_what_stands_in_the_target_stays_whoever_wrote_it_and_in_whatever_type(world: World) -> None:
    with world.target() as target:
        target.execute("CREATE TABLE dealer (no DECIMAL(12,4), name VARCHAR)")
        target.execute("INSERT INTO dealer VALUES (7, 'by hand'), (12345678, 'outside of the contract''s type')")
    with pytest.raises(TargetMismatchError, match="which is no key of it"):
        world.run(duplicates="off")
    with world.target() as target:
        target.execute(APP)
    world.insert((1, text(1, "7", "first")), (2, text(2, "9", "new")))
    world.run(duplicates="off")
    world.insert((3, text(3, "9", "again")))
    run = world.run(duplicates="off")
    assert [name for _, name in dealers(world)] == ["by hand", "new", "outside of the contract's type"]
    assert (skipped(world), run.proof.holds) == (2, True)


def test_keys_are_compared_as_the_target_stores_them(tmp_path: Path) -> None:
    world = World(
        tmp_path,
        CONTRACT.replace('no: {path: "@no", type: "decimal(6,2)"}', 'no: "@no"').replace(
            "    target: {foreign_keys: [{table: dealer, columns: [dealer_no]}]}\n", ""
        ),
    )
    key = "abcdefab-1234-1234-1234-abcdefabcdef"
    with world.target() as target:
        target.execute("CREATE TABLE dealer (no UUID PRIMARY KEY, name VARCHAR)")
        target.execute(f"INSERT INTO dealer VALUES ('{key}', 'by hand')")
    other = key.replace("a", "b")
    world.insert(
        (1, f"<d><dealer no='{key.upper()}' name='same'/></d>"),
        (2, f"<d><dealer no='{other}' name='first'/><dealer no='{other.upper()}' name='second'/></d>"),
        (3, "<d><dealer no='no uuid' name='wrong'/></d>"),
    )
    run = world.run(duplicates="off")
    assert world.query("SELECT name FROM dealer ORDER BY no") == [("by hand",), ("first",)]
    assert (run.proof.loaded, run.proof.quarantined) == (2, 1)


def test_the_winner_that_is_refused_is_replaced_by_the_next(world: World) -> None:
    with world.target() as target:
        target.execute("CREATE TABLE dealer (no DECIMAL(6,2) PRIMARY KEY, name VARCHAR)")
        target.execute(APP.replace("dealer_no DECIMAL(6,2)", "dealer_no DECIMAL(6,2) REFERENCES dealer (no)"))
    world.insert(
        (1, text(1, "7", "refused", 666)), (2, text(2, "7", "second")), (3, text(3, "7", "third")),
        (4, text(4, "8", "refused", 666)), (5, text(5, "9", "fifth")),
    )  # fmt: skip
    run = world.run(duplicates="off")
    assert dealers(world) == [("7.00", "second"), ("9.00", "fifth")]
    assert (run.proof.loaded, run.proof.quarantined) == (3, 2)
    assert run.receipt.changes == {"dealer conflict_skipped": 1}
    assert rows_of_documents(world) == [{}, {"dealer": 1, "app": 1}, {"app": 1}, {}, {"dealer": 1, "app": 1}]


def test_duplicates_bring_no_rows(world: World) -> None:
    world.insert((1, text(1, "7", "first")), (2, text(1, "8", "of a copy")), (3, text(3, "8", "third")))
    world.run(duplicates={})
    assert dealers(world) == [("7.00", "first"), ("8.00", "third")]


@pytest.mark.parametrize("step", ["before_publish", "published", "staged", "keys_staged"])
def test_a_run_that_is_stopped_leaves_the_same_as_one_that_is_not(world: World, step: str) -> None:
    class Stopped(BaseException):
        pass

    def stop(name: str) -> None:
        if name == step:
            raise Stopped

    world.insert(*((key, text(key, str(key % 3), f"of {key}")) for key in range(12)))
    for _ in range(2):
        with pytest.raises(Stopped):
            world.run(RunOptions(on_step=stop), chunk={"rows": 4}, duplicates={})
    run = world.run(chunk={"rows": 4}, duplicates={})
    assert dealers(world) == [("0.00", "of 0"), ("1.00", "of 1"), ("2.00", "of 2")]
    assert (run.proof.holds, run.proof.loaded, skipped(world)) == (True, 12, 9)


def test_a_parquet_target_skips_too(world: World) -> None:
    target = {"url": "parquet:out"}
    world.insert((1, text(1, "7", "first")), (2, text(2, "7", "second")))
    world.run(target=target, chunk={"rows": 1})
    world.insert((3, text(3, "7", "third")), (4, text(4, "8", "other")))
    run = world.run(target=target)
    found = world.query(f"SELECT name FROM '{world.folder}/out/publications/*/dealer.parquet' ORDER BY ALL")
    assert found == [("first",), ("other",)]
    assert run.proof.holds


def test_nothing_is_skipped_where_the_contract_does_not_say_so(tmp_path: Path) -> None:
    world = World(tmp_path, CONTRACT.replace("    on_conflict: skip\n", ""))
    world.insert((1, text(1, "7", "first")), (2, text(2, "7", "second")))
    run = world.run(duplicates="off")
    assert (dealers(world), run.proof.quarantined) == ([("7.00", "first")], 1)


def test_what_is_counted_is_the_decision_that_held(world: World) -> None:
    with world.target() as target:
        target.execute("CREATE TABLE dealer (no DECIMAL(6,2) PRIMARY KEY, name VARCHAR)")
        target.execute(APP)
    world.insert((1, text(1, "7", "first")), (2, text(2, "7", "refused", 666)))
    run = world.run(duplicates="off")
    assert (run.proof.quarantined, run.receipt.changes) == (1, {})
