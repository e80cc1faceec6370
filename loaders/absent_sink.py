"""A target that is not there yet, for who only wants to look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa

from loaders.errors import UnavailableError
from loaders.sink import Part, Removal, TableSpec


class AbsentSink:
    """See loaders.sink.Sink: holds no table and takes none."""

    def __init__(self, identity: str) -> None:
        self._identity = identity

    @property
    def identity(self) -> str:
        """See Sink.identity."""
        return self._identity

    @property
    def has_defaults(self) -> bool:
        """See Sink.has_defaults."""
        return False

    def mismatches(self, specs: Sequence[TableSpec], *, create: bool) -> list[str]:
        """See Sink.mismatches: of nothing, none."""
        return []

    def notes(self, specs: Sequence[TableSpec]) -> list[str]:
        """See Sink.notes: none."""
        return []

    def prepare(self, specs: Sequence[TableSpec], *, create: bool) -> None:
        """See Sink.prepare."""
        raise self._missing()

    def has(self, table: str) -> bool:
        """See Sink.has: never."""
        return False

    def count(self, table: str) -> int:
        """See Sink.count: none."""
        return 0

    def read(self, table: str, columns: Sequence[str], equal: Mapping[str, str | int]) -> pa.Table:
        """See Sink.read: no rows."""
        return pa.schema([pa.field(name, pa.null()) for name in columns]).empty_table()

    def stream(self, table: str, columns: Sequence[str], equal: Mapping[str, str | int]) -> Iterator[pa.RecordBatch]:
        """See Sink.stream: no rows."""
        return iter(())

    def select(self, table: str, columns: Sequence[str], keys: pa.Table) -> Iterator[pa.RecordBatch]:
        """See Sink.select: no rows."""
        return iter(())

    def as_stored(self, table: str, rows: pa.Table) -> pa.Table:
        """See Sink.as_stored."""
        raise self._missing()

    def as_kept(self, table: str, rows: pa.Table) -> pa.Table:
        """See Sink.as_kept."""
        raise self._missing()

    def next_values(self, table: str, column: str, count: int) -> pa.Array:
        """See Sink.next_values."""
        raise self._missing()

    def publish(self, name: str, parts: Sequence[Part], removals: Sequence[Removal] = ()) -> None:
        """See Sink.publish."""
        raise self._missing()

    def replaces_at_once(self, tables: Sequence[str]) -> bool:
        """See Sink.replaces_at_once."""
        return False

    def deletes_at_once(self, tables: Sequence[str]) -> bool:
        """See Sink.deletes_at_once."""
        return False

    def delete(self, removals: Sequence[Removal]) -> None:
        """See Sink.delete."""
        raise self._missing()

    def probe(self, parts: Sequence[Part], removals: Sequence[Removal] = ()) -> None:
        """See Sink.probe."""
        raise self._missing()

    def close(self) -> None:
        """See Sink.close."""

    def _missing(self) -> UnavailableError:
        return UnavailableError(f"{self._identity} is not there yet")
