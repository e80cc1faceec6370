"""Several contracts as one plan: names, routes, and everything that keeps them apart told at once."""

from __future__ import annotations

import pytest

from transforms.contract import read_contract
from transforms.contract.merge import ContractPart, merge_contracts
from transforms.contract.plan import ContractPlan, Route
from transforms.contract.target_tables import target_tables
from transforms.errors import ContractError
from transforms.path.model import NameTest

ORDER = """
version: 1
root: order
tables:
  sale:
    rows: /order
    columns: {id: {path: "@id", type: int64}, total: {path: "@total", type: "decimal(9,2)"}}
    key: [id]
  line:
    rows: /order/line
    parent: sale
    columns: {no: {path: position(), type: int32}, sku: {path: "@sku", type: string(10)}}
    key: [id, no]
"""
REFUND = """
version: 1
root: refund
tables:
  sale:
    rows: /refund
    columns: {total: {path: sum, type: "decimal(9,2)"}, id: {path: no, type: int64}}
    key: [id]
"""


def part(text: str, name: str = "order.yaml", **when: str | tuple[str, ...]) -> ContractPart:
    pairs = [(key, value) for key, given in when.items() for value in ([given] if isinstance(given, str) else given)]
    return ContractPart(name, read_contract(text, name=name), tuple(pairs))


def problems(*parts: ContractPart) -> list[str]:
    with pytest.raises(ContractError) as raised:
        merge_contracts(parts)
    return [str(problem) for problem in raised.value.problems]


def names(plan: ContractPlan) -> list[tuple[str, str | None, str]]:
    return [(table.name, table.parent, table.target_name) for table in plan.tables]


def test_a_contract_on_its_own_stays_as_it_is() -> None:
    alone = part(ORDER)
    assert merge_contracts([alone]) is alone.plan


def test_a_contract_on_its_own_for_some_keys_gets_a_route_and_keeps_its_names() -> None:
    alone = part(ORDER, product="CC")
    merged = merge_contracts([alone])
    assert names(merged) == [("sale", None, "sale"), ("line", "sale", "line")]
    assert {table.route for table in merged.tables} == {Route(NameTest("order"), (("product", "CC"),))}
    assert merged.sha256 != alone.plan.sha256


def test_tables_are_told_apart_by_their_file_and_load_into_one() -> None:
    merged = merge_contracts([part(ORDER, "in/order.yaml"), part(REFUND, "in/refund.yaml")])
    assert names(merged) == [
        ("order:sale", None, "sale"),
        ("order:line", "order:sale", "line"),
        ("refund:sale", None, "sale"),
    ]
    assert [(table.scope, table.title) for table in merged.tables] == [
        ("order", "sale"),
        ("order", "line"),
        ("refund", "sale"),
    ]
    assert [(table.name, table.tables) for table in target_tables(merged)] == [
        ("sale", ("order:sale", "refund:sale")),
        ("line", ("order:line",)),
    ]
    assert [table.route.root.local for table in merged.tables if table.route] == ["order", "order", "refund"]


@pytest.mark.parametrize(
    ("files", "scopes"),
    [
        (("a/x.yaml", "b/x.yaml", "y.yaml"), ["a/x", "b/x", "y"]),
        (("x.yaml", "x.yaml", "x.yaml"), ["x", "x#2", "x#3"]),
        (("x.yaml", "x.json", "x.y.yaml"), ["x", "x#2", "x.y"]),
    ],
)
def test_files_of_one_name_are_told_apart_too(files: tuple[str, ...], scopes: list[str]) -> None:
    parts = [part(ORDER, file, product=str(number)) for number, file in enumerate(files)]
    tables = merge_contracts(parts).tables
    assert list(dict.fromkeys(table.scope for table in tables)) == scopes
    assert len({table.name for table in tables}) == len(tables)


def test_what_a_join_names_is_in_the_same_contract() -> None:
    first = 'total: {path: "@total", type: "decimal(9,2)"}, sku: {sql: first.sku, type: string(10)}}'
    joined = ORDER.replace('total: {path: "@total", type: "decimal(9,2)"}}', first + "\n    joins: {first: line}")
    merged = merge_contracts([part(joined), part(REFUND.replace("sale:", "refund:"), "refund.yaml")])
    assert [join.table for table in merged.tables for join in table.joins] == ["order:line"]


def test_the_hash_knows_contracts_order_and_values_but_no_file_names() -> None:
    def hash_of(*parts: ContractPart) -> str:
        return merge_contracts(parts).sha256

    both = hash_of(part(ORDER), part(REFUND, "refund.yaml"))
    assert both == hash_of(part(ORDER, "elsewhere/o.yaml"), part(REFUND, "r.yaml"))
    assert hash_of(part(ORDER, product=("A", "B"))) == hash_of(part(ORDER, product=("B", "A", "A")))
    others = [
        hash_of(part(REFUND, "refund.yaml"), part(ORDER)),
        hash_of(part(ORDER, product="A"), part(REFUND, "refund.yaml")),
        hash_of(part(ORDER, product="B"), part(REFUND, "refund.yaml")),
        hash_of(part(ORDER, branch="B"), part(REFUND, "refund.yaml")),
        hash_of(part(ORDER.replace("string(10)", "string(11)")), part(REFUND, "refund.yaml")),
    ]
    assert len({both, *others}) == 6


def test_every_difference_of_a_shared_table_is_told_with_both_files() -> None:
    other = REFUND.replace("decimal(9,2)", "decimal(9,3)").replace("key: [id]", "key: [id, total]")
    other = other.replace("type: int64}}", "type: int64}, why: why}")
    found = problems(part(ORDER), part(other, "refund.yaml"))
    assert sorted(problem.partition(": ")[2].partition(":")[0] for problem in found) == [
        "tables.sale.columns.total.nullable",
        "tables.sale.columns.total.type",
        "tables.sale.columns.why",
        "tables.sale.key",
    ]
    assert all(problem.startswith("refund.yaml: ") for problem in found)
    assert all("table 'sale' of 'order'" in problem for problem in found)


