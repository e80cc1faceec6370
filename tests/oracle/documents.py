"""Hypothesis strategies: small random documents with all that makes reading XML hard."""

from __future__ import annotations

from hypothesis import strategies as st

Name = tuple[str, str]  # URI ("": none), local name

URIS = ("", "urn:one", "urn:two")
LOCALS = ("a", "b", "c")
ATTRIBUTES = ("k", "a", "id")

_PREFIXES = {"urn:one": "one", "urn:two": "two"}  # declared where no drawn prefix is bound to the URI
# Raw markup between tags: text of every kind, and what must never cut a text in two.
_TEXT = (
    "x",
    "x",
    "x",
    "y",
    "1",
    " ",
    "\n",
    "\t x\n",
    "&lt;",
    "&#65;&#x1F600;",
    "é",
    "😀",
    "x&amp;y&quot;",
    "]]&gt;",
    "\r\n",
    "'",
)
_MARKUP = (
    "<![CDATA[x]]>",
    "<![CDATA[]]>",
    "<![CDATA[<a k='x'>&]]>",
    "<!--c-->",
    "<!-- <a/> -->",
    "<!---->",
    "<?pi?>",
    "<?pi <a> ?>",
)
_VALUES = ('"x"', "'x'", "'y'", '""', "' x '", "'x&amp;&lt;>'", "'&#10;&#9;'", "'a\tb\n'", "'\"'", '"é😀"', '"1"')
_SPACE = (" ", " ", " ", "\n  ", "\t", "\n")


@st.composite
def _element(draw: st.DrawFn, name: Name, scope: dict[str, str], depth: int) -> str:
    """The markup of one element; prefixes are bound anew at random, and `scope` is what holds around it."""
    declared = draw(st.dictionaries(st.sampled_from(("", "p", "q")), st.sampled_from(URIS[1:]), max_size=1))
    uri, local = name
    attributes: list[str] = []
    for attribute_uri, attribute in draw(st.lists(_attribute_names, max_size=3, unique=True)):
        prefix = _prefix(attribute_uri, {**scope, **declared}, declared, attribute=True)
        attributes.append(f"{prefix}{attribute}={draw(st.sampled_from(_VALUES))}")
    tag = _prefix(uri, {**scope, **declared}, declared, attribute=False) + local
    attributes += [f"xmlns:{prefix}='{bound}'" if prefix else f'xmlns="{bound}"' for prefix, bound in declared.items()]
    spaced = "".join(draw(st.sampled_from(_SPACE)) + attribute for attribute in draw(st.permutations(attributes)))
    end = draw(st.sampled_from(("", "", " ", "\n")))
    content = draw(_content(uri, {**scope, **declared}, depth))
    if not content and draw(st.booleans()):
        return f"<{tag}{spaced}{end}/>"
    return f"<{tag}{spaced}{end}>{content}</{tag}{end}>"


_attribute_names = st.one_of(
    st.tuples(st.sampled_from(("", "", *URIS)), st.sampled_from(ATTRIBUTES)),
    st.just(("xml", "lang")),
)


def _prefix(uri: str, scope: dict[str, str], declared: dict[str, str], *, attribute: bool) -> str:
    """A prefix bound to the URI, with its colon; declared when there is none."""
    if uri == "xml":
        return "xml:"
    if uri == "":
        if not attribute and scope.get(""):
            declared[""] = ""
        return ""
    bound = [prefix for prefix, there in scope.items() if there == uri and (prefix or not attribute)]
    prefix = bound[-1] if bound else _PREFIXES[uri]
    if not bound:
        declared[prefix] = uri
    return f"{prefix}:" if prefix else ""


@st.composite
def _content(draw: st.DrawFn, uri: str, scope: dict[str, str], depth: int) -> str:
    pieces = []
    kinds = (
        st.lists(st.sampled_from("eetem"), min_size=1, max_size=6)
        if depth > 1
        else st.lists(st.sampled_from("tm"), max_size=2)
    )
    for kind in draw(kinds):
        if kind == "e":
            name = draw(st.tuples(st.sampled_from((uri, uri, uri, uri, *URIS)), st.sampled_from(("b", "b", *LOCALS))))
            pieces.append(draw(_element(name, scope, depth - 1)))
        else:
            pieces.append(draw(st.sampled_from(_TEXT if kind == "t" else _MARKUP)))
    return "".join(pieces)


@st.composite
def documents(draw: st.DrawFn, root: Name) -> str:
    """A well-formed document, most of the time with that root element, sometimes with comments around it."""
    if draw(st.integers(0, 15)) == 7:  # not 0, which Hypothesis prefers
        root = draw(st.tuples(st.sampled_from(URIS), st.sampled_from(LOCALS)))
    around = st.sampled_from(("", "", "", "\n", "<!-- c\n -->", "<?pi x?>\n"))
    return draw(around) + draw(_element(root, {}, draw(st.integers(2, 5)))) + draw(around)


@st.composite
def broken(draw: st.DrawFn, document: str) -> str | None:
    """A document of which most are not well-formed; a few still are, and then must be read."""
    cut = draw(st.integers(0, len(document)))
    doctype = "<!DOCTYPE a [<!ENTITY e 'x'>]>" if draw(st.booleans()) else '<!DOCTYPE a SYSTEM "none.dtd">'
    ways = (
        document[:cut],
        document[cut:],
        document[:cut] + draw(st.sampled_from("<>&\0'\"/x\x01\ufffe")) + document[cut:],
        document.replace("xmlns:", "xmlnz:", 1),
        document.replace("</", "</x", 1),
        document + document,
        doctype + document,
        draw(st.sampled_from((None, "", " \n", "\ufeff", "x", "{}"))),
    )
    return draw(st.sampled_from(ways))


@st.composite
def encoded(draw: st.DrawFn, document: str) -> bytes:
    """A document as bytes, in an encoding that a reader must recognise by its mark or its true declaration."""
    encoding = draw(st.sampled_from(("utf-8", "utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "ascii")))
    declared = encoding.removesuffix("-sig")
    if draw(st.booleans()) or encoding in ("iso-8859-1", "ascii"):
        document = f'<?xml version="1.0" encoding="{declared.upper()}"?>{document}'
    if encoding in ("iso-8859-1", "ascii"):
        document = "".join(char if ord(char) < 128 else "?" for char in document)
        document = document.replace("y", "é" if encoding == "iso-8859-1" else "y")
    return document.encode(encoding)
