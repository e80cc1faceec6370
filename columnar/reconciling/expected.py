"""What the documents of a chunk must have become, by the reference shredder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl
import pyarrow as pa

from columnar.running.reading import source_keys
from transforms.contract.plan import ContractPlan
from transforms.contract.target_tables import TargetTable, target_tables
from transforms.documents import DOCUMENT
from transforms.shred.lxml_shredder import LxmlShredder
from transforms.tables import tables_of

_NOT_KEYS = ("document", "document_bytes")


@dataclass
class Expected:
    """source_keys: of the documents, by their number. tables: their rows, by the target's names, with `_document`.
    refused: number -> reason of those that cannot be loaded."""

    source_keys: list[str] = field(default_factory=list)
    tables: dict[str, list[pa.Table]] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)

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


class ReferenceTables:
    """Makes the tables of batches of documents, with lxml, whatever the job's shredder is."""

    def __init__(self, plan: ContractPlan) -> None:
        self._plan = plan
        self._shredder = LxmlShredder(plan)
        self._targets = target_tables(plan)

    def add(self, expected: Expected, batch: pa.RecordBatch) -> None:
        """One more batch of a chunk."""
        rows = pa.Table.from_batches([batch])
        keys = rows.select([name for name in rows.column_names if name not in _NOT_KEYS])
        texts = source_keys(keys)
        columns = {name: keys[name].combine_chunks() for name in keys.column_names} | {"key": texts}
        shredded = self._shredder.shred(rows["document"].combine_chunks(), columns)
        made = tables_of(self._plan, shredded.extracts)
        first = len(expected.source_keys)
        expected.source_keys += texts.to_pylist()
        for part in (shredded.refused, made.rejected):
            numbers, reasons = part["document"].to_pylist(), part["reason"].to_pylist()
            expected.refused |= {first + at: reason for at, reason in zip(numbers, reasons, strict=True)}
        for target in self._targets:
            for part in _of_target(target, made.tables, first):
                expected.tables.setdefault(target.name, []).append(part)


def _of_target(target: TargetTable, tables: dict[str, pa.Table], first: int) -> Iterator[pa.Table]:
    """The rows of every table that loads into this one; columns that the database makes are null."""
    for name in target.tables:
        rows = tables[name]
        numbers = pl.Series(rows[DOCUMENT]) + first
        rows = rows.set_column(rows.schema.get_field_index(DOCUMENT), DOCUMENT, numbers.to_arrow())
        for column in target.columns:
            if column.name not in rows.column_names:
                rows = rows.append_column(column.name, pa.nulls(len(rows)))
        yield rows.select([DOCUMENT, *(column.name for column in target.columns)])
