"""From a row of the target back to its document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from columnar.errors import JobError
from columnar.explaining.explain import explain_row
from columnar.explaining.explained import ExplainedRow, ExplainedValue
from tests.columnar.audit_world import AuditWorld, order
from tests.columnar.world import World


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> AuditWorld:
    world = AuditWorld(tmp_path_factory.mktemp("explain"))
    world.run()
    return world


def value(row: ExplainedRow, column: str) -> ExplainedValue:
    return next(each for each in row.values if each.column == column)


def nodes(told: ExplainedValue) -> list[tuple[str, int, str]]:
    return [(each.path, each.line, each.text) for each in told.nodes]


def changes(told: ExplainedValue) -> list[tuple[str, str | None, str | None]]:
    return [(each.rule, each.before, each.after) for each in told.changes]


def test_a_value_that_was_trimmed_looked_up_and_defaulted(done: AuditWorld) -> None:
    row = explain_row(done.job(), "orders", "1")
    assert (row.source_key, row.chunk, row.document, row.content) == ("1", 1, 0, "source")
    assert (row.path, row.line, row.contract_changed, row.notes) == ("/order", 1, False, ())
    buyer, state, channel, total = (value(row, name) for name in ("buyer", "state", "channel", "total"))
    assert (buyer.value, nodes(buyer)) == ("Ada", [("/order/buyer", 2, " Ada ")])
    assert changes(buyer) == [("trimmed", " Ada ", "Ada")]
    assert (state.value, nodes(state)) == ("new", [("/order/@state", 1, "N")])
    assert changes(state) == [("lookup", "N", "new")]
    assert (channel.value, nodes(channel)) == ("web", [])
    assert changes(channel) == [("defaulted_missing", None, "web")]
    assert (total.value, total.origin, total.source) == (2, "sql", "2 * id")
    assert all(each.becomes is None for each in row.values)
    [run] = done.target("SELECT DISTINCT run FROM columnar_ledger")
    assert row.run == run[0]


def test_a_row_below_and_the_key_that_it_gained(done: AuditWorld) -> None:
    row = explain_row(done.job(), "line", "6,2")
    assert (row.source_key, row.path, row.line) == ("6", "/order/line[2]", 4)
    price, gained = value(row, "price"), value(row, "id")
    assert nodes(price) == [("/order/line[2]/price", 4, "2.50 EUR")]
    assert changes(price) == [("clean_number", "2.50 EUR", "2.50")]
    assert (gained.origin, gained.source, nodes(gained)) == ("parent", "orders.id: @id", [("/order/@id", 1, "6")])
    [only] = explain_row(done.job(), "line", "number=3, id=6", "price").values
    assert (only.column, only.text) == ("price", "3.50")


@pytest.mark.parametrize(
    ("table", "key", "column", "message"),
    [
        ("ordres", "1", None, "loads no table ordres"),
        ("orders", "77", None, "has no row with id = 77"),
        ("line", "1", None, "is a key of 1 part"),
        ("orders", "1", "byuer", "has no column byuer"),
    ],
)
def test_what_is_not_there_is_told(done: AuditWorld, table: str, key: str, column: str | None, message: str) -> None:
    with pytest.raises(JobError, match=message):
        explain_row(done.job(), table, key, column)


def test_a_changed_document_is_taken_from_the_audit_files(tmp_path: Path) -> None:
    world = AuditWorld(tmp_path)
    world.run()
    world.source("UPDATE docs SET doc = ? WHERE k = 7", order(7, buyer="Eve"))
    row = explain_row(world.job(), "orders", "7", "buyer")
    assert (row.content, nodes(row.values[0])) == ("audit", [("/order/buyer", 2, " Ada ")])
    world.file("raw", 2).unlink()
    row = explain_row(world.job(), "orders", "7", "buyer")
    assert (row.content, row.values[0].text, row.values[0].becomes) == ("changed", "Ada", "Eve")
    world.source("DELETE FROM docs WHERE k = 7")
    row = explain_row(world.job(), "orders", "7", "buyer")
    assert (row.content, row.values[0].origin, row.values[0].text) == ("gone", "unknown", "Ada")


def test_a_value_that_somebody_changed_in_the_target(tmp_path: Path) -> None:
    world = AuditWorld(tmp_path)
    world.run()
    world.target("UPDATE orders SET buyer = 'Eve' WHERE id = 9")
    [buyer] = explain_row(world.job(), "orders", "9", "buyer").values
    assert (buyer.text, buyer.becomes) == ("Eve", "Ada")


def test_without_keys_the_audit_files_lead_back(tmp_path: Path) -> None:
    world = AuditWorld(tmp_path, {1: order(1), 5: order(5, lines=2)})
    settings: dict[str, Any] = {"duplicates": "off"}
    world.run(**settings)
    row = explain_row(world.job(**settings), "line", "5,2")
    assert (row.source_key, row.line) == ("5", 4)
    for path in world.audit.glob("run=*/stage=loaded/**/*.parquet"):
        path.unlink()
    with pytest.raises(JobError, match="nothing leads from rows of line"):
        explain_row(world.job(**settings), "line", "5,2")


def test_a_row_that_the_job_did_not_bring(tmp_path: Path) -> None:
    world = AuditWorld(tmp_path)
    world.run()
    world.target("INSERT INTO orders (id) VALUES (100)")
    with pytest.raises(JobError, match="no document of job 'orders' brought this row"):
        explain_row(world.job(), "orders", "100")


CONTRACT = """
version: 1
root: d
namespaces: {n: "urn:n"}
tables:
  app:
    rows: /d/app
    key: [id]
    picks:
      main: {path: n:contact, prefer: {"@role": [PR]}}
    columns:
      id: {path: "@id", type: int64}
      email: {path: "n:mail/text()", of: main}
      words: {path: "w/text()", many: list}
      kind: {xpath: "string(../@kind)"}
      mark: {path: "'x'"}
      source: {path: "$key"}
  slot:
    rows: /d/app
    parent: app
    key: [id, nth]
    slots: {1: "@a1", 2: "@a2"}
    columns:
      nth: {path: $slot, type: int32}
      amount: {type: int32}
  total:
    sql: "SELECT _document, id, sum(amount) AS amount FROM slot GROUP BY ALL"
    columns: {id: {type: int64}, amount: {type: int64}}
    key: [id]
