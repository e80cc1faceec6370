"""From what libxml2 says about a broken document to the coarse reasons of result.py."""

from __future__ import annotations

import codecs
import re

from lxml import etree

from transforms.shred.refusal import RefusedError

_TYPES = etree.ErrorTypes
_LIMIT = frozenset({_TYPES.ERR_RESOURCE_LIMIT, _TYPES.ERR_NAME_TOO_LONG})
_NAMESPACE = frozenset(
    {
        _TYPES.NS_ERR_XML_NAMESPACE,
        _TYPES.NS_ERR_UNDEFINED_NAMESPACE,
        _TYPES.NS_ERR_QNAME,
        _TYPES.NS_ERR_ATTRIBUTE_REDEFINED,
        _TYPES.NS_ERR_EMPTY,
        _TYPES.NS_ERR_COLON,
        _TYPES.WAR_NS_URI,
    }
)
_ENCODING = frozenset({_TYPES.ERR_INVALID_ENCODING})
# the beginnings of its messages about bytes that are no UTF-8
_BAD_BYTES = ("Input is not proper UTF-8", "Invalid bytes in character encoding", "Incomplete UTF-8 sequence")
_NEVER_TRUNCATED = frozenset({_TYPES.ERR_UNDECLARED_ENTITY, _TYPES.ERR_MISPLACED_CDATA_END})
_REFERENCE = frozenset({_TYPES.ERR_NAME_REQUIRED, _TYPES.ERR_ENTITYREF_SEMICOL_MISSING})
_ADVICE = ", use XML_PARSE_HUGE option"
_CUT_REFERENCE = re.compile(rb"""&[^\s;<>&"']*\Z""")


def refusal(error: etree.XMLSyntaxError, data: bytes, again: etree.XMLParser) -> RefusedError:
    """Say why a document could not be parsed.

    error: of the first parse. again: a new parser of the same settings; a broken document is parsed a second time, in
    push mode, which alone tells an end that comes too early from an error.
    """
    line, column = error.position
    detail = _message(error)
    code = getattr(error, "code", 0)  # lxml's type stubs lack it
    reason = _reason(code, detail, data, again)
    if reason == "truncated":
        detail = f"the document ends too early: {detail}"
    return RefusedError(reason, detail, line=max(line, 0), column=max(column, 0))


def refuse_hidden(parser: etree.XMLParser) -> None:
    """Refuse a document that lxml accepts because libxml2 had a mere warning after the error: one of namespaces."""
    if not len(parser.error_log):
        return
    for entry in parser.error_log.filter_from_errors():
        raise RefusedError("namespace", " ".join(entry.message.split()), line=entry.line, column=entry.column)


def _reason(code: int, detail: str, data: bytes, again: etree.XMLParser) -> str:
    if code in _LIMIT:
        return "limit"
    bad_bytes = code in _ENCODING or detail.startswith(_BAD_BYTES)
    if bad_bytes and not _may_go_on(data):
        return "encoding"
    bad_character = code == _TYPES.ERR_INVALID_CHAR and not bad_bytes
    if not (bad_character or code in _NEVER_TRUNCATED) and _ends_early(data, code, detail, again):
        return "truncated"
    if bad_bytes:
        return "encoding"
    return "namespace" if code in _NAMESPACE else "not_well_formed"


def _may_go_on(data: bytes) -> bool:
    """Whether the bytes are UTF-8, but for a last character that may be cut."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return False
    return True


def _ends_early(data: bytes, code: int, detail: str, parser: etree.XMLParser) -> bool:
    """Whether the document ends inside of markup or before the root element does.

    A push parser does not know yet that the document ends: what it finds wrong is wrong whatever follows. But it waits
    for four bytes before it looks at all, and for a `;` behind an `&` in text; both are looked at here.
    """
    if not data.lstrip(b" \t\r\n").startswith(b"<"):
        return False
    if code in _REFERENCE and "EntityRef" in detail and not _CUT_REFERENCE.search(data):
        return False
    try:
        parser.feed(data)
    except etree.XMLSyntaxError:
        return False
    errors = len(parser.feed_error_log.filter_from_errors())  # and warnings, which decide nothing
    try:
        parser.close()
    except etree.XMLSyntaxError:
        return not errors
    return False


def _message(error: etree.XMLSyntaxError) -> str:
    # lxml appends the position, which stands in columns of its own; some messages of libxml2 end in a line break, and
    # others in advice to its programmers.
    text = (error.msg or "not well-formed").rsplit(", line ", 1)[0].removesuffix(_ADVICE)
    return " ".join(text.split())
