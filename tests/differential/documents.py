"""Made-up documents with all that makes reading XML hard; some well-formed, some just not."""

from __future__ import annotations

from random import Random

from tests.differential.vocabulary import ATTRIBUTES, LOCALS, URIS


def pieces(written: str) -> tuple[str, ...]:
    """What is written one behind the other, with `|` in between."""
    return tuple(written.split("|"))


_TEXTS = pieces(
    "x|x|x|y|xx|1| |\n|\t x\n|x\ny|it's|a > b|\"|é|😀|\xa0|\u2028|&lt;|&gt;|&amp;|&apos;|&quot;|&#65;|&#x1F600;|"
    "&#xe9;|&#13;|&#10;|&#x9;|&#0065;|x&amp;&lt;>|\r\n|\r|x\r\ny|\r\r\n|]]&gt;|]]|]>|\x7f|\x85|�|\ud7ff|"
    "\U0010ffff"
)
_MARKUP = pieces(
    "<![CDATA[x]]>|<![CDATA[]]>|<![CDATA[<a k='x'>&amp;]]>|<![CDATA[x\r\ny]]>|<![CDATA[]]]]>|<![CDATA[]>]]>|"
    "<!--c-->|<!-- <a> & ]]> -->|<!---->|<!-- - - -->|<!--\r\n-->|<!--é-->|<?pi?>|<?pi <a> & ?>|<?pi ??>|"
    "<?xml-style x='y'?>|<?é\n?>|<?pi\r\nx?>"
)
_VALUES = pieces(
    "\"x\"|'x'|'y'|\"\"|''|' x '|'1'|'xx'|'x&amp;&lt;>'|'\"'|\"it's\"|\"é😀\"|\"it&apos;s\"|'&#10;&#9;&#13;'|"
    "'a\tb\nc\r\nd\re'|'x\ny'|'x&#10;y'|'&quot;&gt;'|'&#x1F600;'|\"]]>\"|'-->'|'/>'"
)
_SPACES = (" ", " ", " ", "\n  ", "\t", "\r\n", "\r", "  ")
_AROUND = ("", "", "", "\n", " \t\r\n", "<!-- c\n -->", "<?pi x?>\r\n", "<!----><?p?>")
_DECLARATIONS = pieces(
    '<?xml version=\'1.0\'?>|<?xml version="1.0" encoding="UTF-8"?>\n|'
    '<?xml version="1.0" encoding="utf-8" standalone="yes"?>|<?xml version=\'1.0\' standalone=\'no\' ?>|'
    "<?xml version='1.1'?>|<?xml\tversion = '1.0'\r\nencoding\n=\n'UTF-8'\n?>"
)

