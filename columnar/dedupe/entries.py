"""What is analysed: entries, each a document of a source or a row of Parquet files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

# One row an entry, in the order of the source. key: canonical text, NULL where there is none, and `problem` says why.
# content: the canonical fingerprint of all that is not key; NULL where there is no other column. bytes_fingerprint:
# that of a document's bytes. origin: the file or source that it is from.
ENTRY_SCHEMA = pa.schema(
    [
        pa.field("entry", pa.int64(), nullable=False),
        pa.field("key", pa.string()),
        pa.field("source_key", pa.string()),
        pa.field("origin", pa.string()),
        pa.field("content", pa.binary()),
        pa.field("bytes_fingerprint", pa.binary()),
        pa.field("bytes", pa.int64()),
        pa.field("problem", pa.string()),
    ]
)
# Columns that the analysis adds to the rows of a table: which entry they are of, and their place in it, from 0.
ENTRY, PLACE = "_entry", "_place"


@dataclass(frozen=True)
class EntryBatch:
    """Some entries and their rows, by table, with ENTRY and PLACE first."""

    entries: pa.Table
    tables: Mapping[str, pa.Table]


@dataclass(frozen=True, slots=True)
class EntryTable:
    """A table of the entries' rows. key: columns that tell the rows of one entry apart; (): their order does. left_out:
    columns that are not compared."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...] = ()
    left_out: frozenset[str] = frozenset()


class Entries(Protocol):
    """Where entries come from."""

    @property
    def described(self) -> str:
        """What they are entries of."""
        ...

    @property
    def noun(self) -> str:
        """What one is: document or row."""
        ...

    @property
    def key(self) -> tuple[str, ...]:
        """The key's columns, as messages name them."""
        ...

    @property
    def tables(self) -> tuple[EntryTable, ...]:
        """Every table, the one that has the key first."""
        ...

    def column(self, name: str) -> str:
        """A column of the first table, from the name that an option gives it; JobError where there is none."""
        ...

    def batches(self) -> Iterator[EntryBatch]:
        """All of them, in order, so many at a time as fit the memory."""
        ...

    def close(self) -> None:
        """Let go of everything; may be called twice."""
        ...
