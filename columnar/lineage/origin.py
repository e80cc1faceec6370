"""The document that a row was loaded from, as the books hold it."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from columnar.bookkeeping.ledger import DOCUMENT, LEDGER
from loaders.sink import Sink

_COLUMNS = ("source_key", "generation", "chunk", "document", "run", "fingerprint", "root_key")


@dataclass(frozen=True, slots=True)
class Origin:
    """A document that was loaded. chunk: below zero where it was tried again. document: its place in the chunk.
    contract: the hash of the one it was loaded by. fingerprint: hexadecimal, '' where none is known."""

    source_key: str
    generation: int
    chunk: int
    document: int
    run: str
    contract: str
    fingerprint: str


def origin_of(sink: Sink, job: str, equal: dict[str, str | int]) -> Origin | None:
    """The newest document that was loaded, among those with these values in the document table (`root_key`, or
    `source_key` and `chunk`); None where there is none."""
    found = sink.read(DOCUMENT.name, list(_COLUMNS), {"job": job, "outcome": "loaded", **equal})
    if not len(found):
        return None
    # A retry (below zero, the lowest is the newest) comes after all ranges of its generation.
    row = max(found.to_pylist(), key=lambda each: (each["generation"], each["chunk"] < 0, abs(each["chunk"])))
    where: dict[str, str | int] = {"job": job, "generation": row["generation"], "chunk": row["chunk"]}
    contracts: pa.ChunkedArray = sink.read(LEDGER.name, ["contract"], where)["contract"]
    return Origin(
        source_key=row["source_key"],
        generation=row["generation"],
        chunk=row["chunk"],
        document=row["document"],
        run=row["run"],
        contract=contracts[0].as_py() if len(contracts) else "",
        fingerprint=row["fingerprint"] or "",
    )