# What makes a document something else than well-formed, or nearly.
_ODD_CONTENT = pieces(
    "]]>|<![CDATA[x]]>]]>|&|&amp|&x;|&#;|&#x;|&#0;|&#xD800;|&#xFFFE;|&#x110000;|&#1;|&#99999999999;|"
    "&#x00000000041;|& amp;|&amp ;|&AMP;|&#X41;|&a.b;|&é;|&1;|&#-1;|&lt|&;|<|< a/>|<1/>|</>|<a|<a/ >|<a//>|"
    "</b x='1'>|<b></b\n>|<a:b:c/>|<:a/>|<a:/>|<zz:b/>|<-a/>|<a·/>|<!-- -- -->|<!--->|<!-->|<!--x--->|<!--x|"
    "<!- x -->|<!x>|<!ELEMENT a ANY>|<!DOCTYPE a>|<![cdata[x]]>|<![CDATA [x]]>|<?xml?>|<?XML x?>|"
    "<?xMl version='1.0'?>|<?xml version='1.0'?>|<??>|<? x?>|<?p:i?>|<?pi|<?1?>|<?xml:x?>|<?pi>|<?p?x?>|\x00|"
    "\x01|\x0b|\x1f|\ufffe|\uffff|\ufeff|\x7f"
)
_ODD_ATTRIBUTES = pieces(
    " k='1' k='1'| k='<'| k=x| k| k=| k='x| k='&'| k='&x;'| k='&#0;'| 'x'|k='1'| k='1'a='2'| k = '1'|"
    " k\n=\r\n'x'| zz:k='1'| :k='1'| k:='1'| p:q:k='1'| xmlns:p=''| xmlns=''| xmlns:xml='urn:x'|"
    " xmlns:p='http://www.w3.org/XML/1998/namespace'| xmlns:xml='http://www.w3.org/XML/1998/namespace'|"
    " xmlns:xmlns='urn:x'| xmlns='http://www.w3.org/2000/xmlns/'| xmlns:p='http://www.w3.org/2000/xmlns/'|"
    " xmlns='http://www.w3.org/XML/1998/namespace'| xmlns:='urn:x'| xmlns:p='urn:one' xmlns:p='urn:two'|"
    " xmlns='urn:one' xmlns='urn:one'| xmlns:p='urn:one' xmlns:q='urn:one' p:k='' q:k=''|"
    " xmlns:p='urn:one' k='1' p:k='2'| xmlns:p='relative'| xmlns:p='a b'| xmlns:p='%zz'| xmlns='#'|"
    " xmlns:p='http://[x'| xmlns:p='é'| xmlns:p='&#32;urn:one'| xmlns:p='urn:&#111;ne' p:k='x'|"
    " xmlns:p=' urn:one'| xmlns:1='u'| xmlns:p:q='u'| xml:lang='en'| xml:lang='é'| xml:space='odd'| xml:id='1'|"
    " xml:k='x'| k='\r'| k='\t'| k='\x01'| k='\ufffe'| é='x'| ·k='x'"
)
_ODD_AROUND = pieces(
    "x|&#32;|<![CDATA[]]>|<a/>|</a>|\x00|\ufeff|&amp;|<|<!DOCTYPE a>|<!DOCTYPE a [<!ENTITY x 'y'>]>|<!DOCT|\x85"
)
_ODD_DECLARATIONS = pieces(
    " <?xml version='1.0'?>|<?xml?>|<?xml version='1.0'>|<?xml version=1.0?>|<?xml version='2.0'?>|"
    "<?xml version='1.'?>|<?xml version='1.01'?>|<?xml version='1.0' encoding='utf-16'?>|"
    "<?xml version='1.0' encoding='ISO-8859-1'?>|<?xml version='1.0' encoding='no such'?>|"
    "<?xml encoding='UTF-8'?>|<?xml version='1.0' standalone='maybe'?>|"
    "<?xml version='1.0' standalone='yes' encoding='UTF-8'?>|<?xml version='1.0'encoding='UTF-8'?>|"
    "<?xml version='1.0' x='y'?>|<?xml version='1.0\"?>|<?xml version='1.0' version='1.0'?>|"
    "<?XML version='1.0'?>|<?xml version='1.0' encoding=''?>|<?xml version=''?>|<?xml  version='1.0'  ?>|"
    "<?xml version='1.0' ?|<?xml version='1.0'??>|<?xml version='1.0' encoding='8'?>|<?xml version='&#49;.0'?>|"
    "<?xml\nversion='1.0'\r?>|<?xmlversion='1.0'?>"
)
_BROKEN_BYTES = (
    b"\xff|\xc0\x80|\xc1\xbf|\xe0\x80\x80|\xed\xa0\x80|\xed\xbf\xbf|\xf4\x90\x80\x80|\xf8\x88\x80\x80\x80|\x80|"
    b"\xbf|\xc3|\xe2\x82|\xf0\x9f\x98|\xef\xbf\xbe|\xef\xbf\xbf|\x00|\xef\xbb\xbf|\xe9|\xfe\xff|\xff\xfe"
).split(b"|")


def well_formed(random: Random) -> str:
    """A document that is well-formed, with or without a declaration."""
    head = random.choice(_DECLARATIONS) if random.randrange(3) == 0 else ""
    return head + random.choice(_AROUND) + _Element(random, 0).root() + random.choice(_AROUND)


def odd(random: Random) -> str:
    """A document with one to three things in it that are seldom right."""
    places = random.choice((("content",), ("attributes",), ("content", "attributes"), ("head",), ("around",)))
    head = random.choice(_DECLARATIONS) if random.randrange(4) == 0 else ""
    if "head" in places:
        head = random.choice(_ODD_DECLARATIONS)
    before, after = random.choice(_AROUND), random.choice(_AROUND)
    if "around" in places:
        what = random.choice(_ODD_AROUND)
        before, after = (before + what, after) if random.randrange(2) else (before, after + what)
    return head + before + _Element(random, random.randint(1, 3), places).root() + after


