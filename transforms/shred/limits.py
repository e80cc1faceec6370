"""Limits on one document: exact, and nearly free for documents that are nowhere near them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lxml import etree

from transforms.contract.plan import Limits
from transforms.shred.lines import source_line
from transforms.shred.refusal import RefusedError

# What libxml2 2.14 refuses without XML_PARSE_HUGE (include/libxml/parserInternals.h), and the depth it refuses with it.
LIBXML2_DEPTH = 256
LIBXML2_DEPTH_HUGE = 2048
LIBXML2_TEXT_BYTES = 10_000_000
LIBXML2_NAME_BYTES = 50_000
_MARGIN = 4096  # libxml2 counts a value's buffer, which is a little larger than the value

_SHORTEST_ATTRIBUTE = len(' a=""')
_LEVELS = 64  # of elements that one XPath expression goes down


@dataclass(frozen=True, slots=True)
class LimitCheck:
    """Judges documents by `limits`."""

    limits: Limits

    def needs_huge(self, data: bytes) -> bool:
        """Whether libxml2's own limits, which are not exactly ours, could interfere and must be lifted."""
        limits = self.limits
        return (
            len(data) + _MARGIN > LIBXML2_TEXT_BYTES
            or limits.depth > LIBXML2_DEPTH
            or limits.name_bytes > LIBXML2_NAME_BYTES
        )

    def refuse_excess(self, root: etree._Element, data: bytes, *, huge: bool) -> None:
        """Refuse a parsed document that passes a limit. Each is looked at only where the bytes make it possible."""
        limits = self.limits
        if (huge or limits.depth != LIBXML2_DEPTH) and _is_deeper(root, limits.depth):
            raise RefusedError("limit", f"elements deeper than {limits.depth}")
        if _has_run(data, limits.attributes * _SHORTEST_ATTRIBUTE, (b"<",)):
            _refuse_attributes(root, limits.attributes)
        if _has_run(data, limits.name_bytes, (b"<", b'"', b" ", b"'")):
            _refuse_names(root, limits.name_bytes)
        if len(data) > limits.text_bytes:
            _refuse_texts(root, limits.text_bytes)


def _has_run(data: bytes, length: int, breaks: tuple[bytes, ...]) -> bool:
    """Whether more than `length` bytes in a row may be free of all `breaks`: never False wrongly.

    Such a run covers a whole window of half its length, wherever it begins; so it is enough that every window holds a
    break, and most searches end after a few bytes.
    """
    if len(data) <= length:
        return False
    window = max(length // 2, 1)
    for start in range(0, len(data) - window + 1, window):
        for mark in breaks:
            if data.find(mark, start, start + window) >= 0:
                break
        else:
            return True
    return False


def _nodes(element: etree._Element, path: str) -> Any:  # lxml types a result as everything an XPath could yield
    return element.xpath(path)


def _is_deeper(root: etree._Element, depth: int) -> bool:
    elements, left = [root], depth
    while left and elements:
        levels = min(left, _LEVELS)
        path = "/".join("*" * levels)
        elements = [found for element in elements for found in _nodes(element, path)]
        left -= levels
    return bool(elements)


def _refuse_attributes(root: etree._Element, most: int) -> None:
    for element in _nodes(root, f"(//*[@*[{most + 1}]])[1]"):
        raise RefusedError("limit", f"{len(element.attrib):,} attributes on one element", line=source_line(element))


def _refuse_names(root: etree._Element, most: int) -> None:
    # XPath counts characters, of at most four bytes; the bytes are counted here.
    test = f"[string-length(name()) > {most // 4}]"
    for element in _nodes(root, f"//*{test} | //*[@*{test}]"):
        for name in (element.tag, *element.attrib):
            size = len(_qualified(element, str(name)).encode())
            if size > most:
                raise RefusedError("limit", f"a name of {size:,} bytes", line=source_line(element))


def _qualified(element: etree._Element, name: str) -> str:
    """The name with its prefix, as it was written, or the nearest to it: several prefixes may stand for one URI."""
    uri, _, local = name.removeprefix("{").rpartition("}")
    if not uri:
        return local
    prefixes = [prefix for prefix, known in element.nsmap.items() if known == uri and prefix]
    prefix = element.prefix if name == element.tag else max(prefixes, key=len, default="xml")
    return f"{prefix}:{local}" if prefix else local


def _refuse_texts(root: etree._Element, most: int) -> None:
    test = f"[string-length() > {most // 4}]"
    for value in _nodes(root, f"//text(){test} | //@*{test}"):
        size = len(value.encode())
        if size > most:
            line = source_line(value.getparent())
            raise RefusedError("limit", f"a text of {size:,} bytes", line=line)
