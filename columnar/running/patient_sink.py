"""A target that is asked again where a connection fails, and published to again: once, whatever was acknowledged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa

from columnar.running.patience import Patience
from loaders.errors import AlreadyPublishedError, TransientError
from loaders.sink import Part, Removal, Sink, TableSpec


class PatientSink:
    """See loaders.sink.Sink. Only `stream` and `select` fail as the target does: who consumes has to begin again."""

    def __init__(self, sink: Sink, patience: Patience) -> None:
        self._sink = sink
        self._patience = patience

    @property
    def identity(self) -> str:
        """See Sink.identity."""
        return self._sink.identity

    @property
    def has_defaults(self) -> bool:
        """See Sink.has_defaults."""
        return self._sink.has_defaults

    def mismatches(self, specs: Sequence[TableSpec], *, create: bool) -> list[str]:
        """See Sink.mismatches."""
        return self._patience.keep_trying(lambda: self._sink.mismatches(specs, create=create))

    def notes(self, specs: Sequence[TableSpec]) -> list[str]:
        """See Sink.notes."""
        return self._patience.keep_trying(lambda: self._sink.notes(specs))

    def prepare(self, specs: Sequence[TableSpec], *, create: bool) -> None:
        """See Sink.prepare: what was made before is there the next time."""
        self._patience.keep_trying(lambda: self._sink.prepare(specs, create=create))

    def has(self, table: str) -> bool:
        """See Sink.has."""
        return self._patience.keep_trying(lambda: self._sink.has(table))

    def count(self, table: str) -> int:
        """See Sink.count."""
        return self._patience.keep_trying(lambda: self._sink.count(table))

    def read(self, table: str, columns: Sequence[str], equal: Mapping[str, str | int]) -> pa.Table:
        """See Sink.read."""
        return self._patience.keep_trying(lambda: self._sink.read(table, columns, equal))

    def stream(self, table: str, columns: Sequence[str], equal: Mapping[str, str | int]) -> Iterator[pa.RecordBatch]:
        """See Sink.stream."""
        return self._sink.stream(table, columns, equal)

    def select(self, table: str, columns: Sequence[str], keys: pa.Table) -> Iterator[pa.RecordBatch]:
        """See Sink.select: fails as the target does."""
        return self._sink.select(table, columns, keys)

    def replaces_at_once(self, tables: Sequence[str]) -> bool:
        """See Sink.replaces_at_once."""
        return self._patience.keep_trying(lambda: self._sink.replaces_at_once(tables))

    def deletes_at_once(self, tables: Sequence[str]) -> bool:
        """See Sink.deletes_at_once."""
        return self._patience.keep_trying(lambda: self._sink.deletes_at_once(tables))

    def delete(self, removals: Sequence[Removal]) -> None:
        """See Sink.delete: what is gone already is no error, so it can be tried again."""
        self._patience.keep_trying(lambda: self._sink.delete(removals))

    def as_stored(self, table: str, rows: pa.Table) -> pa.Table:
        """See Sink.as_stored."""
        return self._patience.keep_trying(lambda: self._sink.as_stored(table, rows))

    def as_kept(self, table: str, rows: pa.Table) -> pa.Table:
        """See Sink.as_kept."""
        return self._patience.keep_trying(lambda: self._sink.as_kept(table, rows))

    def next_values(self, table: str, column: str, count: int) -> pa.Array:
        """See Sink.next_values: those that got lost on the way are a gap."""
        return self._patience.keep_trying(lambda: self._sink.next_values(table, column, count))

    def publish(self, name: str, parts: Sequence[Part], removals: Sequence[Removal] = ()) -> None:
        """See Sink.publish. A commit whose acknowledgement was lost is tried again: the unique key of the first row
        refuses the second one, and then what is there is compared with what was sent."""
        trying = self._patience.trying()
        while True:
            try:
                return self._sink.publish(name, parts, removals) if removals else self._sink.publish(name, parts)
            except AlreadyPublishedError:
                if self._patience.keep_trying(lambda: self._holds(parts[0])):
                    return None
                raise
            except TransientError as error:
                trying.pause(error)

    def probe(self, parts: Sequence[Part], removals: Sequence[Removal] = ()) -> None:
        """See Sink.probe."""
        self._patience.keep_trying(lambda: self._sink.probe(parts, removals))

    def close(self) -> None:
        """See Sink.close."""
        self._sink.close()

    def _holds(self, part: Part) -> bool:
        """Whether the target holds every row of this part as it was sent: then it is ours, or the same."""
        sent = part.rows.to_pylist()
        names = [field.name for field in part.rows.schema if not pa.types.is_binary(field.type)]
        constant = {
            name: value
            for name, value in (sent[0] if sent else {}).items()
            if isinstance(value, str | int) and not isinstance(value, bool) and all(row[name] == value for row in sent)
        }
        found = {_row(row, names) for row in self._sink.read(part.table, names, constant).to_pylist()}
        return all(_row(row, names) in found for row in sent)


def _row(row: Mapping[str, object], names: Sequence[str]) -> tuple[object, ...]:
    return tuple(row[name] for name in names)
