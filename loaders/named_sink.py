"""A target some of whose columns have other names than what is loaded into them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import pyarrow as pa

from loaders.sink import ForeignKeySpec, Part, Removal, Sink, TableSpec


def as_named(specs: Sequence[TableSpec]) -> list[TableSpec]:
    """The tables with the names that their columns have in the target."""
    there = {spec.name: dict(spec.names) for spec in specs}
    return [_renamed(spec, there) if any(there.values()) else spec for spec in specs]


def named_sink(sink: Sink, specs: Sequence[TableSpec]) -> Sink:
    """The target for who calls columns as `specs` do: as it is, where that is what they are called there."""
    return NamedSink(sink, specs) if any(spec.names for spec in specs) else sink


class NamedSink:
    """See loaders.sink.Sink. Columns of `specs` are called as there, on the way in as on the way back; other tables
    have their own names."""

    def __init__(self, sink: Sink, specs: Sequence[TableSpec]) -> None:
        self._sink = sink
        self._there = {spec.name: dict(spec.names) for spec in specs}
        self._here = {table: {name: here for here, name in names.items()} for table, names in self._there.items()}

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
        return self._sink.mismatches(as_named(specs), create=create)

    def notes(self, specs: Sequence[TableSpec]) -> list[str]:
        """See Sink.notes."""
        return self._sink.notes(as_named(specs))

    def prepare(self, specs: Sequence[TableSpec], *, create: bool) -> None:
        """See Sink.prepare."""
        self._sink.prepare(as_named(specs), create=create)

    def has(self, table: str) -> bool:
        """See Sink.has."""
        return self._sink.has(table)

    def count(self, table: str) -> int:
        """See Sink.count."""
        return self._sink.count(table)

    def read(self, table: str, columns: Sequence[str], equal: Mapping[str, str | int]) -> pa.Table:
        """See Sink.read."""
        return self._back(table, self._sink.read(table, self._names(table, columns), self._equal(table, equal)))

    def stream(self, table: str, columns: Sequence[str], equal: Mapping[str, str | int]) -> Iterator[pa.RecordBatch]:
        """See Sink.stream."""
        for batch in self._sink.stream(table, self._names(table, columns), self._equal(table, equal)):
            yield _called(batch, self._here.get(table, {}))

    def select(self, table: str, columns: Sequence[str], keys: pa.Table) -> Iterator[pa.RecordBatch]:
        """See Sink.select."""
        for batch in self._sink.select(table, self._names(table, columns), self._rows(table, keys)):
            yield _called(batch, self._here.get(table, {}))

    def as_stored(self, table: str, rows: pa.Table) -> pa.Table:
        """See Sink.as_stored."""
        return self._back(table, self._sink.as_stored(table, self._rows(table, rows)))

    def as_kept(self, table: str, rows: pa.Table) -> pa.Table:
        """See Sink.as_kept."""
        return self._back(table, self._sink.as_kept(table, self._rows(table, rows)))

    def next_values(self, table: str, column: str, count: int) -> pa.Array:
        """See Sink.next_values."""
        return self._sink.next_values(table, self._names(table, [column])[0], count)

    def publish(self, name: str, parts: Sequence[Part], removals: Sequence[Removal] = ()) -> None:
        """See Sink.publish."""
        self._sink.publish(name, self._parts(parts), self._removals(removals))

    def replaces_at_once(self, tables: Sequence[str]) -> bool:
        """See Sink.replaces_at_once."""
        return self._sink.replaces_at_once(tables)

    def deletes_at_once(self, tables: Sequence[str]) -> bool:
        """See Sink.deletes_at_once."""
        return self._sink.deletes_at_once(tables)

    def delete(self, removals: Sequence[Removal]) -> None:
        """See Sink.delete."""
        self._sink.delete(self._removals(removals))

    def probe(self, parts: Sequence[Part], removals: Sequence[Removal] = ()) -> None:
        """See Sink.probe."""
        self._sink.probe(self._parts(parts), self._removals(removals))

    def close(self) -> None:
        """See Sink.close."""
        self._sink.close()

    def _names(self, table: str, columns: Sequence[str]) -> list[str]:
        there = self._there.get(table, {})
        return [there.get(column, column) for column in columns]

    def _equal(self, table: str, equal: Mapping[str, str | int]) -> dict[str, str | int]:
        return dict(zip(self._names(table, list(equal)), equal.values(), strict=True))

    def _rows(self, table: str, rows: pa.Table) -> pa.Table:
        return rows.rename_columns(self._names(table, rows.column_names))

    def _back(self, table: str, rows: pa.Table) -> pa.Table:
        here = self._here.get(table, {})
        return rows.rename_columns([here.get(name, name) for name in rows.column_names])

    def _parts(self, parts: Sequence[Part]) -> list[Part]:
        return [Part(part.table, self._rows(part.table, part.rows)) for part in parts]

    def _removals(self, removals: Sequence[Removal]) -> list[Removal]:
        return [Removal(each.table, self._rows(each.table, each.keys)) for each in removals]


def _called(batch: pa.RecordBatch, names: Mapping[str, str]) -> pa.RecordBatch:
    return batch.rename_columns([names.get(name, name) for name in batch.schema.names])


def _renamed(spec: TableSpec, there: Mapping[str, Mapping[str, str]]) -> TableSpec:
    own = there[spec.name]

    def names(columns: Sequence[str]) -> tuple[str, ...]:
        return tuple(own.get(column, column) for column in columns)

    return replace(
        spec,
        schema=pa.schema([field.with_name(own.get(field.name, field.name)) for field in spec.schema]),
        key=names(spec.key),
        foreign_keys=tuple(_reference(key, names(key.columns), there) for key in spec.foreign_keys),
        numbered=names(spec.numbered),
        database_made=names(spec.database_made),
        omitted=names(spec.omitted),
        lengths=tuple((own.get(column, column), length) for column, length in spec.lengths),
        uuids=names(spec.uuids),
        names=(),
    )


def _reference(key: ForeignKeySpec, columns: tuple[str, ...], there: Mapping[str, Mapping[str, str]]) -> ForeignKeySpec:
    theirs = there.get(key.table, {})
    return ForeignKeySpec(columns, key.table, tuple(theirs.get(each, each) for each in key.references))
