"""The column of the documents of a source: how it is selected, and what its sizes mean."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from loaders.database.catalog import StoredColumn
from loaders.database.dialect import ReadingDialect


@dataclass(frozen=True)
class DocumentColumn:
    """The column of the documents. What `size` says is bytes, of UTF-16 where the dialect says so."""

    reading: ReadingDialect
    column: StoredColumn

    @property
    def is_binary(self) -> bool:
        """Whether documents are bytes."""
        return self.reading.is_binary(self.column)

    @property
    def sql(self) -> str:
        """A document, as it travels."""
        return self.reading.document(self.reading.quote(self.column.name), self.column)

    @property
    def size(self) -> str:
        """The SQL of its size, a 64-bit integer."""
        return self.reading.utf8_bytes(self.reading.quote(self.column.name) if self.is_binary else self.sql)

    @property
    def size_is_cheap(self) -> bool:
        """Whether the size is known without reading the document: that of what is stored, not of what it is cast to."""
        return self.reading.cheap_lengths and self.column.type.lower() != "xml"

    @property
    def units(self) -> int:
        """How many units of ReadingDialect.length one of `size` is, as the document travels."""
        return (4 if self.reading.utf16 else 2) if self.is_binary else 1

    @property
    def size_per_byte(self) -> int:
        """What a byte of UTF-8, or of what is binary, is in `size` at the most."""
        return 2 if self.reading.utf16 and not self.is_binary else 1

    def least_bytes(self, sizes: pa.Array) -> pa.Array:
        """What documents of these sizes have in UTF-8 at the least, or as bytes."""
        return pc.divide(sizes, 2) if self.reading.utf16 and not self.is_binary else sizes


class SeenSizes:
    """Of documents whose sizes were seen: how many, their bytes, and the longest in units of ReadingDialect.length.

    units: see DocumentColumn.units.
    """

    def __init__(self, units: int) -> None:
        self._units = units
        self.rows = self.bytes = self.longest = 0

    def add(self, sizes: pa.Array) -> None:
        """Count these; none is NULL."""
        self.rows += len(sizes)
        self.bytes += pc.sum(sizes).as_py() or 0
        self.longest = max(self.longest, (pc.max(sizes).as_py() or 0) * self._units)

    @property
    def mean(self) -> int:
        """Of the sizes; 0 where there are none."""
        return self.bytes // self.rows if self.rows else 0
