"""Documents that are encoded in their column."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shred_plans import reasons, refusal, shred, values

from transforms.contract.plan import Declaration, Limits
from transforms.shred.decode import gunzip
from transforms.shred.refusal import RefusedError

pytestmark = pytest.mark.usefixtures("both_shredders")

TEXT = "<?xml version='1.0' encoding='utf-16'?><a v='1'><b k='é'>€😀</b></a>"
READ = [{"k": "é", "text": "€😀", "v": "1"}]
PACKED = gzip.compress(TEXT.encode("utf-16"), mtime=0)


@pytest.mark.parametrize("declaration", list(Declaration))
def test_utf16(declaration: Declaration) -> None:
    for encoded in (TEXT.encode("utf-16"), TEXT.encode("utf-16-le"), TEXT.encode("utf-16-be")):
        options = {"decode": ("utf-16",), "declaration": declaration}
        assert values(shred([encoded], **options)) == READ
        assert values(shred([gzip.compress(encoded)], **{**options, "decode": ("gzip", "utf-16")})) == READ
    assert (
        values(shred([gzip.compress(b"\xef\xbb\xbf" + TEXT.encode())], decode=("gzip",), declaration=declaration))
        == READ
    )


def test_gzip_of_what_the_declaration_says() -> None:
    latin = "<?xml version='1.0' encoding='ISO-8859-1'?><a><b>é</b></a>".encode("latin-1")
    assert values(shred([gzip.compress(latin)], decode=("gzip",)))[0]["text"] == "é"
    assert values(shred([PACKED], decode=("gzip",))) == READ  # UTF-16 with its byte order mark


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (TEXT.encode(), "not gzip data"),
        (b"\x1f\x8b", "end early"),
        (b"\x1f\x8bxx" + PACKED[4:], "damaged gzip data"),
        (PACKED[:-9] + b"xxxx" + PACKED[-5:], "damaged gzip data"),
        (PACKED + b"x", "other bytes follow"),
        (PACKED + b"\0x", "other bytes follow"),
        (PACKED + PACKED[:20], "end early"),
        (zlib.compress(TEXT.encode()), "not gzip data"),
    ],
)
def test_what_is_not_gzip(data: bytes, detail: str) -> None:
    reason, _, _, found = refusal(data, decode=("gzip", "utf-16"))
    assert reason == "encoding"
    assert detail in found


def test_gzip_cut_anywhere() -> None:
    for length in range(1, len(PACKED)):
        assert refusal(PACKED[:length], decode=("gzip", "utf-16"))[0] == "encoding"
    assert refusal(b"", decode=("gzip", "utf-16"))[0] == "empty"
    assert refusal(gzip.compress(b""), decode=("gzip",))[0] == "empty"


@pytest.mark.usefixtures("only_reference")
def test_members_and_padding() -> None:
    data = TEXT.encode()
    members = gzip.compress(data[:20]) + gzip.compress(b"") + gzip.compress(data[20:])
    for padding in (b"", b"\0" * 7):
        assert gunzip(memoryview(members + padding), len(data)) == data
    with pytest.raises(RefusedError, match=r"document\.limits\.bytes"):
        gunzip(memoryview(members), len(data) - 1)


def test_a_bomb_stops_at_the_limit() -> None:
    bomb = gzip.compress(b" " * 300_000_000, 1)
    many = gzip.compress(b" " * 100_000) * 2_000
    empty = gzip.compress(b"") * 100_000
    limits = Limits(document_bytes=5_000_000)
    tracemalloc.start()
    for data in (bomb, many):
        assert refusal(data, decode=("gzip",), limits=limits)[0] == "limit"
    assert refusal(empty, decode=("gzip",), limits=limits)[0] == "empty"
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60_000_000


def test_the_limit_counts_before_and_after() -> None:
    document = b"<a>" + b"x" * 1000 + b"</a>"
    packed = gzip.compress(document)
    assert reasons(shred([packed], decode=("gzip",), limits=Limits(document_bytes=len(document)))) == []
    assert refusal(packed, decode=("gzip",), limits=Limits(document_bytes=len(document) - 1))[0] == "limit"
    assert refusal(packed, decode=("gzip",), limits=Limits(document_bytes=len(packed) - 1))[0] == "limit"
    wide = "<a>€€€</a>".encode("utf-16-le")  # 20 bytes, 16 of UTF-8
    assert reasons(shred([wide], decode=("utf-16",), limits=Limits(document_bytes=20))) == []
    grown = ("<a>" + "€" * 100 + "</a>").encode("utf-16-le")  # 214 bytes, 307 of UTF-8
    assert refusal(grown, decode=("utf-16",), limits=Limits(document_bytes=306))[0] == "limit"
    assert reasons(shred([grown], decode=("utf-16",), limits=Limits(document_bytes=307))) == []


@pytest.mark.parametrize(
    "data",
    [
        "<a/>".encode("utf-16-le")[:-1],
        b"\xff\xfe" + "<a>".encode("utf-16-le") + b"\x00\xd8" + "</a>".encode("utf-16-le"),
        b"<a/>x",
    ],
)
def test_what_is_not_utf16(data: bytes) -> None:
    assert refusal(data, decode=("utf-16",))[0] == "encoding"


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60), st.sampled_from([(), ("gzip",), ("utf-16",), ("gzip", "utf-16")]))
def test_any_bytes_are_a_document_or_a_refusal(data: bytes, decode: tuple[str, ...]) -> None:
    documents = pa.array([data, gzip.compress(data), PACKED[:30] + data], pa.binary())
    shredded = shred(documents, decode=decode)
    assert shredded.refused.num_rows <= 3


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["<a>", "</a>", "<b k='", "'/>", "<!--", "-->", "<![CDATA[", "]]>", "&", "amp;", "x", "\0", "<?", "?>", "é"]
        )
    )
)
def test_any_pieces_are_a_document_or_a_refusal(pieces: list[str]) -> None:
    data = "".join(pieces)
    as_text, as_bytes = shred([data]), shred([data.encode()])
    assert as_text.refused.equals(as_bytes.refused)
    assert as_text.extracts["b"].equals(as_bytes.extracts["b"])
