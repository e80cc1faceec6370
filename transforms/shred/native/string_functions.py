"""XPath that looks at nothing of an element but its string value: it is evaluated once for each different one.

lxml evaluates it, at an element made up for the purpose that has this text: what it yields cannot depend on more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import pyarrow as pa
from lxml import etree

from transforms.path.model import XPath
from transforms.shred.readers import compile_xpath

# `.` and `self::*` are the element itself. Nothing here leads to another node, nor to its name or its place.
_TOKENS = re.compile(
    r"""\s*(?:
    '[^']*' | "[^"]*" | \d+(?:\.\d*)? | self\s*::\s*\* | \.(?![.\d])
    | (?:substring-before|substring-after|substring|starts-with|contains|normalize-space|translate|string-length|concat
         |string|boolean|not|true|false|number|floor|ceiling|round)\s*(?=\()
    | (?:and|or|div|mod)(?![-.\w:(])
    | <= | >= | != | [][(),=<>+-]
    )\s*""",
    re.VERBOSE,
)


def function_of(path: XPath) -> Callable[[Sequence[pa.ChunkedArray]], pa.ChunkedArray] | None:
    """From the string values of elements to what an XPath yields there; None: it looks at more."""
    at, text = 0, path.source
    while at < len(text):
        token = _TOKENS.match(text, at)
        if token is None:
            return None
        at = token.end()

    def make(parts: Sequence[pa.ChunkedArray]) -> pa.ChunkedArray:
        evaluate, element = compile_xpath(path), etree.Element("element")

        def of(values: pa.Array) -> pa.Array:
            encoded = values.dictionary_encode()
            made = []
            for value in encoded.dictionary.to_pylist():
                element.text = value
                found = evaluate(element)
                made.append(found[0] if found else None)
            return pa.array(made, pa.string()).take(encoded.indices)

        return pa.chunked_array([of(chunk) for chunk in parts[0].chunks], pa.string())

    return make
