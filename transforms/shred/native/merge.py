"""Putting together what the kernel and lxml returned of one batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from transforms.shred.result import Refusal, Shredded

# So many runs of rows are put together as they are; of more, the rows are copied.
_FEW = 64
# Where Arrow copies rows, it first puts all the text of a column into one array, whose offsets have 32 bits.
_MOST_COPIED = 2**31 - 1


@dataclass
class Parts:
    """What was found so far.

    tables: each extract that is asked for -> tables of different documents. several: (table, column) -> cells.
    """

    tables: dict[str, list[pa.Table]] = field(default_factory=dict)
    refused: list[Refusal] = field(default_factory=list)
    several: Counter[tuple[str, str]] = field(default_factory=Counter)
    ways: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, shredded: Shredded, documents: Sequence[int]) -> None:
        """Add what lxml returned of some documents. documents: their ordinals in the batch, rising."""
        ordinals = pa.array(documents, pa.int64())
        for name, table in shredded.extracts.items():
            if len(table):
                renumbered = ordinals.take(table.column(0).combine_chunks())
                self.tables.setdefault(name, []).append(table.set_column(0, table.schema.field(0), renumbered))
        for row in shredded.refused.to_pylist():
            self.refused.append((documents[row["document"]], row["reason"], row["line"], row["column"], row["detail"]))
        for row in shredded.several.to_pylist():
            self.several[row["table"], row["column"]] += row["cells"]
        for row in shredded.ways.to_pylist():
            self.ways[row["way"], row["why"]] += row["documents"]


def in_order(tables: Sequence[pa.Table]) -> pa.Table:
    """Rows of different documents, in document order."""
    if len(tables) == 1:
        return tables[0]
    joined = pa.concat_tables(tables)
    if sum(len(table) > 0 for table in tables) < 2:
        return joined
    order = pc.sort_indices(joined, [("_document", "ascending"), ("_row", "ascending")])
    jumps = pc.indices_nonzero(pc.not_equal(pc.pairwise_diff(order.cast(pa.int64())), 1))
    if len(jumps) > _FEW and all(column.nbytes <= _MOST_COPIED for column in joined.columns):
        return joined.take(order)
    begins = [0, *jumps.to_pylist()]
    runs = zip(begins, [*begins[1:], len(order)], strict=True)
    return pa.concat_tables([joined.slice(order[begin].as_py(), end - begin) for begin, end in runs])


def without(table: pa.Table, documents: Collection[int]) -> pa.Table:
    """The rows of all other documents."""
    if not documents or not len(table):
        return table
    return table.filter(pc.invert(pc.is_in(table.column(0), pa.array(sorted(documents), pa.int64()))))
