"""The canonical fingerprints of a chunk's documents."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import pyarrow as pa

from columnar.running.chunk import PreparedChunk
from transforms.canonical import canonical_fingerprints


def with_content(prepared: PreparedChunk, without: Mapping[str, Collection[str]]) -> PreparedChunk:
    """The chunk whose documents have their canonical fingerprint as `content`; NULL for those without rows.

    without: columns that are no content, by table.
    """
    documents = prepared.documents
    with prepared.receipt.timed("fingerprint"):
        content = canonical_fingerprints(prepared.tables, len(documents), without=without).cast(pa.binary())
    at = documents.schema.get_field_index("content")
    return replace(prepared, documents=documents.set_column(at, documents.schema.field(at), content))
