"""What an expression may name: the columns of its row, and those of the rows that stand beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

import pyarrow as pa

from transforms.sql.other_databases import DATE_PARTS

CLOCK_AND_SESSION = {
    *("current_catalog", "current_date", "current_role", "current_schema", "current_time", "current_timestamp"),
    *("current_user", "localtime", "localtimestamp", "session_user", "user"),
}


@dataclass(frozen=True, slots=True)
class Name:
    """What a name stands for: a column of the row (relation ''), or of a relation."""

    column: str
    relation: str = ""

    @property
    def flat(self) -> str:
        """Its name in the table that a query reads. No table or column has a point in its own name."""
        return f"{self.relation}.{self.column}" if self.relation else self.column


@dataclass(frozen=True, slots=True)
class Scope:
    """The names of one expression, with their types; SQL does not tell upper from lower case.

    columns: of the row. relations: name -> columns of one other row, named `relation.column`. withheld: other names,
    as written, that a reader may expect here, and why they are not.
    """

    columns: pa.Schema
    relations: Mapping[str, pa.Schema] = field(default_factory=dict)
    withheld: Mapping[str, str] = field(default_factory=dict)

    def find(self, parts: list[str]) -> Name | None:
        """What the parts of a name stand for; None where it is nothing."""
        if len(parts) == 1:
            column = _fold(self.columns.names).get(parts[0].lower())
            return None if column is None else Name(column)
        relation = _fold(self.relations).get(parts[0].lower())
        if len(parts) != 2 or relation is None:
            return None
        column = _fold(self.relations[relation].names).get(parts[1].lower())
        return None if column is None else Name(column, relation)

    def refusal(self, parts: list[str]) -> tuple[str, str]:
        """Why a name stands for nothing, and the name that was perhaps meant."""
        written = ".".join(parts)
        for name, reason in self.withheld.items():
            if name.lower() == written.lower():
                return f"{written!r} cannot be used here: {reason}", ""
        if written.lower() in CLOCK_AND_SESSION:
            return f"{written} is refused: its value depends on when and where it is asked for", ""
        relation = _fold(self.relations).get(parts[0].lower())
        if len(parts) == 2 and relation is not None:
            near = _nearest(parts[1], self.relations[relation].names)
            return f"there is no column {parts[1]!r} in {relation}", f"{relation}.{near}" if near else ""
        names = [
            *self.columns.names,
            *(f"{name}.{part}" for name in self.relations for part in self.relations[name].names),
        ]
        if written.lower() in DATE_PARTS:
            return f"there is no column {written!r}; as part of a date it is a text: date_diff('day', …)", ""
        return f"there is no column {written!r}", _nearest(written, names)

    def table(self, flat: Iterable[str]) -> pa.Table:
        """An empty table of `_row` and the columns of those flat names."""
        fields = []
        for name in dict.fromkeys(["_row", *flat]):
            relation, _, column = name.rpartition(".")
            columns = self.relations[relation] if relation else self.columns
            if column in columns.names:
                fields.append(columns.field(column).with_name(name))
        return pa.schema(fields).empty_table()


def _fold(names: Mapping[str, object] | list[str]) -> dict[str, str]:
    return {name.lower(): name for name in names}


def _nearest(name: str, names: list[str]) -> str:
    known = _fold(names)
    near = get_close_matches(name.lower(), known, n=1)
    return known[near[0]] if near else ""
