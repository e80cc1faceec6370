"""One parse per document, by a parser of the calling thread."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from lxml import etree

from transforms.contract.plan import Declaration, Limits
from transforms.shred.decode import Source, decoded, is_trusted, prepare
from transforms.shred.failure import refusal
from transforms.shred.limits import LimitCheck
from transforms.shred.prolog import refuse_doctype
from transforms.shred.refusal import RefusedError

_thread = threading.local()  # parsers lock: threads that shared one would wait for each other


@dataclass(frozen=True, slots=True)
class DocumentParser:
    """From a document's raw bytes to its root element, or a RefusedError."""

    limits: Limits
    declaration: Declaration
    decode: tuple[str, ...]

    def parse(self, raw: memoryview | None, *, text: bool) -> tuple[etree._Element, Source]:
        """Decode, judge and parse one document. text: it comes out of a text column."""
        if raw is None:
            raise RefusedError("empty", "NULL")
        data = decoded(raw, self.decode, self.limits.document_bytes)
        source = prepare(data, trusted=is_trusted(self.declaration, self.decode, text=text))
        refuse_doctype(source.data)
        check = LimitCheck(self.limits)
        huge = check.needs_huge(source)
        try:
            root = etree.fromstring(source.data, _parser(utf8=source.utf8, huge=huge))
        except etree.XMLSyntaxError as error:
            raise refusal(error, source, new_parser(utf8=source.utf8, huge=huge)) from error
        if root.getroottree().docinfo.internalDTD is not None:
            raise RefusedError("doctype", "a document type declaration", line=1, column=1)
        check.refuse_excess(root, source, huge=huge)
        return root, source


def _parser(*, utf8: bool, huge: bool) -> etree.XMLParser:
    parsers: dict[tuple[bool, bool], etree.XMLParser] | None = getattr(_thread, "parsers", None)
    if parsers is None:
        parsers = _thread.parsers = {}
    parser = parsers.get((utf8, huge))
    if parser is None:
        parser = parsers[utf8, huge] = new_parser(utf8=utf8, huge=huge)
    return parser


def new_parser(*, utf8: bool, huge: bool) -> etree.XMLParser:
    """A parser that reads nothing but the bytes it is given. utf8: whatever the document declares.

    Comments and processing instructions stay in the tree, for `xml()` and `xpath:`; CDATA becomes text. `collect_ids`
    is off because xml:id is nothing to refuse a document for.
    """
    return etree.XMLParser(
        encoding="utf-8" if utf8 else None,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        recover=False,
        huge_tree=huge,
        collect_ids=False,
    )
