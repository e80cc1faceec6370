"""What `explain` tells, as data."""

from __future__ import annotations

from dataclasses import dataclass

from columnar.checking.check_report import Json
from columnar.json_value import json_object
from transforms.explain.nodes import Node


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that conversion did to a value. rule: as receipts count it. None: no value."""

    rule: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class ExplainedValue:
    """One value of the row.

    value, text: as the target holds it; text '' for NULL. origin: `path`, `xpath`, `sql`, `parent` (gained from the
    table above, whose nodes and changes these are), `constant`, `key` (of the source), `position`, `database`, or
    `unknown` where the row cannot be made from the document any more. source: the contract's words. nodes: that it
    was read from; none: nothing is there. changes: in order. becomes: what the document gives by the contract as it
    is now, where that is another value; else None.
    """

    column: str
    value: Json
    text: str
    origin: str
    source: str = ""
    nodes: tuple[Node, ...] = ()
    changes: tuple[Change, ...] = ()
    becomes: str | None = None


@dataclass(frozen=True, slots=True)
class ExplainedRow:
    """One row of the target, and what it was made of.

    content: where the document is: `source`, `audit` (the source has another one now; the audit files have it),
    `changed` (only another one is left, which is explained), or `gone`. path, line: of the row's element; '' and 0
    where the table is made by SQL. contract_changed: it was loaded by another contract than is explained here.
    """

    table: str
    key: dict[str, Json]
    source_key: str
    generation: int
    chunk: int
    document: int
    run: str
    contract: str
    contract_changed: bool
    content: str
    path: str
    line: int
    values: tuple[ExplainedValue, ...]
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """For --json."""
        return json_object(self)

    def __repr__(self) -> str:
        return f"<ExplainedRow of {self.table!r}: from document {self.source_key!r}, line {self.line}>"
