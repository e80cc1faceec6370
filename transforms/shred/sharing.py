"""Extracts of the same elements, read as one: what several of them want is read once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pyarrow as pa

from transforms.contract.extracts import Extract, ReadColumn
from transforms.convert.beside import beside_name
from transforms.convert.simple import SimpleType
from transforms.shred.result import ROW_FIELDS


@dataclass(frozen=True, slots=True)
class Shared:
    """The extracts that are read, and for each that is asked for, which of them it is and where its columns are.

    types: of (extract that is read, its column) for columns that are read as their type, with texts beside them.
    alike: those that are asked for just as they are read. asked: of (extract that is read, its column) all that are
    asked for as it.
    """

    read: tuple[Extract, ...]
    views: Mapping[str, tuple[str, tuple[tuple[str, str], ...]]]
    types: Mapping[tuple[str, str], SimpleType] = field(default_factory=dict)
    alike: frozenset[str] = frozenset()
    asked: Mapping[tuple[str, str], Sequence[tuple[str, str]]] = field(default_factory=dict)

    @classmethod
    def of(cls, extracts: Sequence[Extract], types: Mapping[tuple[str, str], SimpleType] | None = None) -> Shared:
        """Extracts share one where rows, route and parent's elements are the same.

        types: of (extract that is asked for, its column); without it all columns are text.
        """
        wanted, found = types or {}, {}
        groups: dict[object, list[Extract]] = {}
        leader: dict[str | None, str | None] = {None: None}
        for extract in extracts:
            members = groups.setdefault((extract.rows.steps, extract.route, leader[extract.parent]), [])
            members.append(extract)
            leader[extract.name] = members[0].name
        read, views = [], {}
        for members in groups.values():
            columns: dict[object, ReadColumn] = {}
            for extract in members:
                places = []
                for column in extract.columns:
                    kind = wanted.get((extract.name, column.name))
                    key = (column.path, column.many, column.separator, kind)
                    first = columns.get(key)
                    if first is None:
                        taken = {each.name for each in columns.values()}
                        name = column.name if column.name not in taken else f"{extract.name}.{column.name}"
                        first = columns[key] = replace(column, name=name)
                    places.append((column.name, first.name))
                    if kind is not None:
                        found[members[0].name, first.name] = kind
                views[extract.name] = (members[0].name, tuple(places))
            read.append(replace(members[0], parent=leader[members[0].parent], columns=tuple(columns.values())))
        as_read = {each.name: tuple((column.name, column.name) for column in each.columns) for each in read}
        alike = frozenset(name for name, (at, places) in views.items() if name == at and places == as_read[at])
        asked: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for name, (at, own_places) in views.items():
            for own, read_as in own_places:
                asked.setdefault((at, read_as), []).append((name, own))
        return cls(tuple(read), {extract.name: views[extract.name] for extract in extracts}, found, alike, asked)

    def tables(self, found: Mapping[str, pa.Table]) -> Iterator[tuple[str, pa.Table]]:
        """The tables asked for, by name: the arrays that were read, under their own names."""
        for name, (leader, places) in self.views.items():
            rows = found[leader]
            if name in self.alike:
                yield name, rows
                continue
            pairs = [pair for own, at in places for pair in self.pair(leader, own, at)]
            fields = [*ROW_FIELDS, *(rows.schema.field(at).with_name(own) for own, at in pairs)]
            columns = [rows.column(field.name) for field in ROW_FIELDS] + [rows.column(at) for _, at in pairs]
            yield name, pa.Table.from_arrays(columns, schema=pa.schema(fields))

    def pair(self, leader: str, own: str, at: str) -> Iterator[tuple[str, str]]:
        """A column's name and the name it is read by, and those of the texts beside it. leader: the extract read."""
        yield own, at
        if (leader, at) in self.types:
            yield beside_name(own), beside_name(at)

    def several(self, counts: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], int]:
        """The counts of each extract asked for."""
        found = {}
        for at, count in counts.items():
            if count:
                found.update(dict.fromkeys(self.asked.get(at, ()), count))
        return found
