"""What the documents of a chunk must have become, by the reference shredder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from columnar.running.budget import AGAIN
from columnar.running.reading import ShreddedBatch, source_keys
from transforms.contract.plan import ContractPlan
from transforms.contract.target_tables import TargetTable, target_tables
from transforms.documents import DOCUMENT
from transforms.tables import tables_of


@dataclass
class Expected:
    """source_keys: of the documents, by their number. tables: their rows, by the target's names, with `_document`.
    refused: number -> reason of those that cannot be loaded. unread: those that did not fit into the memory."""

    source_keys: list[str] = field(default_factory=list)
    tables: dict[str, list[pa.Table]] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)
    unread: set[int] = field(default_factory=set)

    def rows(self, table: TargetTable) -> pa.Table:
        """All rows of a table."""
        names = [DOCUMENT, *(column.name for column in table.columns)]
        return pa.concat_tables(self.tables[table.name]).select(names)

    def with_rows(self) -> set[int]:
        """The numbers of documents that have rows anywhere."""
        found: set[int] = set()
        for parts in self.tables.values():
            for part in parts:
                found |= set(pl.Series(part[DOCUMENT]).unique())
        return found


class ExpectedBuilder:
    """Takes the batches of one chunk as they are shredded, and makes tables of them in portions of bounded size.

    portion_bytes: extracts that are converted together; documents are independent of each other, so it changes nothing.
    """

    def __init__(self, plan: ContractPlan, portion_bytes: int) -> None:
        self._plan = plan
        self._portion_bytes = portion_bytes
        self._targets = target_tables(plan)
        self.begin()

    def begin(self) -> None:
        """Begin a chunk, or the same one again."""
        self._expected = Expected()
        self._waiting: list[dict[str, pa.Table]] = []
        self._held = 0

    def add(self, batch: ShreddedBatch) -> None:
        """One more batch."""
        first = len(self._expected.source_keys)
        self._expected.source_keys += source_keys(batch.keys).to_pylist()
        self._refuse(batch.shredded.refused, first)
        extracts = batch.shredded.extracts
        self._waiting.append({name: _shifted(table, first) for name, table in extracts.items()})
        self._held += batch.extract_bytes
        if self._held >= self._portion_bytes:
            self._convert()

    def finish(self) -> Expected:
        """All of the chunk; then another one begins."""
        self._convert()
        expected = self._expected
        self.begin()
        return expected

    def _convert(self) -> None:
        if not self._waiting:
            return
        extracts = {name: pa.concat_tables([each[name] for each in self._waiting]) for name in self._waiting[0]}
        self._waiting, self._held = [], 0
        made = tables_of(self._plan, extracts)
        self._refuse(made.rejected, 0)
        for target in self._targets:
            for part in _of_target(target, made.tables):
                self._expected.tables.setdefault(target.name, []).append(part)

    def _refuse(self, refused: pa.Table, first: int) -> None:
        columns = [refused[name].to_pylist() for name in ("document", "reason", "detail")]
        for number, reason, detail in zip(*columns, strict=True):
            if detail.endswith(AGAIN):
                self._expected.unread.add(first + number)
            else:
                self._expected.refused[first + number] = reason


def _shifted(table: pa.Table, first: int) -> pa.Table:
    """The documents numbered from there on."""
    at = table.schema.get_field_index(DOCUMENT)
    return table.set_column(at, table.schema.field(at), pc.add(table.column(at), pa.scalar(first, pa.int64())))


def _of_target(target: TargetTable, tables: dict[str, pa.Table]) -> Iterator[pa.Table]:
    """The rows of every table that loads into this one; columns that the database makes are null."""
    for name in target.tables:
        rows = tables[name]
        for column in target.columns:
            if column.name not in rows.column_names:
                rows = rows.append_column(column.name, pa.nulls(len(rows)))
        yield rows.select([DOCUMENT, *(column.name for column in target.columns)])
