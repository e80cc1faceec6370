"""Counts: of one chunk (its receipt, kept in the ledger) and of a run so far (its progress)."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace

import pyarrow as pa

from columnar.bookkeeping.stored_json import stored_object
from columnar.errors import BooksError


@dataclass
class Receipt:
    """What happened to one chunk.

    seconds: per stage; shred is summed over its threads. stage_bytes: read (XML), shred (extracted text), convert
    (typed tables), publish (rows of the loaded documents). changes: "table.column rule" -> values changed (or rows,
    for rules about rows). duplicates: "class place rule" -> documents. retried: of a retry, former reason -> documents
    that it took out of quarantine. ways: "native", or "lxml" and why -> documents that were read that way; receipts of
    programs that had one shredder have none. audit: the chunk's manifest below the job's audit folder, and its
    checksum (manifest, sha256); of a sum, nothing. purged: of a purge, outcome -> documents that had it and are in
    quarantine now. replaced: documents that this job had loaded in this generation,
    whose place a document of the chunk took.
    """

    documents: int = 0
    loaded: int = 0
    empty: int = 0
    duplicate: int = 0
    quarantined: int = 0
    bytes: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    duplicates: dict[str, int] = field(default_factory=dict)
    changes: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    stage_bytes: dict[str, int] = field(default_factory=dict)
    retried: dict[str, int] = field(default_factory=dict)
    ways: dict[str, int] = field(default_factory=dict)
    audit: dict[str, str] = field(default_factory=dict)
    purged: dict[str, int] = field(default_factory=dict)
    replaced: int = 0

    def as_json(self) -> str:
        """One line."""
        return json.dumps(asdict(self), separators=(",", ":"))

    def count_bytes(self, stage: str, tables: Iterable[pa.Table]) -> None:
        """Add the size of what a stage made."""
        self.stage_bytes[stage] = self.stage_bytes.get(stage, 0) + sum(table.nbytes for table in tables)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add the time spent inside to a stage."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] = round(self.seconds.get(stage, 0.0) + time.perf_counter() - start, 6)

    def add(self, other: Receipt) -> None:
        """Sum another one into this."""
        for name in ("documents", "loaded", "empty", "duplicate", "quarantined", "bytes", "replaced"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("rows", "reasons", "duplicates", "changes", "seconds", "stage_bytes", "retried", "ways", "purged"):
            mine: dict[str, float] = getattr(self, name)
            for key, value in getattr(other, name).items():
                mine[key] = mine.get(key, 0) + value

    def whys(self) -> dict[str, dict[str, int]]:
        """The ways with their reasons: way -> why -> documents; '' where there was no reason to give."""
        found: dict[str, dict[str, int]] = {}
        for name, documents in sorted(self.ways.items(), reverse=True):
            way, _, why = name.partition(" ")
            found.setdefault(way, {})[why] = documents
        return found

    def settled(self) -> Receipt:
        """The same, where documents that were tried again count once: as what they are now; and those whose place was
        taken since are duplicates. `ways` counts each time that they were read."""
        again = sum(self.retried.values())
        reasons = {name: count - self.retried.get(name, 0) for name, count in self.reasons.items()}
        return replace(
            self,
            documents=self.documents - again - sum(self.purged.values()),
            loaded=self.loaded - self.replaced - self.purged.get("loaded", 0),
            empty=self.empty - self.purged.get("empty", 0),
            duplicate=self.duplicate + self.replaced - self.purged.get("duplicate", 0),
            duplicates={name: count for name, count in self.duplicates.items() if count},
            quarantined=self.quarantined - again,
            reasons={name: count for name, count in reasons.items() if count},
        )


def from_json(text: str) -> Receipt:
    """A receipt as the ledger holds it."""
    where = "a receipt of columnar_ledger"
    try:
        return Receipt(**stored_object(text, where))
    except TypeError as error:
        raise BooksError(f"{where} is none: {error}") from error


def count_ways(into: dict[str, int], ways: pa.Table) -> None:
    """Add WAYS_SCHEMA rows to a receipt's ways."""
    for row in ways.to_pylist():
        key = f"{row['way']} {row['why']}".rstrip()
        into[key] = into.get(key, 0) + row["documents"]


def count_changes(into: dict[str, int], changes: pa.Table, values: str) -> None:
    """Add CHANGES_SCHEMA or SEVERAL_SCHEMA rows to a receipt's changes."""
    for row in changes.to_pylist():
        name = f"{row['table']}.{row['column']}" if row["column"] else row["table"]
        key = f"{name} {row.get('rule', 'several')}"
        into[key] = into.get(key, 0) + row[values]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is. `expected`: documents in the chunks it will process; `seconds`: since it began."""

    phase: str
    chunks_done: int
    chunks: int
    documents: int
    expected: int
    bytes: int
    quarantined: int
    duplicate: int
    seconds: float
    bottleneck: str

    @classmethod
    def of(
        cls, receipt: Receipt, phase: str, *, chunks_done: int, chunks: int, expected: int, seconds: float
    ) -> Progress:
        """What the receipts so far come to."""
        return cls(
            phase=phase,
            chunks_done=chunks_done,
            chunks=chunks,
            documents=receipt.documents,
            expected=expected,
            bytes=receipt.bytes,
            quarantined=receipt.quarantined,
            duplicate=receipt.duplicate,
            seconds=seconds,
            bottleneck=max(receipt.seconds, key=lambda stage: receipt.seconds[stage], default=""),
        )
