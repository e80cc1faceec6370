"""The W3C XML Conformance Test Suite, read from its unmodified zip in memory."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zipfile import ZipFile

import pytest
from lxml import etree

ARCHIVE = Path(__file__).resolve().parents[3] / "shared" / "corpora" / "w3c-xmlconf" / "xmlts20130923.zip"
_TOP = "xmlconf/"
_INCLUDED = re.compile(rb'<!ENTITY\s+(\S+)\s+SYSTEM\s+"([^"]+\.xml)">')
_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_XML_10_FIFTH = "5"


@dataclass(frozen=True)
class Case:
    """One case of the suite.

    kind: valid, invalid, not-wf or error. recommendation: XML1.0, XML1.1, NS1.0, …; editions: of XML 1.0, '' for all;
    namespaces: whether the case is meant for processors with namespaces. data: the document's bytes.
    """

    path: str
    id: str
    kind: str
    recommendation: str
    editions: str
    namespaces: bool
    data: bytes

    @property
    def accepted(self) -> bool | None:
        """Whether a processor that does not validate accepts it; None: it may do either."""
        return {"valid": True, "invalid": True, "not-wf": False}.get(self.kind)

    @property
    def is_of_fifth_edition(self) -> bool:
        """Whether it is about XML 1.0 as its fifth edition has it."""
        return not self.editions or _XML_10_FIFTH in self.editions.split()


@cache
def cases() -> tuple[Case, ...]:
    """All cases, in the suite's order; skips the test where the zip is not there."""
    if not ARCHIVE.exists():
        pytest.skip(f"needs {ARCHIVE}, which stands beside the project and is not part of it")
    with ZipFile(ARCHIVE) as archive:
        files = {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}
    main = files[f"{_TOP}xmlconf.xml"]
    included = {name.decode(): path.decode() for name, path in _INCLUDED.findall(main)}
    found: list[Case] = []
    for base, body in re.findall(rb'<TESTCASES[^>]*?xml:base="([^"]*)"[^>]*>(.*?)</TESTCASES>', main, re.DOTALL):
        for name in re.findall(r"&([^;\s]+);", body.decode()):
            found += _cases_of(files, f"{_TOP}{included[name]}", _TOP + base.decode())
    return tuple(found)


def _cases_of(files: dict[str, bytes], listed: str, base: str) -> list[Case]:
    """The cases of an included file, which is a piece of a document: one or more elements."""
    text = re.sub(rb"^\s*<\?xml.*?\?>", b"", files[listed])
    text = re.sub(rb"<!DOCTYPE.*?\]?>", b"", text, count=1)
    whole = etree.fromstring(b"<all>" + text + b"</all>", etree.XMLParser(resolve_entities=False, huge_tree=True))
    found = []
    for test in whole.iter("TEST"):
        folder = "".join(each.get(_BASE) or "" for each in reversed(list(test.iterancestors())))
        places = (f"{base}{folder}{test.get('URI')}", f"{listed.rpartition('/')[0]}/{folder}{test.get('URI')}")
        path = next(place for place in places if place in files)
        found.append(
            Case(
                path.removeprefix(_TOP),
                test.get("ID") or "",
                test.get("TYPE") or "",
                test.get("RECOMMENDATION") or "XML1.0",
                test.get("EDITION") or "",
                test.get("NAMESPACE") != "no",
                files[path],
            )
        )
    return found
