"""Raw fingerprints."""

from __future__ import annotations

import gzip
import hashlib

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.fingerprint import FINGERPRINT_TYPE, raw_fingerprints

KINDS = [pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary(), pa.binary_view()]
BOM = "\ufeff"


def _sha(text: str) -> bytes:
    return hashlib.sha256(text.removeprefix(BOM).encode()).digest()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.none() | st.text(st.characters(codec="utf-8"), max_size=20).map(lambda text: text * 2)),
    st.sampled_from(KINDS),
    st.integers(0, 5),
    st.integers(0, 5),
)
def test_every_layout_and_slice(texts: list[str | None], kind: pa.DataType, start: int, length: int) -> None:
    array = pa.array(texts, pa.string()).cast(kind).slice(start, length)
    expected = [None if text is None else _sha(text) for text in texts[start : start + length]]
    found = raw_fingerprints(array)
    assert found.type == FINGERPRINT_TYPE
    assert found.to_pylist() == expected
    chunked = pa.chunked_array([array, array.slice(1)], kind)
    assert raw_fingerprints(chunked).to_pylist() == expected + expected[1:]


def test_a_byte_order_mark_makes_no_difference_and_only_one() -> None:
    found = raw_fingerprints(pa.array(["<a/>", f"{BOM}<a/>", f"{BOM}{BOM}<a/>", BOM, ""])).to_pylist()
    assert found[0] == found[1] == _sha("<a/>")
    assert found[2] == _sha(f"{BOM}{BOM}<a/>") != found[1]
    assert found[3] == found[4] == _sha("")


def test_after_decode() -> None:
    text = "<a>é</a>"
    packed = [gzip.compress(f"{BOM}{text}".encode("utf-16-le"), level) for level in (1, 9)]
    bare = gzip.compress(text.encode("utf-16-be"))
    documents = pa.array([*packed, bare, b"not gzip", None], pa.binary())
    found = raw_fingerprints(documents, decode=("gzip", "utf-16")).to_pylist()
    assert found == [_sha(text)] * 3 + [None, None]
    assert raw_fingerprints(documents[:1], decode=("gzip",), document_bytes=5).to_pylist() == [None]
    assert raw_fingerprints(documents)[0].as_py() == hashlib.sha256(packed[0]).digest()


def test_other_types_are_refused() -> None:
    with pytest.raises(TypeError, match="int64"):
        raw_fingerprints(pa.array([1]))
    assert raw_fingerprints(pa.nulls(2)).to_pylist() == [None, None]
