"""The ways in which documents are broken."""

from __future__ import annotations

from random import Random

from columnar.demo.profile import Kind
from columnar.demo.values import between, pick

_NOT_WELL_FORMED = (
    b'<step id="1" id="2"/>\n',
    b'<step owner="Hart & Hart"/>\n',
    b"<step id=1/>\n",
    b"<step></stop>\n",
    b'<step if="x<y"/>\n',
    b'<step name="\x01"/>\n',
    b"<step>&nosuch;</step>\n",
    b"<!-- one -- two -->\n",
)


def broken_element(kind: Kind, rng: Random) -> bytes:
    """An element that makes its document not well-formed, or one whose prefix nobody declared."""
    return b'<zz:step id="1"/>\n' if kind is Kind.UNDECLARED_PREFIX else pick(rng, _NOT_WELL_FORMED)


def other_declaration(rng: Random) -> bytes:
    """A declaration that a database's own conversion has made untrue."""
    encoding = pick(rng, (b"utf-16", b"UTF-16", b"ISO-8859-1", b"windows-1252"))
    return b'<?xml version="1.0" encoding="%b"?>\n' % encoding


def truncated(document: bytes, rng: Random) -> bytes:
    """The first tenth to nine tenths of a document, cut between two characters."""
    end = between(rng, len(document) // 10, len(document) * 9 // 10)
    while document[end] & 0xC0 == 0x80:  # the middle of a UTF-8 character
        end -= 1
    return document[:end]
