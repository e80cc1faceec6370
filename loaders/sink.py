"""What a target is: tables that take Arrow rows, all of one publication or none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa


@dataclass(frozen=True, slots=True)
class TableSpec:
    """A table as its writer needs it. Fields that are not nullable become NOT NULL; `key` becomes its primary key."""

    name: str
    schema: pa.Schema
    key: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """Rows for one table; columns are matched by name."""

    table: str
    rows: pa.Table


class Sink(Protocol):
    """A target. Every method may raise the errors of loaders.errors."""

    @property
    def identity(self) -> str:
        """What it is, free of secrets."""
        ...

    def prepare(self, specs: Sequence[TableSpec], *, create: bool) -> None:
        """Check that each table can take its rows (names, types, NOT NULL columns nobody fills); create the missing
        ones when asked to. Raises TargetMismatchError with every mismatch of every table, before anything is made."""
        ...

    def has(self, table: str) -> bool:
        """Whether the table exists."""
        ...

    def count(self, table: str) -> int:
        """The rows of a table, counted by the target."""
        ...

    def read(self, table: str, columns: Sequence[str], equal: Mapping[str, str | int]) -> pa.Table:
        """Rows of a bookkeeping table where the named columns equal the values."""
        ...

    def stream(self, table: str, columns: Sequence[str], equal: Mapping[str, str | int]) -> Iterator[pa.RecordBatch]:
        """The same, batch by batch, for tables of any size."""
        ...

    def publish(self, name: str, parts: Sequence[Part]) -> None:
        """Make all parts visible in one transaction, in their order, or nothing. The first part holds the row whose
        unique key makes a second publication refuse itself (AlreadyPublishedError); `name` is unique to this attempt
        and names whatever is staged. Row counts are checked inside the transaction."""
        ...

    def probe(self, parts: Sequence[Part]) -> None:
        """Do all that publish does but the commit, and undo it: raises DataError where publish would."""
        ...

    def close(self) -> None:
        """Let go of everything; may be called twice."""
        ...
