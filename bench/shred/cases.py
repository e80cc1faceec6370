"""What is shredded: kinds of documents, each with the contract that reads it."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from random import Random

import pyarrow as pa

from bench import loans
from bench.shred.generated import DOCUMENT_BYTES, attribute_documents, attribute_plan, text_documents, text_plan
from columnar.jobs.job_file import read_contract_file
from transforms.contract import ContractPlan
from transforms.contract.extracts import extracts_of
from transforms.contract.merge import ContractPart, merge_contracts
from transforms.path.model import XPath

PROJECT = Path(__file__).resolve().parents[2]
CORPORA = PROJECT.parent / "shared" / "corpora"
BYTES = 30_000_000  # of each kind: long enough to time the fastest contestant, short enough for the slowest
# One e-invoice of 32 is larger: an attachment of base64, six sevenths of all their bytes.
ONE_ATTACHMENT = 1_000_000

Keys = dict[str, pa.Array]


@dataclass(frozen=True)
class Kind:
    """A kind of documents. documents: they, some BYTES in all; None where they are not there, as `absent` says."""

    name: str
    plan: Callable[[], ContractPlan]
    documents: Callable[[], pa.Array | None]
    loans: bool = False
    absent: str = ""  # said of a corpus, whose few documents are repeated


@dataclass(frozen=True)
class Case:
    """Documents and the contract that reads them. documents: string or binary, in one chunk. repeated: the same few
    documents again and again, whose branches a processor learns by heart: bare scans of them are several times as fast
    as of as many different ones."""

    name: str
    plan: ContractPlan
    documents: pa.Array
    loans: bool = False
    repeated: bool = False

    @property
    def keys(self) -> Keys:
        """Source keys for them, under every name that a contract here reads."""
        texts = pa.array([str(key) for key in range(len(self.documents))], pa.string())
        return {"key": texts, "loan_id": texts}

    @property
    def size(self) -> int:
        """Of the documents, as they are stored."""
        return size_of(self.documents)

    @property
    def columns(self) -> int:
        """Columns that are read from documents."""
        return sum(len(extract.columns) for extract in extracts_of(self.plan))

    def texts(self) -> list[bytes]:
        """The documents as others want them: UTF-8, without byte order mark and declaration."""
        return [_plain(each) for each in self.documents.cast(pa.binary()).to_pylist()]

    def of(self, documents: pa.Array) -> Case:
        """The same with other documents."""
        return replace(self, documents=documents)

    def every(self, step: int) -> Case:
        """Every so manieth document: the same mixture, for what takes long."""
        return self.of(self.documents.take(pa.array(range(0, len(self.documents), step))))


def _plain(document: bytes) -> bytes:
    if document.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        document = document.decode("utf-16").encode()
    document = document.removeprefix(codecs.BOM_UTF8)
    return document[document.index(b"?>") + 2 :] if document.startswith(b"<?xml ") else document


def size_of(documents: pa.Array) -> int:
    """Bytes of the values, without NULLs and without offsets."""
    return sum(len(each) for each in documents.cast(pa.binary()).to_pylist() if each is not None)


def case_of(kind: Kind) -> Case | None:
    """The kind's documents with its contract; None where they are not there."""
    documents = kind.documents()
    return (
        None if documents is None else Case(kind.name, kind.plan(), documents, kind.loans, repeated=bool(kind.absent))
    )


def _example(*contracts: str) -> ContractPlan:
    """The merged plan of contracts in examples/."""
    files = [PROJECT / "examples" / contract for contract in contracts]
    return merge_contracts([ContractPart(str(file), read_contract_file(file)) for file in files])


def _without_xpath(plan: Callable[[], ContractPlan]) -> ContractPlan:
    """The plan without its `xpath:` columns, which lxml evaluates whatever the shredder."""
    full = plan()
    tables = [
        replace(table, columns=tuple(each for each in table.columns if not isinstance(each.path, XPath)))
        for table in full.tables
    ]
    return replace(full, tables=tuple(tables))


def _corpus(pattern: str, *, below: int | None = None) -> pa.Array | None:
    """The documents beside the project, again and again up to BYTES. below: only those of fewer bytes."""
    texts = [path.read_bytes() for path in sorted(CORPORA.glob(pattern))]
    texts = [text for text in texts if below is None or len(text) < below]
    if not texts:
        return None
    texts *= max(1, round(BYTES / sum(map(len, texts))))
    Random(1).shuffle(texts)  # so that a part has the mixture of the whole
    return pa.array(texts, pa.binary())


def _kinds() -> tuple[Kind, ...]:
    invoices = partial(_example, *(f"einvoices/{name}.yaml" for name in ("contract", "creditnote", "cii")))
    plans = partial(_example, "showplans/contract.yaml")
    invoice_files = partial(_corpus, "einvoices/*/*.xml")
    small_files = partial(_corpus, "einvoices/*/*.xml", below=ONE_ATTACHMENT)
    plan_files = partial(_corpus, "showplans/*.sqlplan")
    absent = f"needs the documents beside the project, in {CORPORA}"
    made = BYTES // DOCUMENT_BYTES
    return (
        Kind("loans 5 KB", loans.plan, partial(loans.documents, "5 KB", 5500), loans=True),
        Kind("loans 230 KB", loans.plan, partial(loans.documents, "230 KB", 140), loans=True),
        Kind("attributes", attribute_plan, partial(attribute_documents, made)),
        Kind("texts", text_plan, partial(text_documents, made)),
        Kind("e-invoices", invoices, invoice_files, absent=absent),
        Kind("small e-invoices", invoices, small_files, absent=absent),
        Kind("small e-invoices, no xpath", partial(_without_xpath, invoices), small_files, absent=absent),
        Kind("execution plans", plans, plan_files, absent=absent),
        Kind("execution plans, no xpath", partial(_without_xpath, plans), plan_files, absent=absent),
    )


KINDS = {kind.name: kind for kind in _kinds()}
