"""The reference shredder against the independent oracle, on real documents and the example contracts."""

from __future__ import annotations

import pyarrow as pa
import pytest

from tests.differential.shredders import make
from tests.oracle import disagreements
from tests.oracle.corpora import CORPORA, Corpus
from transforms.contract import read_contract

pytestmark = pytest.mark.usefixtures("both_shredders")


@pytest.mark.corpora
@pytest.mark.parametrize("corpus", CORPORA, ids=lambda corpus: corpus.name)
def test_bytes(corpus: Corpus) -> None:
    documents = corpus.documents()
    compare(corpus, list(documents), list(documents.values()), pa.binary())


@pytest.mark.corpora
@pytest.mark.parametrize("corpus", CORPORA, ids=lambda corpus: corpus.name)
def test_text_as_a_database_would_hold_it(corpus: Corpus) -> None:
    documents = corpus.documents()
    texts = [data.decode("utf-16" if data.startswith(b"\xff\xfe") else "utf-8") for data in documents.values()]
    compare(corpus, list(documents), texts, pa.large_string())


def compare(corpus: Corpus, names: list[str], documents: list[bytes] | list[str], kind: pa.DataType) -> None:
    plan = read_contract(corpus.contract, name=str(corpus.contract_file))
    shredded = make(plan).shred(pa.array(documents, kind), {"key": pa.array(names)})
    assert disagreements(corpus.contract, documents, shredded, {"key": names}) == []
