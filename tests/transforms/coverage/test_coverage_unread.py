"""What counts as unread makes no difference: whatever stands there, the shredder extracts the same."""

from __future__ import annotations

import json

import pyarrow as pa
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.oracle.contracts import contracts
from tests.oracle.documents import documents
from transforms.contract import read_contract
from transforms.contract.plan import ContractPlan
from transforms.coverage import measure
from transforms.coverage.marks import Marks
from transforms.coverage.route import contract_route
from transforms.errors import ContractError
from transforms.shred import LxmlShredder


def extracted(plan: ContractPlan, document: bytes) -> object:
    """All that the shredder says, but for lines, which other texts move."""
    keys = {name: pa.array(["1"]) for name in ("key", "region")}
    shredded = LxmlShredder(plan).shred(pa.array([document], pa.binary()), keys)
    tables = {name: table.drop_columns(["_line"]).to_pylist() for name, table in shredded.extracts.items()}
    return tables, shredded.refused.column("reason").to_pylist(), shredded.several.to_pylist()


def without_xpath(contract: str) -> str:
    """The contract without its `xpath:` columns: what an expression looks at is not known."""
    parsed = json.loads(contract)
    for table in parsed["tables"].values():
        table["columns"] = {name: column for name, column in table["columns"].items() if "xpath" not in column}
        table["columns"] |= {} if table["columns"] else {"some": {"path": "@k"}}
    return json.dumps(parsed)


def own_text(element: etree._Element) -> str:
    return "".join([element.text or "", *(child.tail or "" for child in element)])


def rewrite_unread(root: etree._Element, marks: Marks, *, delete: bool) -> tuple[int, int]:
    """Replace or remove every value that is not marked; how many attributes and texts that were not blank."""
    attributes = texts = 0
    for element in list(root.iter("*")):
        around = [element, *element.iterancestors()]
        whole = any(each in marks.subtrees for each in around)
        for name in [] if whole else list(element.attrib):
            if name not in marks.attributes.get(element, ()):
                attributes += 1
                if delete:
                    del element.attrib[name]
                else:
                    element.attrib[name] = "other"
        if whole or element in marks.texts or any(each in marks.strings for each in around):
            continue
        texts += bool(own_text(element).strip())
        element.text = "" if delete else "other"
        for child in element:
            child.tail = ""
    return attributes, texts


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data(), delete=st.booleans())
def test_unread_values_make_no_difference(data: st.DataObject, delete: bool) -> None:
    contract, name = data.draw(contracts())
    try:
        plan = read_contract(without_xpath(contract), name="contract.yaml")
    except ContractError:
        assume(False)
    document = data.draw(documents(name)).encode()
    root = etree.fromstring(document)
    before = extracted(plan, etree.tostring(root))
    assume(before[1] in ([], ["many_values"]))  # type: ignore[index]
    marks = Marks()
    contract_route(plan).follow([], root, marks)
    coverage = measure(plan, [(etree.tostring(root), False)])
    attributes, texts = rewrite_unread(root, marks, delete=delete)
    assert extracted(plan, etree.tostring(root)) == before
    # and the survey counts exactly those
    assert coverage.attributes.total - coverage.attributes.read == attributes
    assert coverage.texts.total - coverage.texts.read == texts
    assert sum(each.unread for each in coverage.unread) == attributes + texts


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_a_column_is_unmatched_exactly_where_the_shredder_finds_nothing(data: st.DataObject) -> None:
    contract, name = data.draw(contracts())
    try:
        plan = read_contract(contract, name="contract.yaml")
    except ContractError:
        assume(False)
    batch = data.draw(st.lists(documents(name), min_size=1, max_size=3))
    keys = {name: pa.array(["1"] * len(batch)) for name in ("key", "region")}
    shredded = LxmlShredder(plan).shred(pa.array(batch, pa.string()), keys)
    assume(not len(shredded.refused))
    empty = set()
    for table in plan.tables:
        extract = shredded.extracts[table.name]
        if not extract.num_rows:
            empty.add((table.name, ""))
            continue
        empty |= {
            (table.name, column.name)
            for column in table.columns
            if extract.column(column.name).null_count == extract.num_rows
        }
    found = measure(plan, [(document.encode(), True) for document in batch]).unmatched
    assert {(each.table, each.column) for each in found} == empty
