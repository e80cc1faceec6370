"""The tables of one chunk while their rows are selected, and the documents that are refused on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from transforms.convert.result import CHANGES_SCHEMA, REJECTED_SCHEMA, Converted
from transforms.documents import drop_documents


@dataclass(slots=True)
class Chunk:
    """converted: as conversion left them. working: tables that SQL is filling. done: those that are ready.

    rejected: REJECTED_SCHEMA, in the order in which documents were refused. changes: CHANGES_SCHEMA.
    """

    converted: dict[str, pa.Table]
    rejected: list[pa.Table]
    changes: list[pa.Table]
    working: dict[str, pa.Table] = field(default_factory=dict)
    done: dict[str, pa.Table] = field(default_factory=dict)

    @classmethod
    def of(cls, converted: Converted) -> Chunk:
        """A chunk at the start."""
        return cls(dict(converted.tables), [converted.rejected], [converted.changes])

    def reject(self, refused: pa.Table) -> None:
        """Note documents down and take their rows out of everything, so that no later step meets them again."""
        if not refused.num_rows:
            return
        self.rejected.append(refused.cast(REJECTED_SCHEMA))
        documents = refused.column("document")
        for tables in (self.converted, self.working, self.done):
            tables |= drop_documents(tables, documents)

    def count(self, table: str, counts: Mapping[str, int]) -> None:
        """Note down the rows dropped from a table, by rule."""
        rows = [
            {"table": table, "column": "", "rule": rule, "values": count} for rule, count in counts.items() if count
        ]
        if rows:
            self.changes.append(pa.Table.from_pylist(rows, schema=CHANGES_SCHEMA))

    def result(self) -> Converted:
        """The selected tables; the documents rejected before, then those rejected here, by their number."""
        before, *late = self.rejected
        if late:
            before = pa.concat_tables([before, pa.concat_tables(late).sort_by("document")])
        return Converted(self.done, before, pa.concat_tables(self.changes))


def rejected_documents(lines: list[tuple[int, int, str]], reason: str) -> pa.Table:
    """REJECTED_SCHEMA of documents, the lines of their rows (0: not known) and what is said of each."""
    columns = [
        pa.array([document for document, _, _ in lines], pa.int64()),
        pa.array([reason] * len(lines), pa.string()),
        pa.array([line for _, line, _ in lines], pa.int32()),
        pa.array([detail for _, _, detail in lines], pa.string()),
    ]
    return pa.Table.from_arrays(columns, schema=REJECTED_SCHEMA)
