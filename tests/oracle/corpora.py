"""The real documents that stand beside the project, and the example contracts for them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

_PROJECT = Path(__file__).resolve().parents[2]
_CORPORA = _PROJECT.parent / "shared" / "corpora"


@dataclass(frozen=True)
class Corpus:
    """A folder of documents and the example contract that reads them."""

    name: str
    contract_file: Path
    folder: Path
    pattern: str

    @property
    def contract(self) -> str:
        """The contract's text."""
        return self.contract_file.read_text(encoding="utf-8")

    def documents(self) -> dict[str, bytes]:
        """The documents by file name, in its order; skips the test where the corpora are not there."""
        files = sorted(self.folder.glob(self.pattern), key=lambda path: path.name)
        if not files:
            pytest.skip(f"needs the documents of {self.folder}, which stand beside the project and are not part of it")
        return {path.name: path.read_bytes() for path in files}


def _corpus(name: str, contract: str, folder: str, pattern: str) -> Corpus:
    return Corpus(name, _PROJECT / "examples" / contract, _CORPORA / folder, pattern)


EINVOICES = _corpus("einvoices", "einvoices/contract.yaml", "einvoices/ubl", "*.xml")
CREDITNOTES = _corpus("creditnotes", "einvoices/creditnote.yaml", "einvoices/ubl", "*.xml")
CII = _corpus("cii", "einvoices/cii.yaml", "einvoices/cii", "*.xml")
SHOWPLANS = _corpus("showplans", "showplans/contract.yaml", "showplans", "*.sqlplan")
CORPORA = (EINVOICES, CREDITNOTES, CII, SHOWPLANS)
