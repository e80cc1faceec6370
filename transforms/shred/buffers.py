"""The documents of an Arrow array as memory views: no document is copied to be looked at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

import pyarrow as pa

Documents: TypeAlias = pa.Array | pa.ChunkedArray

_OFFSETS_32 = (pa.types.is_string, pa.types.is_binary)
_OFFSETS_64 = (pa.types.is_large_string, pa.types.is_large_binary)
_VIEWS = (pa.types.is_string_view, pa.types.is_binary_view)

# A view is 16 bytes (Arrow columnar format, "Variable-size binary view layout"): the length, then either the bytes
# themselves, or four of them, the number of the data buffer, and the offset in it.
_VIEW_BYTES = 16
_INLINE_BYTES = 12


def is_text(documents: Documents) -> bool:
    """Whether the column is text, which a database has converted to UTF-8; binary is whatever was stored."""
    kind = documents.type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def require_documents(documents: Documents) -> None:
    """TypeError where the column is neither text nor binary, in whatever layout, nor of NULLs only."""
    kind = documents.type
    if not any(test(kind) for test in (*_OFFSETS_32, *_OFFSETS_64, *_VIEWS, pa.types.is_null)):
        raise TypeError(f"documents are text or binary, not {kind}")


def document_views(documents: Documents) -> Iterator[memoryview | None]:
    """Each document's bytes where they lie, None for NULL; slices and chunks included.

    documents: string, large_string, string_view, binary, large_binary or binary_view (or null: every document is NULL).
    TypeError for any other type.
    """
    kind = documents.type
    for chunk in documents.chunks if isinstance(documents, pa.ChunkedArray) else [documents]:
        if pa.types.is_null(kind):
            yield from (None for _ in range(len(chunk)))
        elif any(test(kind) for test in _OFFSETS_32):
            yield from _by_offsets(chunk, "i")
        elif any(test(kind) for test in _OFFSETS_64):
            yield from _by_offsets(chunk, "q")
        elif any(test(kind) for test in _VIEWS):
            yield from _by_views(chunk)
        else:
            raise TypeError(f"documents are text or binary, not {kind}")


def _by_offsets(array: pa.Array, width: Literal["i", "q"]) -> Iterator[memoryview | None]:
    _, offsets, data = array.buffers()
    if not len(array):
        return
    starts = memoryview(offsets).cast("B").cast(width)[array.offset : array.offset + len(array) + 1]
    values = _bytes_of(data)
    for index, valid in enumerate(_validity(array)):
        yield values[starts[index] : starts[index + 1]] if valid else None


def _by_views(array: pa.Array) -> Iterator[memoryview | None]:
    _, views, *data = array.buffers()
    if not len(array):
        return
    first = array.offset * _VIEW_BYTES
    described = _bytes_of(views)
    values = [_bytes_of(buffer) for buffer in data]
    for index, valid in enumerate(_validity(array)):
        start = first + index * _VIEW_BYTES
        if not valid:
            yield None
            continue
        length, _, buffer, offset = described[start : start + _VIEW_BYTES].cast("i")
        if length <= _INLINE_BYTES:
            yield described[start + 4 : start + 4 + length]
        else:
            yield values[buffer][offset : offset + length]


def _bytes_of(buffer: pa.Buffer | None) -> memoryview:
    return memoryview(b"") if buffer is None else memoryview(buffer).cast("B")


def _validity(array: pa.Array) -> list[bool]:
    if not array.null_count:
        return [True] * len(array)
    valid: list[bool] = array.is_valid().to_pylist()
    return valid
