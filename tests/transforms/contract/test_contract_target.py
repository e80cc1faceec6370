"""What tables are in the target: names, foreign keys, columns of the database, load order."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.contract import ContractPlan, read_contract
from transforms.contract.plan import (
    ColumnType,
    Conflict,
    ForeignKey,
    Identity,
    MadeColumn,
    TablePlan,
    TargetPlan,
    TypeKind,
)
from transforms.contract.plan import (
    ContractPlan as Plan,
)
from transforms.contract.target_tables import target_tables
from transforms.errors import ContractError
from transforms.path.model import NameTest
from transforms.path.parse import parse_row_path

CONTRACT = """\
version: 1
root: r
target: {schema: app}
tables:
  item:
    rows: /r/item
    parent: hidden
    columns: {no: {path: "@no", type: int32}, dealer: "@dealer", tmp: {path: "@t", load: false}}
    key: [id, no]
    on_conflict: skip
    target: {foreign_keys: [order, {table: dealer, columns: [dealer]}]}
  hidden: {rows: /r/item, parent: order, load: false, columns: {x: "@x"}}
  order:
    rows: /r
    columns:
      id: {path: "@id", type: int64, identity: keep}
      note: {path: "@note", on_null: omit}
    key: [id]
    target:
      table: orders
      columns:
        at: {type: timestamp, default: " now() ", nullable: false}
        double: {computed: id * 2}
  dealer: {rows: //dealer, columns: {no: "@no"}, key: [no], target: {schema: master, table: dealers}}
"""


def test_names_foreign_keys_and_columns_of_the_database() -> None:
    plan = read_contract(CONTRACT, name="target.yaml")
    assert {table.name: table.target_name for table in plan.tables} == {
        "order": "app.orders",
        "hidden": "app.hidden",
        "item": "app.item",
        "dealer": "master.dealers",
    }
    assert plan.table("order").target.made == (
        MadeColumn("at", ColumnType(TypeKind.TIMESTAMP), default="now()", nullable=False),
        MadeColumn("double", computed="id * 2"),
    )
    assert plan.table("item").target.foreign_keys == (
        ForeignKey(("id",), "app.orders", ("id",)),
        ForeignKey(("dealer",), "master.dealers", ("no",)),
    )
    assert plan.table("item").on_conflict is Conflict.SKIP
    assert [column.omit_null for column in plan.table("order").columns] == [False, True]
    assert read_contract(plan.text, name="again.json") == plan


def test_tables_come_after_what_they_refer_to() -> None:
    tables = target_tables(read_contract(CONTRACT, name="target.yaml"))
    assert [table.name for table in tables] == ["app.orders", "master.dealers", "app.item"]
    item = tables[-1]
    assert [column.name for column in item.columns] == ["id", "no", "dealer"]
    assert [column.identity for column in item.columns] == [None, None, None], "id is the identity of order alone"
    assert tables[0].columns[0].identity is Identity.KEEP
    assert (item.key, item.on_conflict, item.tables) == (("id", "no"), Conflict.SKIP, ("item",))
    assert tables[0].made[0].name == "at"


def test_a_table_waits_for_the_nearest_loaded_table_around_it() -> None:
    plan = read_contract(
        "version: 1\nroot: r\ntables:\n"
        "  a: {rows: /r, columns: {id: '@id', no: '@d'}, key: [id], target: {foreign_keys: [d]}}\n"
        "  hidden: {rows: /r/b, parent: a, load: false, columns: {x: '@x'}}\n"
        "  b: {rows: /r/b, parent: hidden, columns: {y: '@y'}}\n"
        "  d: {rows: /r/d, columns: {no: '@no'}, key: [no]}\n",
        name="around.yaml",
    )
    assert [table.name for table in plan.tables] == ["a", "hidden", "b", "d"]
    assert [table.name for table in target_tables(plan)] == ["d", "a", "b"]


def test_names_without_a_schema() -> None:
    plan = read_contract("version: 1\nroot: r\ntables: {t: {rows: /r, columns: {c: '@c'}}}", name="plain.yaml")
    assert plan.table("t").target == TargetPlan()
    assert plan.table("t").target_name == "t"


def test_an_identity_that_the_database_makes() -> None:
    plan = read_contract(
        "version: 1\nroot: r\ntables:\n"
        "  a: {rows: /r, columns: {id: {type: int64, identity: database}, x: '@x'}, key: [id]}\n"
        "  b: {rows: /r/b, parent: a, columns: {no: '@no'}, key: [id, no], target: {foreign_keys: [a]}}\n",
        name="identity.yaml",
    )
    column = plan.table("a").columns[0]
    assert (column.path, column.sql, column.identity, column.nullable) == (None, "", Identity.DATABASE, False)
    assert plan.table("b").inherited == (column,)
    assert [table.columns[0].identity for table in target_tables(plan)] == [Identity.DATABASE, None]


TWO = """\
version: 1
root: r
tables:
  buyer: {rows: /r/buyer, columns: {id: "@id", name: "@name"}, key: [id], target: {table: party}}
  order:
    rows: /r
    columns: {no: "@no", seller: "@seller"}
    target: {foreign_keys: [{table: buyer, columns: [seller]}]}
  seller:
    rows: /r/seller
    columns: {name: "@n", id: "@i", tmp: {path: "@t", load: false}}
    target: {table: party}
    key: [id]
"""


def test_several_tables_in_one() -> None:
    party, order = target_tables(read_contract(TWO, name="two.yaml"))
    assert (party.name, party.tables) == ("party", ("buyer", "seller"))
    assert [column.name for column in party.columns] == ["id", "name"]
    assert order.foreign_keys == (ForeignKey(("seller",), "party", ("id",)),)


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('{name: "@n", id', '{nom: "@n", id', "tables.seller.columns"),
        ('{name: "@n", id', '{name: {path: "@n", type: date}, id', "tables.seller.columns.name.type"),
        ('{name: "@n", id', '{name: {path: "@n", nullable: false}, id', "tables.seller.columns.name.nullable"),
        ('{name: "@n", id', '{name: {path: "@n", many: list}, id', "tables.seller.columns.name.type"),
        ('{name: "@n", id', '{name: {path: "@n", on_null: omit}, id', "tables.seller.columns.name.on_null"),
        ("    key: [id]", "    key: [name, id]", "tables.seller.key"),
        ("    key: [id]", "    key: [id]\n    on_conflict: skip", "tables.seller.on_conflict"),
        ("@t\", load: false}", '@t"}', "tables.seller.columns.tmp"),
    ],
)  # fmt: skip
def test_tables_that_differ_in_the_target(old: str, new: str, key: str) -> None:
    assert TWO.count(old) == 1
    with pytest.raises(ContractError) as caught:
        read_contract(TWO.replace(old, new), name="two.yaml")
    assert key in [problem.key for problem in caught.value.problems]
    assert all(problem.line for problem in caught.value.problems)


def plan_with(keys: list[tuple[int, int]], count: int) -> Plan:
    """Tables t0, t1, … of which the first of each pair refers to the second."""
    tables = [
        TablePlan(
            f"t{number}",
            parse_row_path("//x", {}),
            None,
            (),
            (),
            target=TargetPlan(
                foreign_keys=tuple(ForeignKey(("a",), f"T{other}", ("a",)) for one, other in keys if one == number)
            ),
        )
        for number in range(count)
    ]
    return ContractPlan(NameTest("r"), tuple(tables))


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=12))
def test_load_order(keys: list[tuple[int, int]]) -> None:
    keys = [(one, other) for one, other in keys if one != other]
    try:
        order = [int(table.name[1:]) for table in target_tables(plan_with(keys, 7))]
    except ContractError as error:
        (problem,) = error.problems
        circle = [int(name[1:]) for name in problem.message.split(": ")[1].split(" -> ")]
        assert circle[0] == circle[-1]
        assert all(pair in keys for pair in pairwise(circle))
        return
    assert sorted(order) == list(range(7))
    assert all(order.index(other) < order.index(one) for one, other in keys)


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=8))
def test_tables_stay_where_they_are_unless_they_refer_to_later_ones(keys: list[tuple[int, int]]) -> None:
    backward = [(max(pair), min(pair)) for pair in keys if pair[0] != pair[1]]
    assert [table.name for table in target_tables(plan_with(backward, 7))] == [f"t{number}" for number in range(7)]


def test_problems_of_merged_contracts_say_which_one_is_meant() -> None:
    plan = read_contract(TWO, name="two.yaml")
    buyer, order, seller = plan.tables
    other = replace(seller, name="b:seller", scope="b", key=("name",))
    with pytest.raises(ContractError, match="and \\[id\\] in table 'buyer' of 'a'"):
        target_tables(replace(plan, tables=(replace(buyer, name="a:buyer", scope="a"), other, order)))
