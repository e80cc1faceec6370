"""What a contract says of the target: names, schemas, keys, columns that the database fills."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from columnar.bookkeeping.receipt import from_json
from columnar.errors import ExitCode, JobError
from columnar.jobs.job_file import read_plan
from columnar.looking.status import job_status
from columnar.running.plan_run import plan_run
from loaders.errors import TargetMismatchError
from tests.columnar.world import World

HEAD = "version: 1\nroot: d\n"
NAMES = """
target: {schema: loans}
tables:
  app:
    rows: /d/app
    columns:
      id: {path: "@id", type: int64}
      amount: {path: "@amount", type: int32}
    key: [id]
  home:
    rows: /d/app/home
    parent: app
    columns: {kind: {path: "@kind"}, town: "@town"}
    key: [id, kind]
    target: {table: address, schema: main}
  work:
    rows: /d/app/work
    parent: app
    columns: {town: "@town", kind: {path: "@kind"}}
    key: [id, kind]
    target: {table: address, schema: main}
"""
KEYS = """
tables:
  contact:
    rows: /d/app/contact
    parent: app
    columns:
      no: {path: "@no", type: int32}
      dealer_no: {path: "@dealer", type: int32}
    key: [id, no]
    target: {foreign_keys: [app, {table: dealer, columns: [dealer_no]}]}
  app:
    rows: /d/app
    columns:
      id: {path: "@id", type: int64}
    key: [id]
  dealer:
    rows: /d/dealer
    columns:
      no: {path: "@no", type: int32}
    key: [no]
"""
MADE = """
tables:
  app:
    rows: /d/app
    columns:
      id: {path: "@id", type: int64}
      amount: {path: "@amount", type: int32}
      note: {path: "@note", on_null: omit}
      mark: {path: "@mark", on_null: omit}
    key: [id]
    target:
      columns:
        loaded_at: {type: timestamp, default: current_timestamp, nullable: false}
        double: {type: int64, computed: amount * 2}
        quick: {type: int32, default: "7"}
"""

NAMED = '''
tables:
  app:
    rows: /d/app
    columns:
      id: {path: "@id", type: int64}
      amount: {path: "@amount", type: int32}
      note: {path: "@note", on_null: omit}
    key: [id]
    target:
      table: Loan [1]
      names: {id: 1st_lien, amount: 'Loan "Amount"', note: _document}
      columns: {"the sum": {type: int64, computed: '"Loan ""Amount""" * 2'}}
  item:
    rows: /d/app/item
    parent: app
    columns: {no: {path: "@no", type: int32}}
    key: [id, no]
    target: {names: {no: Item}, foreign_keys: [app]}
