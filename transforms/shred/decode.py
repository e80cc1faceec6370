"""From the bytes of a column to the bytes of an XML document: `decode`, byte order marks and declared encodings."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

from transforms.contract.plan import Declaration
from transforms.shred.refusal import RefusedError, place

UTF8_BOM = b"\xef\xbb\xbf"
UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
_UTF16_DECLARATIONS = ("<?".encode("utf-16-le"), "<?".encode("utf-16-be"))  # without a BOM there must be a declaration
_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_WBITS = 31  # zlib: a gzip header and trailer, with their checksum
_DECLARED = re.compile(rb"""<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._\-]*)["']""")
_UTF8_NAMES = (b"utf-8", b"utf8", b"us-ascii", b"ascii")
_WIDE_NAMES = (b"utf-16", b"utf16", b"utf-32", b"utf32", b"ucs-2", b"ucs2", b"ucs-4", b"ucs4", b"iso-10646-ucs")


@dataclass(frozen=True, slots=True)
class Source:
    """A document ready to parse: no BOM, no NUL byte. `utf8`: read as UTF-8 whatever its declaration says."""

    data: bytes
    utf8: bool


def decoded(raw: memoryview, decode: tuple[str, ...], limit: int) -> memoryview:
    """Undo what the column's owner did to the document, in the order of `decode` (gzip, utf-16).

    limit: most bytes, before and after each step. RefusedError: `limit`, or `encoding` where the bytes are otherwise.
    """
    _require_size(len(raw), limit, "as fetched")
    for step in decode:
        if not raw:
            break
        raw = memoryview(gunzip(raw, limit) if step == "gzip" else from_utf16(raw))
        _require_size(len(raw), limit, f"after {step}")
    return raw


def gunzip(raw: memoryview, limit: int) -> bytes:
    """Decompress all members of a gzip file, stopping at `limit`; zeros may follow them as padding, nothing else."""
    parts: list[bytes] = []
    data, left = bytes(raw), limit
    while data:
        if not data.startswith(_GZIP_MAGIC):
            raise RefusedError("encoding", "after the gzip data other bytes follow" if parts else "not gzip data")
        member = zlib.decompressobj(_GZIP_WBITS)
        try:
            part = member.decompress(data, left + 1)  # not a byte more than shows that the limit is passed
        except zlib.error as error:
            raise RefusedError("encoding", f"damaged gzip data: {error}") from error
        left -= len(part)
        _require_size(limit - left, limit, "decompressed so far")
        if not member.eof:
            raise RefusedError("encoding", "the gzip data end early")
        parts.append(part)
        data = member.unused_data.lstrip(b"\0")
    return b"".join(parts)


def from_utf16(raw: memoryview) -> bytes:
    """UTF-16 to UTF-8. The BOM decides the byte order; without one a first `<` does, else it is little-endian."""
    start = bytes(raw[:2])
    codec = "utf-16-be" if start == b"\0<" else "utf-16-le"
    if start in UTF16_BOMS:
        codec = "utf-16"
    try:
        return str(raw, codec).encode("utf-8")
    except UnicodeDecodeError as error:
        raise RefusedError("encoding", f"not UTF-16: {error.reason} at byte {error.start}") from error


def prepare(raw: memoryview, *, trusted: bool) -> Source:
    """Find out how the bytes are to be read.

    trusted: believe a byte order mark or a declaration of another encoding. RefusedError: `empty` or `encoding`.
    """
    utf8 = not trusted
    if trusted and bytes(raw[:4]).startswith((*UTF16_BOMS, *_UTF16_DECLARATIONS)):
        raw, utf8 = memoryview(from_utf16(raw)), True
    if raw[: len(UTF8_BOM)] == UTF8_BOM:
        raw, utf8 = raw[len(UTF8_BOM) :], True
    data = bytes(raw)
    if not data or data.isspace():
        raise RefusedError("empty", "nothing but blanks" if data else "no bytes")
    if data.startswith(UTF16_BOMS):
        raise RefusedError("encoding", "UTF-16 where UTF-8 was expected", line=1, column=1)
    if data.startswith(UTF8_BOM):  # libxml2 would skip this one, too
        raise RefusedError("not_well_formed", "a second byte order mark", line=1, column=1)
    zero = data.find(b"\0")
    if zero >= 0:
        line, column = place(data, zero)
        raise RefusedError("encoding", "a NUL byte, which XML cannot contain", line=line, column=column)
    return Source(data, utf8 or _is_utf8_declared(data))


def is_trusted(declaration: Declaration, decode: tuple[str, ...], *, text: bool) -> bool:
    """Whether what a document says of its own encoding is believed.

    Never after `utf-16`, which leaves UTF-8. AUTO: not in a text column, where the database has converted the text and
    left the declaration behind.
    """
    if "utf-16" in decode or declaration is Declaration.IGNORE:
        return False
    return declaration is Declaration.TRUST or not text or "gzip" in decode


def _is_utf8_declared(data: bytes) -> bool:
    declared = _DECLARED.match(data)
    if declared is None:
        return True
    name = declared.group(1).lower()
    if name.startswith(_WIDE_NAMES):
        line, column = place(data, declared.start(1))
        raise RefusedError("encoding", f"declares {name.decode()} but is not in it", line=line, column=column)
    return name in _UTF8_NAMES


def _require_size(size: int, limit: int, when: str) -> None:
    if size > limit:
        raise RefusedError("limit", f"{size:,} bytes {when}; the limit document_bytes is {limit:,}")
