"""One document as the oracle sees it: refused by Expat, or a tree with the line of every start tag."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from xml.parsers import expat

from lxml import etree

_DECLARED = re.compile(r"""<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._\-]+)["']""")
_START_TAG = re.compile(rb"""<(?:[^>"']|"[^"]*"|'[^']*')*>""")

BROKEN = "broken"  # not_well_formed, truncated, encoding, limit, namespace, empty: one family here
DOCTYPE = "doctype"


@dataclass(frozen=True)
class Tree:
    """A parsed document: its root, its elements in document order, and for each the line its start tag ends on."""

    root: etree._Element
    elements: list[etree._Element]
    lines: list[int]


def read_document(document: str | bytes | None, *, declaration: str = "auto") -> Tree | str:
    """The document's tree, or BROKEN or DOCTYPE. `auto`: a declaration is believed in bytes only."""
    try:
        data = _text(document, trust=declaration == "trust" or (declaration == "auto" and isinstance(document, bytes)))
    except (UnicodeError, LookupError):
        return BROKEN
    lines: list[int] = []
    doctypes: list[str] = []
    at = line = 1
    parser = expat.ParserCreate("utf-8", " ")  # a separator: namespaces are checked, too

    def start(_name: str, _attributes: dict[str, str]) -> None:
        nonlocal at, line
        tag = _START_TAG.match(data, parser.CurrentByteIndex)
        assert tag is not None
        line += data.count(b"\n", at - 1, tag.end() - 1)
        at = tag.end()
        lines.append(line)

    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = lambda name, *_: doctypes.append(name)
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        return DOCTYPE if doctypes else BROKEN
    if doctypes:
        return DOCTYPE
    try:
        root = etree.fromstring(data, _parser())
    except etree.XMLSyntaxError:
        return (
            BROKEN  # Expat does not ask whether a namespace's name is a URI, nor which version the declaration states
        )
    elements = list(root.iter(etree.Element))
    assert len(elements) == len(lines), "Expat and libxml2 see different elements"
    return Tree(root, elements, lines)


def _parser() -> etree.XMLParser:
    # collect_ids: whether an xml:id is a good one is not a question of being well-formed.
    return etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, huge_tree=True, collect_ids=False)


def _text(document: str | bytes | None, *, trust: bool) -> bytes:
    """The document in UTF-8 without a byte order mark: the mark decides, then a trusted declaration, then UTF-8."""
    if document is None:
        return b""
    if isinstance(document, bytes):
        if document.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            document = document.decode("utf-16")
        else:
            declared = _DECLARED.match(document[:200].decode("latin-1").removeprefix("ï»¿")) if trust else None
            document = document.decode(declared[1] if declared else "utf-8")
    text = document.removeprefix("\ufeff")
    if text.startswith("\ufeff"):
        raise UnicodeError("a second byte order mark is a character before the root; Expat would skip it")
    return text.encode("utf-8")