'''


def world_of(folder: Path, contract: str) -> World:
    return World(folder, HEAD + contract)


def outcomes(world: World) -> list[tuple[object, ...]]:
    return world.query("SELECT source_key, outcome, reason, rows FROM columnar_document ORDER BY chunk, document")


def changes(world: World) -> dict[str, int]:
    total: dict[str, int] = {}
    for (text,) in world.query("SELECT receipt FROM columnar_ledger"):
        for name, count in from_json(text).changes.items():
            total[name] = total.get(name, 0) + count
    return total


def test_tables_have_their_own_names_and_schemas(tmp_path: Path) -> None:
    world = world_of(tmp_path, NAMES)
    world.insert(
        (1, "<d><app id='1' amount='5'><work kind='w' town='A'/><home kind='h' town='B'/></app></d>"),
        (2, "<d><app id='2' amount='6'><work kind='w' town='C'/></app></d>"),
    )
    run = world.run(duplicates={"on": "app.id"}, chunk={"rows": 1})
    assert world.query("SELECT id, amount FROM loans.app ORDER BY id") == [(1, 5), (2, 6)]
    assert world.query("FROM address ORDER BY ALL") == [(1, "h", "B"), (1, "w", "A"), (2, "w", "C")]
    assert [row[3] for row in outcomes(world)] == ['{"loans.app":1,"address":2}', '{"loans.app":1,"address":1}']
    assert run.receipt.rows == {"loans.app": 2, "address": 3}
    assert [(each.table, each.found) for each in run.proof.tables] == [("loans.app", 2), ("address", 3)]
    assert run.rule.table == "loans.app"
    assert world.query(
        "SELECT DISTINCT table_schema FROM information_schema.tables WHERE table_name LIKE 'columnar%'"
    ) == [("main",)]
    assert job_status(world.job(duplicates={"on": "app.id"})).receipt.rows == run.receipt.rows
    world.insert((3, "<d><app id='2' amount='6'/></d>"))
    assert world.run(duplicates={"on": "loans.app.id"}).receipt.duplicate == 1


def test_a_jobs_schema_is_the_home_of_the_books_and_of_unnamed_tables(tmp_path: Path) -> None:
    world = world_of(tmp_path, NAMES)
    world.insert((1, "<d><app id='1' amount='5'><home kind='h' town='B'/></app></d>"))
    target = {"url": "duckdb:target.duckdb", "create": True, "schema": "loans"}
    run = world.run(target=target, duplicates="off")
    assert [each.table for each in run.proof.tables] == ["app", "main.address"], "one table has one name in the books"
    assert world.query("SELECT id FROM loans.app") == [(1,)]
    assert world.query("SELECT town FROM main.address") == [("B",)]
    assert world.query("SELECT count(*) FROM loans.columnar_document") == [(1,)]
    assert world.run(target=target, duplicates="off").chunks == 0


def test_rows_of_several_tables_in_one_stand_by_document(tmp_path: Path) -> None:
    world = world_of(tmp_path, NAMES)
    world.insert(
        *(
            (
                key,
                f"<d><app id='{key}' amount='1'><work kind='w' town='w{key}'/><home kind='h' town='h{key}'/></app></d>",
            )
            for key in range(4)
        )
    )
    world.run(duplicates="off")
    rows = world.query("SELECT id, kind FROM address ORDER BY rowid")
    assert rows == [(key, kind) for key in range(4) for kind in ("h", "w")]


def test_columns_may_be_called_otherwise_in_the_target(tmp_path: Path) -> None:
    world = world_of(tmp_path, NAMED)
    world.insert(
        (1, "<d><app id='1' amount='5'><item no='1'/></app></d>"),
        (2, "<d><app id='1' amount='6'><item no='1'/><item no='2'/></app></d>"),
    )
    assert world.run(duplicates={"policy": "replace"}, chunk={"rows": 1}).proof.holds
    columns = '"1st_lien", "Loan ""Amount""", "_document", "the sum"'
    assert world.query(f'SELECT {columns} FROM "Loan [1]"') == [(1, 6, None, 12)]
    assert world.query('SELECT "1st_lien", "Item" FROM item ORDER BY ALL') == [(1, 1), (1, 2)]


def test_files_have_the_names_of_the_target_too(tmp_path: Path) -> None:
    world = world_of(tmp_path, NAMED)
    world.insert((1, "<d><app id='1' amount='5' note='n'/></d>"), (2, "<d><app id='1' amount='5'/></d>"))
    assert world.run(target={"url": "parquet:out"}, duplicates={}, chunk={"rows": 1}).receipt.duplicate == 1
    columns = '"1st_lien", "Loan ""Amount""", "_document"'
    assert world.query(f"SELECT {columns} FROM '{tmp_path}/out/publications/*/Loan [[]1[]].parquet'") == [(1, 5, "n")]


def test_a_parquet_target_has_a_file_per_table_of_the_target(tmp_path: Path) -> None:
    world = world_of(tmp_path, NAMES)
    world.insert((1, "<d><app id='1' amount='5'><work kind='w' town='A'/><home kind='h' town='B'/></app></d>"))
    target = {"url": "parquet:out", "create": True}
    run = world.run(target=target, duplicates={})
    assert run.proof.holds
    assert world.query(f"SELECT count(*) FROM '{tmp_path}/out/publications/*/loans.app.parquet'") == [(1,)]
    assert world.query(f"SELECT count(*) FROM '{tmp_path}/out/publications/*/address.parquet'") == [(2,)]
    world.insert((2, "<d><app id='1' amount='5'/></d>"))
    assert world.run(target=target, duplicates={}).receipt.duplicate == 1


def test_foreign_keys_are_made_and_their_tables_loaded_first(tmp_path: Path) -> None:
    world = world_of(tmp_path, KEYS)
    world.insert((1, "<d><dealer no='5'/><app id='1'><contact no='1' dealer='5'/><contact no='2'/></app></d>"))
    run = world.run(duplicates="off")
    assert [each.table for each in run.proof.tables] == ["app", "dealer", "contact"]
    found = world.query(
        "SELECT table_name, referenced_table, constraint_column_names FROM duckdb_constraints()"
        " WHERE constraint_type = 'FOREIGN KEY' ORDER BY 2"
    )
    assert found == [("contact", "app", ["id"]), ("contact", "dealer", ["dealer_no"])]
    assert world.query("SELECT id, no, dealer_no FROM contact ORDER BY no") == [(1, 1, 5), (1, 2, None)]


def test_a_row_that_refers_to_nothing_quarantines_its_document_alone(tmp_path: Path) -> None:
    world = world_of(tmp_path, KEYS)
    world.insert(
        (1, "<d><app id='1'><contact no='1' dealer='5'/></app></d>"),  # of a later document
        (2, "<d><app id='2'><contact no='1' dealer='9'/></app></d>"),  # of none
        (3, "<d><dealer no='5'/><app id='3'><contact no='1'/></app></d>"),
        (4, "<d><app id='4'><contact no='1' dealer='5'/></app></d>"),
    )
    run = world.run(duplicates="off")
    assert [(row[0], row[1], row[2]) for row in outcomes(world)] == [
        ("1", "loaded", None),
        ("2", "quarantined", "rejected_by_target"),
        ("3", "loaded", None),
        ("4", "loaded", None),
    ]
    assert run.exit_code is ExitCode.QUARANTINE
    detail = world.query("SELECT detail FROM columnar_document WHERE reason IS NOT NULL")[0][0]
    assert "dealer" in str(detail) or "no: 9" in str(detail)
    assert world.query("SELECT count(*) FROM contact") == [(3,)]


def test_a_target_without_the_foreign_key_is_fine_and_one_with_another_is_told(tmp_path: Path) -> None:
    world = world_of(tmp_path, KEYS)
    world.insert((1, "<d><app id='1'><contact no='1' dealer='5'/></app></d>"))
    with world.target() as target:
        target.execute("CREATE TABLE contact (id BIGINT, no INTEGER, dealer_no INTEGER)")
    assert world.run(duplicates="off").proof.loaded == 1
    other = tmp_path / "other"
    other.mkdir()
    world = world_of(
        other, KEYS.replace("foreign_keys: [app, {table: dealer, columns: [dealer_no]}]", "table: contact")
    )
    with world.target() as target:
        target.execute("CREATE TABLE dealer (no INTEGER PRIMARY KEY)")
        target.execute("CREATE TABLE contact (id BIGINT, no INTEGER, dealer_no INTEGER REFERENCES dealer (no))")
    with pytest.raises(TargetMismatchError, match="contact refers to dealer in the target, but is loaded before it"):
        world.run(duplicates="off")
    assert "loaded before it" in " ".join(plan_run(world.job(duplicates="off")).problems)


def test_foreign_keys_that_duckdb_cannot_have_are_told_before_anything_is_made(tmp_path: Path) -> None:
    world = world_of(tmp_path, KEYS.replace("{foreign_keys:", "{schema: other, foreign_keys:"))
    world.insert((1, "<d/>"))
    for _ in range(2):
        with pytest.raises(TargetMismatchError, match=r"other\.contact refers to app in another schema"):
            world.run(duplicates="off")
        assert world.query("SELECT count(*) FROM duckdb_tables()") == [(0,)]
    assert len(plan_run(world.job(duplicates="off")).problems) == 2
    plain = tmp_path / "plain"
    plain.mkdir()
    world = world_of(plain, KEYS)
    with world.target() as target:
        target.execute("CREATE TABLE app (id BIGINT)")
        target.execute("CREATE TABLE dealer (no BIGINT PRIMARY KEY)")
    with pytest.raises(TargetMismatchError) as caught:
        world.run(duplicates="off")
    assert caught.value.problems == (
        "contact refers to app (id), which is no key of it",
        "contact.dealer_no is INTEGER and refers to dealer.no, which is BIGINT: DuckDB wants the same type",
    )


def test_columns_that_the_target_fills_are_made_and_never_written(tmp_path: Path) -> None:
    world = world_of(tmp_path, MADE)
    world.insert((1, "<d><app id='1' amount='5' note='n'/></d>"), (2, "<d><app id='2' amount='6'/></d>"))
    run = world.run()
    assert world.query("SELECT id, double, quick, loaded_at > TIMESTAMP '2020-01-01', note FROM app ORDER BY id") == [
        (1, 10, 7, True, "n"),
        (2, 12, 7, True, None),
    ]
    assert run.receipt.changes["app.mark omitted"] == 2


def test_columns_that_the_target_fills_may_be_there_in_any_form(tmp_path: Path) -> None:
    world = world_of(tmp_path, MADE)
    world.insert(
        (1, "<d><app id='1' amount='5' note='n' mark='m'/></d>"),
        (2, "<d><app id='2' amount='6' note='n'/></d>"),
        (3, "<d><app id='3' amount='7'/></d>"),
    )
    with world.target() as target:
        target.execute(
            "CREATE TABLE app (double BIGINT AS (amount * 3), more INTEGER AS (amount + 1), quick INTEGER NOT NULL"
            " DEFAULT 9, mark VARCHAR NOT NULL DEFAULT 'none', id BIGINT, amount INTEGER, note VARCHAR DEFAULT 'void')"
        )
    run = world.run()
    assert world.query("SELECT id, double, more, quick, mark, note FROM app ORDER BY id") == [
        (1, 15, 6, 9, "m", "n"),
        (2, 18, 7, 9, "none", "n"),
        (3, 21, 8, 9, "none", "void"),
    ]
    assert {name: count for name, count in run.receipt.changes.items() if name.endswith("omitted")} == {
        "app.note omitted": 1,
        "app.mark omitted": 2,
    }


def test_a_column_that_the_target_computes_cannot_be_loaded(tmp_path: Path) -> None:
    world = world_of(tmp_path, MADE)
    with world.target() as target:
        target.execute(
            "CREATE TABLE app (id BIGINT, base INTEGER, amount INTEGER AS (base + 1), note VARCHAR, mark VARCHAR)"
        )
    with pytest.raises(TargetMismatchError, match=r"app\.amount is computed by the target"):
        world.run()


@pytest.mark.parametrize(
    ("made", "message"),
    [
        ("{default: '0'}", "app.quick has no type"),
        ("{type: int32, computed: amount + 1, nullable: false}", "no NOT NULL for such a column"),
        ("{type: int32, default: '0); DROP TABLE app; --'}", "app"),
        ("{type: int32, default: 'oh dear'}", "app"),
    ],
)
def test_columns_that_cannot_be_made_are_told(tmp_path: Path, made: str, message: str) -> None:
    world = world_of(tmp_path, MADE.replace('{type: int32, default: "7"}', made))
    with pytest.raises(Exception, match=message) as caught:
        world.run()
    assert getattr(caught.value, "code", "") in ("target_mismatch", "usage", "contract")
    assert world.query("SELECT count(*) FROM duckdb_tables()") == [(0,)]


def test_a_parquet_target_writes_null_for_what_would_be_omitted(tmp_path: Path) -> None:
    world = world_of(tmp_path, MADE)
    world.insert((1, "<d><app id='1' amount='5'/></d>"))
    run = world.run(target={"url": "parquet:out"})
    assert world.query(f"SELECT id, note FROM '{tmp_path}/out/publications/*/app.parquet'") == [(1, None)]
    assert not any(name.endswith("omitted") for name in run.receipt.changes)


def test_rows_json_is_read_back(tmp_path: Path) -> None:
    """Names with a dot are names like any other in the books."""
    world = world_of(tmp_path, NAMES)
    world.insert((1, "<d><app id='1' amount='5'/></d>"))
    world.run(duplicates="off")
    assert [json.loads(row[3]) for row in outcomes(world)] == [{"loans.app": 1}]
    assert read_plan(world.job()).table("app").target_name == "loans.app"


INVOICE = """
version: 1
root: invoice
tables:
  bill:
    rows: /invoice
    columns: {no: "@no", total: {path: "@total", type: int32}}
    key: [no]
    target: {table: invoice}
"""
CREDIT = INVOICE.replace("invoice", "credit")
EVENT = """
version: 1
root: event
tables:
  event: {rows: /event, columns: {what: "@what"}}
"""


def several(folder: Path, **contracts: str) -> World:
    world = World(folder)
    for name, text in contracts.items():
        (folder / f"{name}.yaml").write_text(text)
    return world


def test_each_of_several_contracts_has_its_own_duplicates(tmp_path: Path) -> None:
    world = several(tmp_path, invoice=INVOICE, credit=CREDIT, event=EVENT)
    settings = {"contract": ["invoice.yaml", "credit.yaml", "event.yaml"], "duplicates": {}}
    world.insert(
        (1, "<invoice no='1' total='1'/>"), (2, "<credit no='1' total='1'/>"), (3, "<event what='a'/>"),
        (4, "<event what='a'/>"), (5, "<credit no='1' total='2'/>"), (6, "<invoice no='2' total='1'/>"),
        (7, "<invoice/>"), (8, "<credit no='3' total='x'/>"),
    )  # fmt: skip
    planned = plan_run(world.job(**settings))
    assert planned.duplicates == "the same no in invoice or the same no in credit"
    run = world.run(**settings, chunk={"rows": 3})
    assert [row[1] for row in outcomes(world)] == ["loaded"] * 4 + ["duplicate", "loaded"] + ["quarantined"] * 2
    assert world.query("SELECT root_key FROM columnar_document WHERE source_key = '5'") == [('["credit","1"]',)]
    assert run.proof.holds
    world.insert((9, "<invoice no='1' total='9'/>"), (10, "<credit no='2' total='9'/>"), (11, "<event what='a'/>"))
    run = world.run(**settings)
    assert (run.receipt.duplicate, run.receipt.loaded) == (1, 2)
    named = {**settings, "duplicates": {"on": ["invoice.no", "credit.total"]}}
    assert plan_run(world.job(**named)).duplicates == "the same no in invoice or the same total in credit"
    both = {**settings, "duplicates": {"on": "bill.no"}}
    assert plan_run(world.job(**both)).duplicates == planned.duplicates
    with pytest.raises(JobError, match="the contract loads no table bil"):
        plan_run(world.job(**{**settings, "duplicates": {"on": "bil.no"}}))


def test_tables_of_several_contracts_in_one_table(tmp_path: Path) -> None:
    world = several(tmp_path, invoice=INVOICE, credit=CREDIT.replace("table: credit", "table: invoice"))
    settings = {"contract": ["invoice.yaml", "credit.yaml"], "duplicates": {}}
    world.insert(
        (1, "<invoice no='1' total='1'/>"), (2, "<credit no='1' total='2'/>"), (3, "<credit no='2' total='3'/>")
    )
    run = world.run(**settings)
    assert world.query("SELECT no, total FROM invoice ORDER BY no") == [("1", 1), ("2", 3)]
    assert (run.receipt.duplicate, run.rule.others) == (1, ())