"""
DOCUMENT = """<d kind="k" xmlns:q="urn:n">
<app id="1" a1="3" a2=" 4 ">
<q:contact role="X"><q:mail>x</q:mail></q:contact>
<q:contact role="PR">
<q:mail>main</q:mail></q:contact>
<w>one</w><w>two</w>
</app>
</d>"""


def test_picks_slots_lists_and_what_has_no_node(tmp_path: Path) -> None:
    world = World(tmp_path, CONTRACT)
    world.insert((11, DOCUMENT))
    settings: dict[str, Any] = {"duplicates": {"on": "app.id"}}
    world.run(**settings)
    row = explain_row(world.job(**settings), "app", "1")
    assert (row.path, row.line) == ("/d/app", 2)
    assert nodes(value(row, "email")) == [("/d/app/n:contact[2]/n:mail/text()", 5, "main")]
    assert [path for path, _, _ in nodes(value(row, "words"))] == ["/d/app/w[1]/text()", "/d/app/w[2]/text()"]
    assert (value(row, "kind").origin, value(row, "kind").text) == ("xpath", "k")
    assert (value(row, "mark").origin, value(row, "source").origin) == ("constant", "key")
    assert value(row, "source").text == "11"
    slot = explain_row(world.job(**settings), "slot", "1,2")
    assert nodes(value(slot, "amount")) == [("/d/app/@a2", 2, " 4 ")]
    total = explain_row(world.job(**settings), "total", "1")
    assert (value(total, "amount").origin, value(total, "amount").text, total.path) == ("sql", "7", "")