def as_bytes(random: Random, document: str) -> bytes:
    """The document as it may be stored: mostly UTF-8, with and without a byte order mark; now and then damaged."""
    kind = random.randrange(40)
    if kind == 0:
        return document.encode("utf-16", "surrogatepass")
    if kind == 1 and document.startswith("<?xml"):
        return document.encode("latin-1", "replace")
    data = document.encode("utf-8", "surrogatepass")
    if kind < 8:
        data = b"\xef\xbb\xbf" + data
    if kind in (8, 9):
        at = random.randint(0, len(data))
        data = data[:at] + random.choice(_BROKEN_BYTES) + data[at:]
    if kind in (10, 11):
        data = data[: random.randint(0, len(data))]
    return data


def stored(random: Random) -> bytes | None:
    """A document of any kind as bytes; seldom NULL or nothing."""
    kind = random.randrange(60)
    if kind == 0:
        return random.choice((None, b"", b" \r\n", b"\xef\xbb\xbf", b"x", b"{}", b"<", b"\xef\xbb", b"\xff\xfe"))
    return as_bytes(random, odd(random) if kind < 18 else well_formed(random))


class _Element:
    """Writes elements inside each other. oddities: how many odd things are still to come."""

    def __init__(self, random: Random, oddities: int, places: tuple[str, ...] = ()) -> None:
        self._random = random
        self._oddities = oddities
        self._places = places

    def root(self) -> str:
        return self._element("", {}, self._random.choice((1, 2, 3, 4, 4, 5)))

    def _odd(self, place: str, choices: tuple[str, ...]) -> str:
        if self._oddities and place in self._places and self._random.randrange(3) == 0:
            self._oddities -= 1
            return self._random.choice(choices)
        return ""

    def _element(self, around: str, scope: dict[str, str], depth: int) -> str:
        """One element; prefixes are bound anew at random, and `scope` is what holds around it."""
        random = self._random
        uri = around if random.randrange(3) else random.choice(URIS)
        declared: dict[str, str] = {}
        if random.randrange(4) == 0:
            declared[random.choice(("", "p", "q", "é"))] = random.choice(URIS[3:])
        inside = {**scope, **declared}
        tag = self._prefix(uri, inside, declared, attribute=False) + random.choice(LOCALS)
        attributes = self._attributes(inside, declared)
        written = [f"xmlns:{prefix}='{bound}'" if prefix else f'xmlns="{bound}"' for prefix, bound in declared.items()]
        written += attributes
        random.shuffle(written)
        start = tag + "".join(random.choice(_SPACES) + each for each in written)
        start += self._odd("attributes", _ODD_ATTRIBUTES) + random.choice(("", "", "", " ", "\n"))
        content = self._content(uri, {**scope, **declared}, depth)
        if not content and random.randrange(2):
            return f"<{start}/>"
        end = tag + random.choice(("", "", "", " ", "\r\n"))
        return f"<{start}>{content}</{end}>"

    def _attributes(self, inside: dict[str, str], declared: dict[str, str]) -> list[str]:
        random, names, written = self._random, set(), []
        for _ in range(random.choice((0, 1, 1, 2, 3))):
            uri, local = random.choice(URIS), random.choice(ATTRIBUTES)
            if random.randrange(12) == 0:
                uri, local = "xml", random.choice(("lang", "space", "base"))
            if (uri, local) not in names:
                names.add((uri, local))
                prefix = self._prefix(uri, inside, declared, attribute=True)
                equals = random.choice(("=", "=", "=", " = ", "\n=\t"))
                written.append(f"{prefix}{local}{equals}{random.choice(_VALUES)}")
        return written

    def _prefix(self, uri: str, inside: dict[str, str], declared: dict[str, str], *, attribute: bool) -> str:
        """A prefix bound to the URI, with its colon; declared where there is none."""
        if uri == "xml":
            return "xml:"
        if uri == "":
            if not attribute and inside.get(""):
                declared[""] = inside[""] = ""
            return ""
        bound = [prefix for prefix, there in inside.items() if there == uri and (prefix or not attribute)]
        if bound:
            prefix = self._random.choice(bound)
        else:
            prefix = "one" if uri == "urn:one" else "two"
            declared[prefix] = inside[prefix] = uri
        return f"{prefix}:" if prefix else ""

    def _content(self, uri: str, scope: dict[str, str], depth: int) -> str:
        random, pieces = self._random, []
        for _ in range(random.choice((0, 1, 2, 3, 4, 6)) if depth > 1 else random.choice((0, 0, 1, 2))):
            kind = random.randrange(10)
            if kind < 5 and depth > 1:
                pieces.append(self._element(uri, scope, depth - 1))
            else:
                pieces.append(random.choice(_TEXTS if kind < 8 else _MARKUP))
            pieces.append(self._odd("content", _ODD_CONTENT))
        return "".join(pieces)
