"""A target that is not there yet, for who only wants to look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa

from loaders.errors import UnavailableError
from loaders.sink import Part, TableSpec


class AbsentSink:
    """See loaders.sink.Sink: holds no table and takes none."""

    def __init__(self, identity: str) -> None:
        self._identity = identity

    @property
    def identity(self) -> str:
        """See Sink.identity."""
        return self._identity

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

    def publish(self, name: str, parts: Sequence[Part]) -> None:
        """See Sink.publish."""
        raise self._missing()

    def probe(self, parts: Sequence[Part]) -> None:
        """See Sink.probe."""
        raise self._missing()

    def close(self) -> None:
        """See Sink.close."""

    def _missing(self) -> UnavailableError:
        return UnavailableError(f"{self._identity} is not there yet")
