"""From the bytes of a column to the bytes of an XML document: `decode`, byte order marks and declared encodings."""

from __future__ import annotations

import codecs
import re
import zlib

from transforms.contract.plan import Declaration
from transforms.shred.refusal import RefusedError, place

UTF8_BOM = b"\xef\xbb\xbf"
UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
_UTF16_DECLARATIONS = ("<?".encode("utf-16-le"), "<?".encode("utf-16-be"))  # without a BOM there must be a declaration
_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_WBITS = 31  # zlib: a gzip header and trailer, with their checksum
_DECLARED = re.compile(rb"""<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._\-]*)["']""")
_UTF8_NAMES = ("utf-8", "utf8")
_WIDE_NAMES = ("utf-16", "utf16", "utf-32", "utf32", "ucs-2", "ucs2", "ucs-4", "ucs4", "iso-10646-ucs")
# codecs of Python that are ways of writing, not character sets; UTF-7 could write any markup in disguise
_NO_CHARACTER_SETS = frozenset({"idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined", "utf-7"})


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


def gunzip(raw: memoryview, limit: int) -> bytearray:
    """Decompress all members of a gzip file, stopping at `limit`; zeros may follow them as padding, nothing else."""
    found = bytearray()
    at = 0
    while at < len(raw):
        if raw[at : at + len(_GZIP_MAGIC)] == _GZIP_MAGIC:
            at = _gunzip_member(raw, at, limit, found)
        elif at and not bytes(raw[at:]).strip(b"\0"):
            break
        else:
            raise RefusedError("encoding", "after the gzip data other bytes follow" if at else "not gzip data")
    return found


def _gunzip_member(raw: memoryview, at: int, limit: int, found: bytearray) -> int:
    """Append to `found` what the member at `at` holds; where it ends."""
    member = zlib.decompressobj(_GZIP_WBITS)
    size = 1024  # growing: what is given beyond the member's end is copied, and there may be millions of members
    while not member.eof:
        piece = raw[at : at + size]
        if not piece:
            raise RefusedError("encoding", "the gzip data end early")
        try:
            # not a byte more than shows that the limit is passed
            part = member.decompress(piece, limit - len(found) + 1)
        except zlib.error as error:
            raise RefusedError("encoding", f"damaged gzip data: {error}") from error
        found += part
        _require_size(len(found), limit, "decompressed so far")
        at, size = at + len(piece), min(size * 2, 1 << 20)
    return at - len(member.unused_data)


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


def prepare(raw: memoryview, limit: int, *, trusted: bool) -> bytes:
    """The document in UTF-8, to be read as such whatever it declares: no byte order mark, no NUL byte, not empty.

    A byte order mark decides how the bytes are read; without one the declaration, if trusted; else they are UTF-8.
    limit: most bytes. RefusedError: `empty`, `encoding`, `limit`, or `not_well_formed` for a second byte order mark.
    """
    start = bytes(raw[:4])
    if start.startswith(UTF16_BOMS) or (trusted and start in _UTF16_DECLARATIONS):
        raw = memoryview(from_utf16(raw))
    elif trusted and not start.startswith(UTF8_BOM):
        raw = _from_declared(raw)
    data = bytes(raw[len(UTF8_BOM) :] if raw[: len(UTF8_BOM)] == UTF8_BOM else raw)
    _require_size(len(data), limit, "as UTF-8")
    if not data or data.isspace():
        raise RefusedError("empty", "nothing but blanks" if data else "no bytes")
    if data.startswith(UTF8_BOM):  # libxml2 would skip this one, too
        raise RefusedError("not_well_formed", "a second byte order mark", line=1, column=1)
    zero = data.find(b"\0")
    if zero >= 0:
        line, column = place(data, zero)
        raise RefusedError("encoding", "a NUL byte, which XML cannot contain", line=line, column=column)
    return data


def is_trusted(declaration: Declaration, decode: tuple[str, ...], *, text: bool) -> bool:
    """Whether what a document says of its own encoding is believed.

    Never after `utf-16`, which leaves UTF-8. AUTO: not in a text column, where the database has converted the text and
    left the declaration behind.
    """
    if "utf-16" in decode or declaration is Declaration.IGNORE:
        return False
    return declaration is Declaration.TRUST or not text or "gzip" in decode


def _from_declared(raw: memoryview) -> memoryview:
    """What the declaration says, to UTF-8. Bytes in which it can be read are in no encoding of wider units."""
    declared = _DECLARED.match(raw)
    if declared is None:
        return raw
    name, column = declared.group(1).decode(), declared.start(1) + 1
    if name.lower() in _UTF8_NAMES:
        return raw
    if name.lower().startswith(_WIDE_NAMES):
        raise RefusedError("encoding", f"declares {name} but is not in it", line=1, column=column)
    try:
        codec = codecs.lookup(name).name
        text = None if codec in _NO_CHARACTER_SETS else str(raw, codec)
    except LookupError:
        text = None
    except UnicodeDecodeError as error:
        line, column = place(bytes(raw), error.start)
        raise RefusedError("encoding", f"not {name}: {error.reason}", line=line, column=column) from error
    if text is None:
        raise RefusedError("encoding", f"declares {name}, which is not known", line=1, column=column)
    return memoryview(text.encode("utf-8"))


def _require_size(size: int, limit: int, when: str) -> None:
    if size > limit:
        raise RefusedError("limit", f"{size:,} bytes {when}; {the_limit(limit)}")


def the_limit(document_bytes: int) -> str:
    """How a refusal names the limit on a document's size."""
    return f"the limit document.limits.bytes is {document_bytes:,}"
