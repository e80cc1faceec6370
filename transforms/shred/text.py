"""The text of an element, in the ways a path can ask for it."""

from __future__ import annotations

from lxml import etree


def own_text(element: etree._Element) -> str:
    """The element's own text, joined over the comments, processing instructions and elements in between."""
    # `.text` ends at the first of them; each carries the text behind it as its tail. CDATA is text already.
    text = element.text or ""
    return text + "".join([child.tail or "" for child in element]) if len(element) else text


def string_value(element: etree._Element) -> str:
    """All text in the element, XPath's string(): without comments and processing instructions."""
    if not len(element):
        return element.text or ""
    return etree.tostring(element, method="text", encoding="unicode", with_tail=False)


def xml_text(element: etree._Element) -> str:
    """The element as XML of its own: the namespaces it stands in are declared on it; the text behind it is left out."""
    return etree.tostring(element, encoding="unicode", with_tail=False)