KEYS = """    target:
      foreign_keys: [{table: branch, columns: [total]}]
      columns: {at: {type: timestamp, default: now()}}
  branch: {rows: /order/branch, columns: {no: {path: "@no", type: "decimal(9,2)"}}, key: [no]}
"""


@pytest.mark.parametrize("stated_first", [True, False])
def test_one_contract_may_state_the_foreign_keys_and_what_the_database_fills(stated_first: bool) -> None:
    stated = ORDER.replace("    key: [id]\n", "    key: [id]\n" + KEYS)
    parts = [part(stated), part(REFUND, "refund.yaml")]
    merged = merge_contracts(parts if stated_first else parts[::-1])
    tables = {table.name: table for table in target_tables(merged)}
    assert list(tables) == ["branch", "sale", "line"]
    assert [(key.columns, key.table, key.references) for key in tables["sale"].foreign_keys] == [
        (("total",), "branch", ("no",))
    ]
    assert [column.name for column in tables["sale"].made] == ["at"]


def test_what_a_third_contract_contradicts_is_told_with_the_one_that_said_it() -> None:
    stated = ORDER.replace("    key: [id]\n", "    key: [id]\n" + KEYS)
    other = stated.replace("branch", "office").replace("now()", "today()").replace("order", "third")
    found = problems(part(REFUND, "refund.yaml"), part(stated), part(other, "third.yaml"))
    assert [problem.replace("expected one of them, in one of the tables or in both", "...") for problem in found] == [
        "third.yaml: tables.sale.target.foreign_keys: (total) refers to office (no) here, and to branch (no) in table"
        " 'sale' of 'order'; both load into 'sale'; ...",
        "third.yaml: tables.sale.target.columns.at: at timestamp default today() here, and at timestamp default now()"
        " in table 'sale' of 'order'; both load into 'sale'; ...",
    ]


def test_all_missing_columns_are_told_at_once_with_the_word_for_no_value() -> None:
    without = ORDER.replace(', total: {path: "@total", type: "decimal(9,2)"}', "")
    (found,) = problems(part(REFUND, "refund.yaml"), part(without))
    assert found == (
        "order.yaml: tables.sale.columns: there is no column 'total', which table 'sale' of 'refund' has; both load"
        " into 'sale'; expected a column total; one that has no value here is written"
        ' total: {sql: "NULL", type: "decimal(9,2)"}'
    )
    more = REFUND.replace("columns: {", 'columns: {a: "@a", b: {path: "@b", type: date}, ')
    (found,) = problems(part(more, "refund.yaml"), part(ORDER))
    assert "there are no columns 'a', 'b', which table 'sale' of 'refund' has" in found
    absent = ORDER.replace("columns: {id", 'columns: {a: {sql: "NULL"}, b: {sql: "NULL", type: date}, id')
    assert len(target_tables(merge_contracts([part(more, "refund.yaml"), part(absent)]))) == 2


def test_a_table_that_is_not_loaded_need_not_agree() -> None:
    other = REFUND.replace("    key: [id]", "    key: [id, total]\n    load: false")
    assert len(merge_contracts([part(ORDER), part(other, "refund.yaml")]).tables) == 3


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ("{decode: [gzip]}", "document.decode: [gzip] here, [] in order.yaml"),
        ("{declaration: trust}", "document.declaration: trust here, auto in order.yaml"),
        ("{limits: {bytes: 1MB}}", "document.limits.bytes: 1,000,000 here, 67,108,864 in order.yaml"),
        ("{limits: {depth: 9}}", "document.limits.depth: 9 here, 256 in order.yaml"),
        ("{limits: {text: 9}}", "document.limits.text: 9 here, 10,000,000 in order.yaml"),
        ("{limits: {attributes: 9}}", "document.limits.attributes: 9 here, 10,000 in order.yaml"),
        ("{limits: {name: 9}}", "document.limits.name: 9 here, 10,000 in order.yaml"),
    ],
)
def test_documents_are_decoded_before_it_is_known_whose_they_are(document: str, says: str) -> None:
    found = problems(part(ORDER), part(f"{REFUND}document: {document}\n", "refund.yaml"))
    assert len(found) == 1
    assert found[0].startswith(f"refund.yaml: {says}; expected the same in all contracts of a job")


def test_a_contract_that_gets_no_documents() -> None:
    again = ORDER.replace("sale", "sold").replace("line:", "item:")
    assert problems(part(ORDER), part(again, "again.yaml")) == [
        "again.yaml: root: this contract gets no documents: order.yaml stands before it and takes every order;"
        " expected another `root` or another `when`"
    ]
    [found] = problems(part(ORDER, product=("A", "B")), part(again, "again.yaml", product="B", branch="7"))
    assert "order.yaml stands before it and takes every order with branch 7 and product B" in found


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"product": "A"}, {}),
        ({"product": "A"}, {"product": "B"}),
        ({"product": "A"}, {"product": ("A", "B")}),
        ({"product": "A"}, {"branch": "7"}),
        ({"product": "A", "branch": "7"}, {"product": "A"}),
    ],
)
def test_contracts_for_the_same_root(
    first: dict[str, str | tuple[str, ...]], second: dict[str, str | tuple[str, ...]]
) -> None:
    merged = merge_contracts([part(ORDER, "order.yaml", **first), part(ORDER, "again.yaml", **second)])
    assert len({table.route for table in merged.tables}) == 2
