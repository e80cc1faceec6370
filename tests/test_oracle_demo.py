"""The reference shredder against the independent oracle, on the demo's documents and contract."""

from __future__ import annotations

import pyarrow as pa
import pytest

from columnar.demo.documents import generate
from columnar.demo.job import contract_text
from tests.differential.shredders import make
from tests.oracle import Oracle, disagreements
from transforms.contract import read_contract

pytestmark = pytest.mark.usefixtures("both_shredders")

DOCUMENTS = 40


def test_demo_documents() -> None:
    batch = pa.Table.from_batches(list(generate(DOCUMENTS, seed=7)))
    contract = contract_text()
    plan = read_contract(contract, name="contract.yaml")
    keys = {"key": [str(loan) for loan in batch["loan_id"].to_pylist()]}
    shredded = make(plan).shred(batch["document"], {"key": pa.array(keys["key"])})
    documents = batch["document"].to_pylist()
    assert disagreements(contract, documents, shredded, keys) == []
    read = [Oracle(contract).read(document, {"key": ""}) for document in documents[:5]]
    assert any(len(rows) > 1 for reading in read for rows in reading.tables.values())
