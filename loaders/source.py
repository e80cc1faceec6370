"""What a source of documents is: rows with a key, ordered and compared by the source itself, never by the client."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

# One key, part by part, as the source itself prints it. Two keys are equal where their texts are; which one comes first
# only the source knows (collation, padding, GUID order).
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeyColumn:
    """One part of the source key: its name and its type in the source's own words."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class KeyRange:
    """A contiguous range of source keys. `low` None: from the first; `high` None: to the last. `null_keys`: instead
    of a range, the rows of which a key part is NULL."""

    low: Key | None = None
    high: Key | None = None
    low_inclusive: bool = False
    high_inclusive: bool = True
    null_keys: bool = False


EVERYTHING = KeyRange()
NULL_KEYS = KeyRange(null_keys=True)


@dataclass(frozen=True, slots=True)
class RangeCut:
    """One range that the source cut, and the rows it held at that moment."""

    range: KeyRange
    rows: int


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """How much may be read at a time: `batch_bytes` of documents together (estimated where a source cannot tell
    before), and `document_bytes` for one, above which its text is not fetched."""

    batch_bytes: int
    document_bytes: int


@dataclass(frozen=True, slots=True)
class RangeKeys:
    """How many rows a range holds, and a digest of their keys: another one means other keys."""

    rows: int
    digest: str


# The size of a document that the source's engine had no memory to look at.
UNREADABLE = -1
# Instead of a size: what is wrong with a document that lies in something else and cannot be taken out of it.
ENCRYPTED, DAMAGED, UNKNOWN_PACKING = -2, -3, -4
# Instead of a size: a text that is none, or none of XML.
BROKEN_TEXT = -5
NOT_FETCHED = {
    ENCRYPTED: "encrypted in its archive",
    DAMAGED: "damaged in its archive: what comes out is not what the archive says of it",
    UNKNOWN_PACKING: "packed in its archive by a method that is not known here",
    BROKEN_TEXT: "not text: it has half of a surrogate pair, or a NUL character",
}


class RangeRead(Protocol):
    """One range being read, in one snapshot where the source has snapshots."""

    @property
    def keys(self) -> pa.Table:
        """Every key of the range in the source's order, one text column a key part, named as the parts are; a key that
        several rows share stands there as many times. Ask before the batches are taken, or after all of them: some
        sources learn keys with the documents, and list them by themselves where they are asked before."""
        ...

    @property
    def found(self) -> RangeKeys:
        """What `measure` says of the range, in this snapshot."""
        ...

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows, in any order: the key's text columns, `document` (text or binary; null where the source has NULL or
        the document is over the limit) and `document_bytes` (int64; null where it has NULL; UNREADABLE where there was
        not even the memory to find out, one of NOT_FETCHED where the document is null for that reason)."""
        ...


class Source(Protocol):
    """A source of XML documents."""

    @property
    def identity(self) -> str:
        """What it is, the same for every run and free of secrets: part of the job's identity."""
        ...

    @property
    def key(self) -> tuple[KeyColumn, ...]:
        """The key columns."""
        ...

    def notes(self) -> list[str]:
        """What a user should know before running: slow storage, a key that is not unique."""
        ...

    def document_bytes(self) -> int:
        """Bytes of one document on average, from a small sample; at least 1."""
        ...

    def rank(self, keys: Sequence[Key]) -> list[int]:
        """The place of each key in the source's order; equal keys (as the source compares) have equal ranks."""
        ...

    def key_at(self, within: KeyRange, rows: int) -> Key | None:
        """The key of the `rows`-th row of that range in order (1-based); None where it holds fewer."""
        ...

    def cut(self, gap: KeyRange, *, rows: int, total_bytes: int) -> Iterator[RangeCut]:
        """Cut a range into contiguous ones of about `rows` rows and `total_bytes` each, at distinct keys, in order.

        Together they cover the gap up to the last key it holds now: what lies beyond stays uncovered. Nothing where it
        holds no row.
        """
        ...

    def count(self, ranges: Sequence[KeyRange]) -> list[int]:
        """The rows of each range now, by the source's own count."""
        ...

    def measure(self, ranges: Sequence[KeyRange]) -> list[RangeKeys]:
        """The rows and keys of each range now, by the source's own count. The digest need only be comparable with those
        of the same source; it covers the keys, and more where that costs nothing (a file's size)."""
        ...

    def read(self, within: KeyRange, limits: ReadLimits) -> AbstractContextManager[RangeRead]:
        """Read one range."""
        ...

    def close(self) -> None:
        """Let go of everything; may be called twice."""
        ...
