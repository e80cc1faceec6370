"""DOCTYPE is refused before the parser sees it: entities and external subsets are never even read."""

from __future__ import annotations

import re

from transforms.shred.refusal import RefusedError, place

# What may stand before the root element or a DOCTYPE: blanks, comments, processing instructions, the XML declaration.
# Possessive (`+` behind the quantifier): nothing is remembered for going back, even of millions of comments.
_BEFORE = re.compile(rb"(?:[ \t\r\n]++|<!--(?s:.*?)-->|<\?(?s:.*?)\?>)*+")
_DOCTYPE = b"<!DOCTYPE"


def refuse_doctype(data: bytes) -> None:
    """Refuse a document, in UTF-8, whose prolog holds a document type declaration."""
    before = _BEFORE.match(data)
    offset = before.end() if before else 0
    if data.startswith(_DOCTYPE, offset):
        line, column = place(data, offset)
        raise RefusedError("doctype", "a document type declaration", line=line, column=column)
