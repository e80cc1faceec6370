"""The native shredder against the reference on real documents: by the example contracts, and by plans of everything.

That the reference agrees with the oracle on them, and the native shredder, too, is in test_oracle_corpora.py.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence

import pyarrow as pa
import pytest
from lxml import etree

from columnar.demo.documents import generate
from columnar.demo.job import contract_text
from columnar.demo.profile import MEASURED, Profile
from tests.differential import agree
from tests.differential.shredders import make_native
from tests.oracle.corpora import CII, CORPORA, EINVOICES, SHOWPLANS, Corpus
from transforms.contract import read_contract
from transforms.contract.plan import ContractPlan
from transforms.shred.decode import UTF16_BOMS

FOLDERS = (EINVOICES, CII, SHOWPLANS)  # the credit notes are among the invoices


@pytest.mark.corpora
@pytest.mark.parametrize("kind", [pa.binary(), pa.large_string()], ids=str)
@pytest.mark.parametrize("corpus", CORPORA, ids=lambda corpus: corpus.name)
def test_example_contracts(corpus: Corpus, kind: pa.DataType) -> None:
    documents = corpus.documents()
    plan = read_contract(corpus.contract, name=str(corpus.contract_file))
    agree(plan, pa.array(_values(list(documents.values()), kind), kind), {"key": pa.array(list(documents))})


@pytest.mark.corpora
@pytest.mark.parametrize("corpus", FOLDERS, ids=lambda corpus: corpus.name)
def test_all_that_is_in_every_file(corpus: Corpus) -> None:
    for name, data in corpus.documents().items():
        plan = everything_in(data)
        for kind in (pa.binary(), pa.large_string()):
            agree(plan, pa.array(_values([data], kind), kind))
        shredded = make_native(plan).shred(pa.array([data], pa.binary()))
        assert not shredded.refused.num_rows, name


@pytest.mark.parametrize("profile", ["small", "measured"])
def test_the_demonstration(profile: str) -> None:
    count, size = (200, Profile.small()) if profile == "small" else (6, MEASURED)
    batch = pa.Table.from_batches(list(generate(count, seed=11, profile=size)))
    keys = {"key": batch["loan_id"].cast(pa.string())}
    agree(read_contract(contract_text(), name="contract.yaml"), batch["document"], keys)
    for data in batch["document"].to_pylist()[:6]:
        agree(everything_in(data.encode() if isinstance(data, str) else data), batch["document"])


def _values(documents: Sequence[bytes], kind: pa.DataType) -> list[bytes] | list[str]:
    """The documents as a database would hold them in a column of the kind."""
    if kind == pa.binary():
        return list(documents)
    return [data.decode("utf-16" if data.startswith(UTF16_BOMS[0]) else "utf-8") for data in documents]


def everything_in(data: bytes) -> ContractPlan:
    """A contract made for one document: all its elements as rows, with all attributes and texts.

    The names are those of the document, so that all of them are looked for in all of it.
    """
    text = data.decode("utf-16" if data.startswith(UTF16_BOMS[0]) else "utf-8-sig").encode()
    root = etree.fromstring(text, etree.XMLParser(encoding="utf-8", resolve_entities=False, huge_tree=True))
    names = Counter(str(name) for element in root.iter("*") for name in element.attrib)
    uris = sorted({etree.QName(element).namespace or "" for element in root.iter("*")} | _uris(names))
    prefixes = {uri: f"n{at}" for at, uri in enumerate(uris) if uri}
    columns: dict[str, object] = {"own": "text()", "whole": ".", "place": "position()", "up": "../text()"}
    for at, (name, _) in enumerate(names.most_common(60)):
        columns[f"a{at}"] = f"@{_written(name, prefixes)}"
        columns[f"p{at}"] = f"../@{_written(name, prefixes)}"
    elements = Counter(str(element.tag) for element in root.iter("*"))
    tables: dict[str, object] = {"element": {"rows": "//*", "columns": columns}}
    for at, (tag, _) in enumerate(elements.most_common(25)):
        written = _written(tag, prefixes)
        inside = {
            "first": "*[1]",
            "last": "*[last()]/text()",
            "all": {"path": "*/text()", "many": "list"},
            "near": f"ancestor::{written}[1]/text()",
        }
        tables[f"t{at}"] = {"rows": f"//{written}", "parent": "element", "columns": inside}
    leaves = {"rows": "//*[not(*)]", "columns": {"xml": "xml()", "near": "ancestor::*[1]/@Name"}}
    contract = {
        "version": 1,
        "root": _written(str(root.tag), prefixes),
        "namespaces": {prefix: uri for uri, prefix in prefixes.items()},
        "document": {"declaration": "ignore"},  # execution plans declare utf-16 and are UTF-8
        "tables": {**tables, "leaf": leaves},
    }
    return read_contract(json.dumps(contract), name="everything")


def _uris(names: Counter[str]) -> set[str]:
    return {name[1:].partition("}")[0] for name in names if name.startswith("{")}


def _written(name: str, prefixes: dict[str, str]) -> str:
    """A name of lxml as a path has it."""
    uri, _, local = name.removeprefix("{").rpartition("}")
    if uri == "http://www.w3.org/XML/1998/namespace":
        return f"xml:{local}"
    return f"{prefixes[uri]}:{local}" if uri else local
