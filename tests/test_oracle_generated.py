"""The reference shredder against the independent oracle, on documents and contracts that Hypothesis makes up."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from tests.differential.shredders import make
from tests.oracle import Oracle, disagreements
from tests.oracle.contracts import contracts, every_form
from tests.oracle.documents import broken, documents, encoded
from transforms.contract import read_contract
from transforms.errors import ContractError

pytestmark = pytest.mark.usefixtures("both_shredders")

REGIONS = ("north", "", None, "süd")
TEXT_TYPES = (pa.string(), pa.large_string(), pa.string_view())
BINARY_TYPES = (pa.binary(), pa.large_binary(), pa.binary_view())
SLOW = settings(
    deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def compare(
    contract: str, batch: list[str] | list[bytes] | list[str | None], kind: pa.DataType, *, before: int = 0
) -> None:
    """Both read the batch, which the shredder gets as a slice after `before` other documents."""
    keys: dict[str, list[str | None]] = {
        "key": [f"k{index}" for index in range(len(batch))],
        "region": [REGIONS[index % 4] for index in range(len(batch))],
    }
    array = pa.array([*batch[:1] * before, *batch], kind).slice(before)
    plan = read_contract(contract, name="contract.yaml")
    shredded = make(plan).shred(array, {name: pa.array(values, pa.string()) for name, values in keys.items()})
    assert disagreements(contract, batch, shredded, keys) == []


def refused_by_the_compiler(contract: str, batch: list[str]) -> bool:
    """Whether the compiler says that a table cannot have rows, or no parent rows; if so, the oracle must find none."""
    try:
        read_contract(contract, name="contract.yaml")
    except ContractError as error:
        readings = [Oracle(contract).read(document) for document in batch]
        for problem in error.problems:
            _, table, key = problem.key.split(".")
            rows = [row for reading in readings for row in reading.tables.get(table, [])]
            assert key in ("rows", "parent"), problem
            assert all(key == "parent" and row.parent is None for row in rows), problem
        event("refused by the compiler")
        return True
    return False


@SLOW
@given(data=st.data())
def test_text_documents(data: st.DataObject) -> None:
    contract, root = data.draw(contracts())
    batch = data.draw(st.lists(documents(root), min_size=1, max_size=3))
    if not refused_by_the_compiler(contract, batch):
        compare(contract, batch, data.draw(st.sampled_from(TEXT_TYPES)), before=data.draw(st.integers(0, 1)))


@SLOW
@given(data=st.data())
def test_broken_documents_among_good_ones(data: st.DataObject) -> None:
    contract, root = data.draw(contracts())
    good = data.draw(st.lists(documents(root), min_size=1, max_size=2))
    if not refused_by_the_compiler(contract, good):
        batch: list[str | None] = [good[0], data.draw(broken(good[0])), *good[1:], data.draw(broken(good[-1]))]
        compare(contract, batch, data.draw(st.sampled_from(TEXT_TYPES)))


@SLOW
@given(data=st.data())
def test_documents_as_bytes(data: st.DataObject) -> None:
    contract, root = data.draw(contracts())
    batch = data.draw(st.lists(documents(root), min_size=1, max_size=3))
    if not refused_by_the_compiler(contract, batch):
        compare(
            contract, [data.draw(encoded(document)) for document in batch], data.draw(st.sampled_from(BINARY_TYPES))
        )


@pytest.mark.parametrize("many", ["first", "last", "join", "list"])
@settings(SLOW, max_examples=25)
@given(data=st.data())
def test_every_form_of_path(many: str, data: st.DataObject) -> None:
    compare(every_form(many), data.draw(st.lists(documents(("", "a")), min_size=1, max_size=3)), pa.string())


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1", "no-such-encoding"])
def test_a_declaration_in_a_text_column_is_not_believed(encoding: str) -> None:
    contract = "{version: 1, root: a, tables: {t: {rows: /a, columns: {c: text()}}}}"
    compare(contract, [f'<?xml version="1.0" encoding="{encoding}"?>\n<a>é😀</a>'], pa.string())
