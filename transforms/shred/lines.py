"""Lines of elements in documents that are too long for libxml2 to know them."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

# libxml2 keeps an element's line in 16 bits; from this line on `sourceline` is that of some text near it.
MOST_LINES = 65534

# Everything that begins with `<` in a well-formed document without DOCTYPE. The group is a start tag, in the values of
# which `>` may stand.
_MARKUP = re.compile(
    rb"""<(?:!--.*?-->|!\[CDATA\[.*?\]\]>|\?.*?\?>|/[^>]*>|([^!?/][^"'>]*+(?:(?:"[^"]*+"|'[^']*+')[^"'>]*+)*+)>)""",
    re.DOTALL,
)


def source_line(element: etree._Element) -> int:
    """The line on which the element's start tag ends; not to be trusted in documents of more than MOST_LINES lines."""
    line: Any = element.sourceline  # typed as a placeholder in lxml's stubs
    return int(line or 0)


def long_document_lines(root: etree._Element, data: bytes) -> dict[etree._Element, int]:
    """The line on which each start tag ends; nothing where `sourceline` is right anyway.

    data: the UTF-8 that was parsed.
    """
    if len(data) < MOST_LINES or data.count(b"\n") < MOST_LINES:
        return {}
    lines, line, seen = [], 1, 0
    for markup in _MARKUP.finditer(data):
        if markup.group(1) is not None:
            line += data.count(b"\n", seen, markup.end())
            seen = markup.end()
            lines.append(line)
    return dict(zip(root.iter("*"), lines, strict=True))
