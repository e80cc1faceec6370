"""One parse per document, by a parser of the calling thread."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from lxml import etree

from transforms.contract.plan import Declaration, Limits
from transforms.shred.decode import decoded, is_trusted, prepare
from transforms.shred.failure import refusal, refuse_hidden
from transforms.shred.limits import LimitCheck
from transforms.shred.prolog import refuse_doctype
from transforms.shred.refusal import RefusedError

_thread = threading.local()  # parsers lock: threads that shared one would wait for each other


@dataclass(frozen=True, slots=True)
class Source:
    """What was parsed: the document after decoding, in UTF-8 whatever it declares, without a byte order mark."""

    data: bytes


@dataclass(frozen=True, slots=True)
class DocumentParser:
    """From a document's raw bytes to its root element, or a RefusedError."""

    limits: Limits
    declaration: Declaration
    decode: tuple[str, ...]

    def parse(self, raw: memoryview | None, *, text: bool) -> tuple[etree._Element, Source]:
        """Decode, judge and parse one document: its root element, and what was parsed.

        text: it comes out of a text column.
        """
        source = self.read(raw, text=text)
        return self.tree(source), source

    def read(self, raw: memoryview | None, *, text: bool) -> Source:
        """The first half: what there is to parse."""
        if raw is None:
            raise RefusedError("empty", "NULL")
        most = self.limits.document_bytes
        trusted = is_trusted(self.declaration, self.decode, text=text)
        data = prepare(decoded(raw, self.decode, most), most, trusted=trusted)
        refuse_doctype(data)
        return Source(data)

    def tree(self, source: Source) -> etree._Element:
        """The second half: its root element."""
        data = source.data
        check = LimitCheck(self.limits)
        huge = check.needs_huge(data)
        parser = _parser(huge=huge)
        try:
            root = etree.fromstring(data, parser)
        except etree.XMLSyntaxError as error:
            raise refusal(error, data, new_parser(huge=huge)) from error
        refuse_hidden(parser)
        if root.getroottree().docinfo.internalDTD is not None:
            raise RefusedError("doctype", "a document type declaration", line=1, column=1)
        check.refuse_excess(root, data, huge=huge)
        return root


def _parser(*, huge: bool) -> etree.XMLParser:
    parsers: dict[bool, etree.XMLParser] | None = getattr(_thread, "parsers", None)
    if parsers is None:
        parsers = _thread.parsers = {}
    parser = parsers.get(huge)
    if parser is None:
        parser = parsers[huge] = new_parser(huge=huge)
    return parser


def new_parser(*, huge: bool) -> etree.XMLParser:
    """A parser that reads nothing but the bytes it is given, as UTF-8 whatever they declare.

    Comments and processing instructions stay in the tree, for `xml()` and `xpath:`; CDATA becomes text. `collect_ids`
    is off because xml:id is nothing to refuse a document for.
    """
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        recover=False,
        huge_tree=huge,
        collect_ids=False,
    )
