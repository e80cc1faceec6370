"""The same documents in every Arrow layout give the same extracts."""

from __future__ import annotations

import hashlib
from itertools import pairwise

import pyarrow as pa
import pytest
from shred_plans import reasons, shred, values

from transforms.shred.buffers import document_views, is_text

pytestmark = pytest.mark.usefixtures("both_shredders")

LONG = '<a v="long"><b k="it does not fit into a view">x</b></a>'
DOCUMENTS = ['<a v="1"><b k="é">t</b></a>', None, "<a/>", "", LONG, '<a v="2"><b/><b k=""/></a>', "<broken", None]
TEXT = [pa.string(), pa.large_string(), pa.string_view()]
BINARY = [pa.binary(), pa.large_binary(), pa.binary_view()]


@pytest.mark.parametrize("kind", TEXT + BINARY, ids=str)
def test_every_layout(kind: pa.DataType) -> None:
    shredded = shred(pa.array(DOCUMENTS).cast(kind))
    assert values(shredded) == [
        {"k": "é", "text": "t", "v": "1"},
        {"k": "it does not fit into a view", "text": "x", "v": "long"},
        {"k": None, "text": "", "v": "2"},
        {"k": "", "text": "", "v": "2"},
    ]
    assert shredded.extracts["b"].column("_document").to_pylist() == [0, 4, 5, 5]
    assert shredded.refused.column("document").to_pylist() == [1, 3, 6, 7]
    assert reasons(shredded) == ["empty", "empty", "truncated", "empty"]


@pytest.mark.parametrize("kind", TEXT + BINARY, ids=str)
def test_slices_and_chunks(kind: pa.DataType) -> None:
    whole = pa.array(DOCUMENTS).cast(kind)
    for start in range(len(DOCUMENTS) + 1):
        for stop in range(start, len(DOCUMENTS) + 1):
            views = list(document_views(whole.slice(start, stop - start)))
            expected = [None if text is None else text.encode() for text in DOCUMENTS[start:stop]]
            assert [None if view is None else bytes(view) for view in views] == expected
    chunked = pa.chunked_array([whole.slice(a, b - a) for a, b in pairwise([0, 3, 3, 4, 8])])
    together, apart = shred(whole), shred(chunked)
    assert apart.extracts["b"].equals(together.extracts["b"])
    assert apart.refused.equals(together.refused)


def test_a_slice_counts_its_documents_from_zero() -> None:
    sliced = shred(pa.array(DOCUMENTS).slice(4, 3))
    assert sliced.extracts["b"].column("_document").to_pylist() == [0, 1, 1]
    assert sliced.refused.column("document").to_pylist() == [2]


@pytest.mark.usefixtures("only_reference")
def test_views_point_into_the_array() -> None:
    array = pa.array([LONG] * 3)
    address = array.buffers()[2].address
    for index, view in enumerate(document_views(array)):
        assert view is not None
        assert pa.py_buffer(view).address == address + index * len(LONG)
        assert hashlib.sha256(view).digest() == hashlib.sha256(LONG.encode()).digest()


@pytest.mark.parametrize(
    "documents", [pa.array([], pa.string()), pa.array([], pa.binary_view()), pa.chunked_array([], pa.string())]
)
def test_no_documents(documents: pa.Array) -> None:
    shredded = shred(documents)
    assert shredded.extracts["b"].num_rows == shredded.refused.num_rows == shredded.several.num_rows == 0
    assert shredded.extracts["b"].schema.names[-3:] == ["k", "text", "v"]


def test_only_nulls_and_other_types() -> None:
    assert reasons(shred(pa.nulls(2))) == ["empty", "empty"]
    with pytest.raises(TypeError, match="int64"):
        shred(pa.array([1]))
    assert [is_text(pa.array([], kind)) for kind in TEXT + BINARY] == [True] * 3 + [False] * 3
