"""The escape hatch: `xpath:` columns, XPath 1.0 as lxml runs it."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from transforms.errors import PathError
from transforms.path.model import XPath


def parse_xpath(text: str, namespaces: Mapping[str, str]) -> XPath:
    """Check an XPath 1.0 expression and keep it with the prefixes it may use. Raises PathError.

    XPath 1.0 has no default namespace: the empty prefix of `namespaces` does not reach it. An undeclared prefix shows
    only where a document is evaluated, so the expression is tried on an empty one.
    """
    prefixes = tuple(sorted((prefix, uri) for prefix, uri in namespaces.items() if prefix))
    try:
        compiled = etree.XPath(text, namespaces=dict(prefixes), smart_strings=False, regexp=False)
        compiled(etree.Element("probe"))
    except (etree.XPathError, ValueError) as error:
        raise PathError(f"{text!r} is not XPath 1.0: {error}", expected="an XPath 1.0 expression") from error
    return XPath(text, prefixes)
