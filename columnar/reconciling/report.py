"""What reconciling found, as data."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from columnar.errors import ExitCode
from columnar.json_value import json_object

# The kinds of differences, in words.
KINDS = {
    "missing_document": "in the source, not in the target's books",
    "gone_document": "in the target's books, not in the source",
    "count": "chunks that hold another number of documents",
    "outcome": "documents of which another thing must have become",
    "missing_row": "rows that the target lacks",
    "extra_row": "rows that the documents do not give",
    "value": "values that are others",
    "stray_row": "rows that no document brought",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference.

    kind: `missing_document` (in the source, not in the target's books), `gone_document` (the other way round),
    `count` (a chunk), `outcome` (what became of a document is not what must), `missing_row` (the document gives it, the
    target has none), `extra_row` (the other way round), `value` (a column of a row), `stray_row` (no document of any
    job brought it). chunk: 0 where that is not known. key: of the row, as column = value. expected, found: '' for none.
    """

    kind: str
    chunk: int = 0
    source_key: str = ""
    table: str = ""
    column: str = ""
    key: str = ""
    expected: str = ""
    found: str = ""


@dataclass(slots=True)
class ColumnSums:
    """One column over all rows that were compared: as made anew from the source, and as the target has it. The checksum
    does not depend on the order of rows; it is only comparable within one report."""

    table: str
    column: str
    rows: int = 0
    nulls: int = 0
    checksum: int = 0
    target_rows: int = 0
    target_nulls: int = 0
    target_checksum: int = 0

    @property
    def same(self) -> bool:
        """Whether both sides are."""
        mine = (self.rows, self.nulls, self.checksum)
        return mine == (self.target_rows, self.target_nulls, self.target_checksum)


@dataclass(frozen=True, slots=True)
class ChunkCount:
    """Documents of one range: in the source now, and in the target's books."""

    chunk: int
    source: int
    books: int


@dataclass
class Reconciliation:
    """chunks: of every published range. documents: of published ranges, in the source; recomputed: those whose values
    were made anew. pending: documents in ranges that are not published yet. columns: of every table that was compared.
    counts: how many differences of each kind. differences: the first ones. notes: what could not be compared.
    """

    name: str
    generation: int
    chunks: list[ChunkCount] = field(default_factory=list)
    documents: int = 0
    recomputed: int = 0
    pending: int = 0
    columns: list[ColumnSums] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> ExitCode:
        """INTEGRITY where anything is different."""
        return ExitCode.INTEGRITY if self.counts else ExitCode.CLEAN

    def as_dict(self) -> dict[str, object]:
        """For --json."""
        return json_object(self, exit_code=self.exit_code)

    def __repr__(self) -> str:
        told = f"{self.documents:,} documents, {self.recomputed:,} made anew, {sum(self.counts.values()):,} differences"
        return f"<Reconciliation of job {self.name!r}: {told}>"

    def _repr_html_(self) -> str:
        """For notebooks."""
        from columnar.notebook.reconcile_html import reconcile_html

        return reconcile_html(self)
