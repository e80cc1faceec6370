"""Documents with a NUL, which are no XML: NULL, as the truncation guard of turbodbc has them."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from loaders.mssql.document_bytes import document_bytes


def without_nuls(documents: pa.Array) -> pa.Array:
    """The same with NULL for each that holds a NUL. A minimum over all bytes says that there is none, mostly."""
    found = document_bytes(documents)
    if not found.size or found.min():
        return documents
    return pc.if_else(pc.match_substring(documents, "\0"), pa.scalar(None, pa.string()), documents)
