"""Jobs with several contracts: one chunk of all kinds of documents, routed, loaded into shared tables, and checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from columnar.checking.check import check
from columnar.checking.trial import trial_of
from columnar.errors import JobError
from columnar.jobs.job_file import read_job, read_plan
from tests.columnar.world import World
from transforms.errors import ContractError

ORDER = """
version: 1
root: order
tables:
  sale:
    rows: //sale
    columns: {id: {path: "@id", type: int64}, kind: {path: "'order'"}, total: {path: "@total", type: int32}}
    key: [id]
  line: {rows: //sale/line, parent: sale, columns: {no: {path: position(), type: int32}, sku: "@sku"}, key: [id, no]}
"""
REFUND = """
version: 1
root: refund
tables:
  sale:
    rows: //sale
    columns: {total: {path: minus, type: int32}, kind: {path: "'refund'"}, id: {path: no, type: int64}}
    key: [id]
"""
JOB = """
name: mixed
source: {url: "duckdb:source.duckdb", table: keyed, key: [product, k], document: doc}
contract: CONTRACTS
target: {url: "duckdb:target.duckdb", create: true}
duplicates: {on: sale.id}
"""


def order(number: int) -> str:
    return f'<order><sale id="{number}" total="{number * 10}"><line sku="a"/><line sku="b"/></sale></order>'


def refund(number: int) -> str:
    return f"<refund><sale><no>{number}</no><minus>{-number}</minus><line sku='never'/></sale></refund>"


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    (tmp_path / "order.yaml").write_text(ORDER)
    (tmp_path / "refund.yaml").write_text(REFUND)
    (tmp_path / "loan.yaml").write_text(ORDER.replace("'order'", "'loan'"))
    with world.source() as source:
        source.execute("CREATE TABLE keyed (product VARCHAR, k BIGINT, doc VARCHAR)")
        for key, (product, document) in enumerate(
            [
                ("CC", order(1)),
                ("CC", refund(2)),
                ("LN", order(3)),
                ("XX", order(4)),
                ("CC", "<note/>"),
                ("LN", "<order"),
            ]
        ):
            source.execute("INSERT INTO keyed VALUES (?, ?, ?)", [product, key, document])
    return world


def settings(contracts: object) -> dict[str, Any]:
    source = {"url": "duckdb:source.duckdb", "table": "keyed", "key": ["product", "k"], "document": "doc"}
    return {"source": source, "contract": contracts, "duplicates": {"on": "sale.id"}}


def quarantined(world: World) -> dict[str, str]:
    return dict(world.query("SELECT source_key, reason FROM columnar_document WHERE outcome = 'quarantined'"))


@pytest.mark.parametrize("rows", [1, 2, 5000])
def test_documents_of_all_contracts_load_together(world: World, rows: int) -> None:
    run = world.run(**settings(["order.yaml", "refund.yaml"]), chunk={"rows": rows})
    assert world.query("SELECT id, kind, total FROM sale ORDER BY id") == [
        (1, "order", 10),
        (2, "refund", -2),
        (3, "order", 30),
        (4, "order", 40),
    ]
    assert world.query("SELECT id, no, sku FROM line ORDER BY ALL") == [
        (number, no, sku) for number in (1, 3, 4) for no, sku in ((1, "a"), (2, "b"))
    ]
    assert quarantined(world) == {'["CC","4"]': "wrong_root", '["LN","5"]': "truncated"}
    assert (run.proof.loaded, run.proof.quarantined) == (4, 2)
    again = world.run(**settings(["order.yaml", "refund.yaml"]), chunk={"rows": rows})
    assert again.chunks == 0


def test_a_key_column_chooses_the_contract(world: World) -> None:
    contracts = [
        {"file": "order.yaml", "when": {"product": "CC"}},
        {"file": "loan.yaml", "when": {"product": ["LN", "LX"]}},
        "refund.yaml",
    ]
    world.run(**settings(contracts))
    assert world.query("SELECT id, kind FROM sale ORDER BY id") == [(1, "order"), (2, "refund"), (3, "loan")]
    reasons = {'["CC","4"]': "wrong_root", '["LN","5"]': "truncated", '["XX","3"]': "no_contract"}
    assert quarantined(world) == reasons
    [(detail,)] = world.query("SELECT detail FROM columnar_document WHERE reason = 'no_contract'")
    assert detail == "no contract takes order with product 'XX'"


def test_the_same_key_from_two_contracts_is_a_duplicate(world: World) -> None:
    with world.source() as source:
        source.execute("INSERT INTO keyed VALUES ('ZZ', 9, ?)", [refund(1)])
    run = world.run(**settings(["order.yaml", "refund.yaml"]))
    assert (run.proof.duplicate, run.proof.loaded) == (1, 4)
    assert world.query("SELECT kind FROM sale WHERE id = 1") == [("order",)]


def test_another_list_is_another_contract(world: World) -> None:
    world.run(**settings(["order.yaml", "refund.yaml"]))
    (world.folder / "refund.yaml").rename(world.folder / "credit.yaml")
    world.run(**settings(["order.yaml", "credit.yaml"]))
    with pytest.raises(JobError, match="contract"):
        world.run(**settings(["credit.yaml", "order.yaml"]))


def test_what_contracts_disagree_about_is_told_at_its_place(world: World) -> None:
    (world.folder / "refund.yaml").write_text(
        REFUND.replace("{path: minus, type: int32}", "{path: minus, type: int64}").replace(
            "key: [id]", "key: [id, total]"
        )
        + "document: {limits: {depth: 9}}\n"
    )
    with pytest.raises(ContractError) as raised:
        read_plan(world.job(**settings(["order.yaml", "refund.yaml"])))
    found = {problem.key: (Path(problem.file).name, problem.line) for problem in raised.value.problems}
    assert found == {
        "document.limits.depth": ("refund.yaml", 9),
        "tables.sale.columns.total.type": ("refund.yaml", 7),
        "tables.sale.columns.total.nullable": ("refund.yaml", 7),
        "tables.sale.key": ("refund.yaml", 8),
    }


def test_the_mistakes_of_all_contracts_are_told_at_once(world: World) -> None:
    (world.folder / "order.yaml").write_text(ORDER.replace("int64", "int65"))
    (world.folder / "refund.yaml").write_text(REFUND.replace("root: refund", "rot: refund"))
    with pytest.raises(ContractError) as raised:
        read_plan(world.job(**settings(["order.yaml", "refund.yaml", "loan.yaml"])))
    assert {Path(problem.file).name for problem in raised.value.problems} == {"order.yaml", "refund.yaml"}


def test_a_contract_file_that_is_not_there(world: World) -> None:
    with pytest.raises(JobError, match=r"there is no contract file .*none\.yaml"):
        read_plan(world.job(**settings(["order.yaml", "none.yaml"])))


def write_job(world: World, contracts: str) -> Path:
    path = world.folder / "job.yaml"
    path.write_text(JOB.replace("CONTRACTS", contracts))
    return path


def test_check_shows_the_tables_of_each_contract(world: World) -> None:
    job = write_job(world, "[{file: order.yaml, when: {product: [CC, LN]}}, refund.yaml]")
    trial = trial_of(job, [], 10)
    report = check(trial.plan, trial.documents, keys=trial.keys)
    assert {table.name: table.rows for table in report.tables} == {"order:sale": 2, "order:line": 4, "refund:sale": 1}
    reasons = [each.reason for each in report.quarantined]
    assert sorted(reasons) == ["no_contract", "truncated", "wrong_root"]
    assert report.differences == ()
    # the refund's line is read by no contract, although the other one would read it
    assert [(each.path, each.documents) for each in report.coverage.unread] == [("/refund/sale/line/@sku", 1)]
    assert report.coverage.documents == 3


def test_check_with_files_needs_no_key_where_roots_decide(world: World) -> None:
    document = world.folder / "one.xml"
    document.write_text(refund(7))
    trial = trial_of(write_job(world, "[order.yaml, refund.yaml]"), [document], 10)
    report = check(trial.plan, trial.documents)
    assert {table.name: table.rows for table in report.tables} == {"order:sale": 0, "order:line": 0, "refund:sale": 1}


def test_check_with_files_cannot_choose_by_a_key(world: World) -> None:
    document = world.folder / "one.xml"
    document.write_text(refund(7))
    job = write_job(world, "[{file: order.yaml, when: {product: CC}}, refund.yaml]")
    with pytest.raises(JobError, match="source key product") as raised:
        trial_of(job, [document], 10)
    assert "one contract" in raised.value.hint


def test_a_job_file_reads_its_contracts(world: World) -> None:
    plan = read_plan(read_job(write_job(world, "[order.yaml, refund.yaml]")))
    assert [table.name for table in plan.tables] == ["order:sale", "order:line", "refund:sale"]


def test_the_sql_of_each_contract_sees_its_own_tables(world: World) -> None:
    more = """
  counted:
    sql: SELECT _document, id, count(*) AS lines, 'KIND' AS kind FROM line GROUP BY ALL
    columns: {id: {type: int64}, lines: {type: int64}, kind: {type: string}}
    key: [id]
  detail:
    rows: //sale
    joins: {item: {table: line, where: no = 1}}
    columns: {id: {path: "@id", type: int64}, first: {sql: "item.sku || '-KIND'", type: string}}
    key: [id]
"""
    (world.folder / "order.yaml").write_text(ORDER + more.replace("KIND", "order"))
    (world.folder / "loan.yaml").write_text(ORDER.replace("root: order", "root: loan") + more.replace("KIND", "loan"))
    with world.source() as source:
        loan = order(8).replace("order>", "loan>").replace('sku="a"', 'sku="z"')
        source.execute("INSERT INTO keyed VALUES ('LN', 8, ?)", [loan])
    world.run(**settings(["order.yaml", "loan.yaml"]))
    assert world.query("SELECT id, lines, kind FROM counted ORDER BY id") == [
        (1, 2, "order"),
        (3, 2, "order"),
        (4, 2, "order"),
        (8, 2, "loan"),
    ]
    assert world.query("SELECT id, first FROM detail ORDER BY id") == [
        (1, "a-order"),
        (3, "a-order"),
        (4, "a-order"),
        (8, "z-loan"),
    ]
