"""Documents of several contracts in one batch: each is read by the first contract that takes it, and by no other."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.differential.shredders import make
from transforms.contract import read_contract
from transforms.contract.merge import ContractPart, merge_contracts
from transforms.contract.plan import ContractPlan
from transforms.shred import Shredded

pytestmark = pytest.mark.usefixtures("both_shredders")

# Every contract's `//item` is in every document, so that one read by a wrong contract would show.
_TABLES = """
tables:
  head: {{rows: "/{root}", columns: {{id: "@id", product: $product, n: {{xpath: "count(//item)"}}}}}}
  item: {{rows: //item, parent: head, columns: {{sku: "@sku", all: {{path: "//*/@sku", many: {many}}}}}}}
"""
_NAMESPACED = 'namespaces: {o: "urn:order"}\n'


def contract(root: str, many: str = "join") -> str:
    return f"version: 1\nroot: {root}\n{_NAMESPACED if ':' in root else ''}{_TABLES.format(root=root, many=many)}"


ORDER, REFUND, OTHER = contract("order"), contract("refund"), contract("o:order")
DOCUMENTS = {
    "order": '<order id="1"><item sku="a"/><refund><item sku="b"/></refund></order>',
    "refund": '<refund id="2"><item sku="c"/></refund>',
    "o:order": '<order id="3" xmlns="urn:order"><item sku="d" xmlns=""/></order>',
    "unknown": '<note><item sku="e"/><order/></note>',
    "broken": "<order",
}


def part(name: str, text: str, *products: str) -> ContractPart:
    return ContractPart(name, read_contract(text, name=name), tuple(("product", product) for product in products))


def shred(plan: ContractPlan, documents: Sequence[str], products: Sequence[str | None] = ()) -> Shredded:
    keys = pa.array(list(products) or ["-"] * len(documents), pa.string())
    return make(plan).shred(pa.array(documents, pa.string()), {"product": keys})


def refused(shredded: Shredded) -> dict[int, tuple[str, str]]:
    return {row["document"]: (row["reason"], row["detail"]) for row in shredded.refused.to_pylist()}


def test_each_document_gives_rows_to_its_own_contract_only() -> None:
    merged = merge_contracts([part("order", ORDER), part("refund", REFUND), part("other", OTHER)])
    shredded = shred(merged, [DOCUMENTS["refund"], DOCUMENTS["o:order"], DOCUMENTS["order"], DOCUMENTS["refund"]])
    assert refused(shredded) == {}
    found = {name: extract["_document"].to_pylist() for name, extract in shredded.extracts.items()}
    assert found == {
        "order:head": [2],
        "order:item": [2, 2],
        "refund:head": [0, 3],
        "refund:item": [0, 3],
        "other:head": [1],
        "other:item": [1],
    }
    assert shredded.extracts["refund:item"]["sku"].to_pylist() == ["c", "c"]
    assert [row["table"] for row in shredded.several.to_pylist()] == ["order:item"]


def test_a_root_of_no_contract_is_told_with_the_roots_there_are() -> None:
    merged = merge_contracts([part("order", ORDER), part("refund", REFUND), part("other", OTHER)])
    found = refused(shred(merged, [DOCUMENTS["unknown"], DOCUMENTS["order"], DOCUMENTS["broken"]]))
    assert found.pop(2)[0] == "truncated"
    assert found == {0: ("wrong_root", "the root element is note; the contracts take order, refund, {urn:order}order")}


def test_a_root_is_compared_with_its_namespace() -> None:
    merged = merge_contracts([part("order", ORDER), part("refund", REFUND)])
    assert refused(shred(merged, [DOCUMENTS["o:order"]])) == {
        0: ("wrong_root", "the root element is {urn:order}order; the contracts take order, refund")
    }


def test_a_key_column_chooses_among_contracts_of_one_root() -> None:
    parts = [part("cc", ORDER, "CC"), part("loan", ORDER, "LN", "LX"), part("refund", REFUND)]
    products = ["LN", "CC", "LX", "cc", None, "XX"]
    shredded = shred(merge_contracts(parts), [DOCUMENTS["order"]] * 5 + [DOCUMENTS["refund"]], products)
    heads = {name: extract["_document"].to_pylist() for name, extract in shredded.extracts.items() if "head" in name}
    assert heads == {"cc:head": [1], "loan:head": [0, 2], "refund:head": [5]}
    assert shredded.extracts["loan:head"]["product"].to_pylist() == ["LN", "LX"]
    assert refused(shredded) == {
        3: ("no_contract", "no contract takes order with product 'cc'"),
        4: ("no_contract", "no contract takes order with product NULL"),
    }


def test_the_first_contract_that_takes_a_document_reads_it() -> None:
    merged = merge_contracts([part("cc", ORDER, "CC"), part("rest", ORDER)])
    shredded = shred(merged, [DOCUMENTS["order"]] * 2, ["CC", "LN"])
    assert shredded.extracts["cc:head"]["_document"].to_pylist() == [0]
    assert shredded.extracts["rest:head"]["_document"].to_pylist() == [1]


def test_all_key_columns_must_fit() -> None:
    both = ContractPart(
        "both", read_contract(ORDER, name="both"), (("product", "CC"), ("branch", "7"), ("branch", "8"))
    )
    shredder = make(merge_contracts([both]))
    keys = {"product": pa.array(["CC", "CC", "LN"]), "branch": pa.array(["8", "9", "7"])}
    shredded = shredder.shred(pa.array([DOCUMENTS["order"]] * 3), keys)
    assert shredded.extracts["head"]["_document"].to_pylist() == [0]
    assert refused(shredded)[1] == ("no_contract", "no contract takes order with branch '9' and product 'CC'")


def test_a_key_that_decides_must_be_there() -> None:
    shredder = make(merge_contracts([part("cc", ORDER, "CC")]))
    with pytest.raises(ValueError, match="product"):
        shredder.shred(pa.array([DOCUMENTS["order"]]), {})


def test_a_document_that_is_refused_half_way_leaves_nothing_in_any_contract() -> None:
    merged = merge_contracts([part("order", ORDER), part("refund", contract("refund", "error"))])
    twice = '<refund id="8"><item sku="x"/><item sku="y"/></refund>'
    shredded = shred(merged, [DOCUMENTS["order"], twice, DOCUMENTS["refund"]])
    assert refused(shredded) == {1: ("many_values", "refund:item.all: 2 values for //*/@sku")}
    assert shredded.extracts["refund:head"]["_document"].to_pylist() == [2]
    assert shredded.extracts["order:item"]["_document"].to_pylist() == [0, 0]
    assert [row["table"] for row in shredded.several.to_pylist()] == ["order:item"]


@given(
    st.lists(st.tuples(st.sampled_from(sorted(DOCUMENTS)), st.sampled_from(("CC", "LN", None))), max_size=12),
    st.permutations(["cc", "rest", "refund", "other"]),
)
def test_a_batch_of_several_contracts_is_that_of_each_with_its_own_documents(
    drawn: list[tuple[str, str | None]], order: list[str]
) -> None:
    texts = {"cc": ORDER, "rest": ORDER, "refund": REFUND, "other": OTHER}
    taken = {"cc": ("order", {"CC"}), "rest": ("order", {"LN"}), "refund": ("refund", None), "other": ("o:order", None)}
    parts = [part(name, texts[name], *sorted(taken[name][1] or ())) for name in order]
    documents, products = [DOCUMENTS[name] for name, _ in drawn], [product for _, product in drawn]
    together = shred(merge_contracts(parts), documents, products)
    claimed: set[int] = set()
    for name in order:
        root, values = taken[name]
        own = [at for at, (kind, key) in enumerate(drawn) if kind == root and (values is None or key in values)]
        claimed.update(own)
        alone = shred(
            read_contract(texts[name], name=name), [documents[at] for at in own], [products[at] for at in own]
        )
        assert not alone.refused.num_rows
        for title, extract in alone.extracts.items():
            numbers = pa.array(own, pa.int64()).take(extract["_document"].combine_chunks())
            expected = extract.set_column(0, extract.schema.field(0), numbers)
            assert together.extracts[f"{name}:{title}"].equals(expected)
        several = together.several.filter(pc.starts_with(together.several["table"], f"{name}:"))
        assert several["cells"].to_pylist() == alone.several["cells"].to_pylist()
    assert sorted(refused(together)) == [at for at in range(len(drawn)) if at not in claimed]
