"""Column SQL, joins and tables made by SQL: what they compile to. Their SQL itself is judged where it runs."""

from __future__ import annotations

import pytest

from transforms.contract import ContractPlan, read_contract
from transforms.contract.extracts import extracts_of
from transforms.contract.plan import Distinct, Join, Preference, Take
from transforms.contract.sql_text import sql_fault

CONTRACT = """\
version: 1
root: r
tables:
  later:
    sql: |
      -- counts
      SELECT _document, count(*) AS n FROM total GROUP BY ALL
    columns: {n: {type: int64, nullable: false, on_missing: reject_row}}
  b:
    rows: /r/b
    parent: a
    joins:
      near: c
      far:
        table: c
        on: {no: x, id: y}
        where: " kind = 'K' "
        prefer: {kind: [A, B], no: [2, 1]}
        take: last
    columns:
      x: {path: "@x", type: int32}
      y: "@y"
      made: {sql: " near.kind || far.kind ", type: string(9), clean: [upper], on_too_long: truncate}
      again: {sql: "made || a.k", load: false}
    where: made IS NOT NULL
    distinct: {on: [x], prefer: {made: [K], k: [1]}, order: y DESC, take: last}
    key: [k, made]
  total:
    sql: SELECT _document, k, 1 AS n FROM a
    columns: {k: {type: int64, identity: keep}, n: {type: int64, load: false}}
    key: [k]
    on_conflict: skip
  a: {rows: /r, columns: {k: {path: "@k", type: int64}}, key: [k]}
  c:
    rows: /r/b/c
    parent: b
    columns: {no: {path: "@no", type: int64}, kind: "@kind", id: {path: "@id", type: uuid}}
"""


@pytest.fixture(scope="module")
def plan() -> ContractPlan:
    return read_contract(CONTRACT, name="sql.yaml")


def test_tables_made_by_sql_come_last_in_their_own_order(plan: ContractPlan) -> None:
    assert [table.name for table in plan.tables] == ["a", "b", "c", "later", "total"]
    assert [extract.name for extract in extracts_of(plan)] == ["a", "b", "c"]


def test_a_table_made_by_sql(plan: ContractPlan) -> None:
    later, total = plan.table("later"), plan.table("total")
    assert later.rows is None
    assert later.parent is None
    assert later.sql.startswith("-- counts")
    assert later.sql.endswith("GROUP BY ALL")
    assert [column.path for column in total.columns] == [None, None]
    assert total.key == ("k",)
    assert [(column.nullable, column.load) for column in total.columns] == [(False, True), (True, False)]


def test_columns_made_by_sql_keep_their_rules_and_are_not_read(plan: ContractPlan) -> None:
    columns = {column.name: column for column in plan.table("b").columns}
    assert (columns["made"].path, columns["made"].sql) == (None, "near.kind || far.kind")
    assert [step.name for step in columns["made"].clean] == ["upper"]
    assert not columns["made"].nullable
    assert not columns["again"].load
    (extract,) = [extract for extract in extracts_of(plan) if extract.name == "b"]
    assert [column.name for column in extract.columns] == ["x", "y"]


def test_joins_stand_by_name(plan: ContractPlan) -> None:
    assert plan.table("b").joins == (
        Join(
            name="far",
            table="c",
            on=(("id", "y"), ("no", "x")),
            where="kind = 'K'",
            prefer=(Preference("kind", ("A", "B")), Preference("no", ("2", "1"))),
            take=Take.LAST,
        ),
        Join(name="near", table="c"),
    )


def test_a_join_may_serve_where_alone() -> None:
    contract = (
        "version: 1\nroot: r\ntables:\n  a: {rows: /r, columns: {k: '@k'}, joins: {j: b}, where: j.b = k}\n"
        "  b: {rows: /r/b, columns: {b: '@b'}}\n"
    )
    assert read_contract(contract, name="where.yaml").table("a").joins == (Join("j", "b"),)


def test_distinct(plan: ContractPlan) -> None:
    preferences = (Preference("made", ("K",)), Preference("k", ("1",)))
    assert plan.table("b").distinct == Distinct(("x",), "y DESC", preferences, Take.LAST)


def test_the_order_of_joins_means_nothing_and_that_of_preferences_does(plan: ContractPlan) -> None:
    swapped = CONTRACT.replace("      near: c\n", "").replace(
        "        take: last\n", "        take: last\n      near: c\n"
    )
    assert swapped != CONTRACT
    assert read_contract(swapped, name="sql.yaml") == plan
    assert read_contract(plan.text, name="again.json") == plan
    preferred = CONTRACT.replace("{kind: [A, B], no: [2, 1]}", "{no: [2, 1], kind: [A, B]}")
    assert read_contract(preferred, name="sql.yaml").sha256 != plan.sha256


def test_a_table_named_as_a_column_is_no_problem_without_sql() -> None:
    contract = (
        "version: 1\nroot: r\ntables:\n  a: {rows: /r, columns: {k: '@k'}, key: [k]}\n"
        "  b: {rows: /r/b, parent: a, columns: {a: '@a', b: '@b'}}\n"
    )
    assert [column.name for column in read_contract(contract, name="names.yaml").table("b").columns] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a", ""),
        ("a -- ;", ""),
        ("a /* ; \n ; */", ""),
        ("';' || \"a;b\"", ""),
        ("-- only this", "the SQL is empty"),
        ("a;", "the SQL is more than one expression: it holds a semicolon"),
        ("'--' ; b", "the SQL is more than one expression: it holds a semicolon"),
    ],
)
def test_a_first_look_at_sql(text: str, fault: str) -> None:
    said, offset = sql_fault(text)
    assert said == fault
    assert text[offset] == ";" or offset == 0
