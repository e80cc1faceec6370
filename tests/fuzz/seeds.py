"""The documents that mutation begins with: made-up ones, those of docs/paths.md and, where they are, the corpora."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from random import Random

from lxml import etree

from tests.differential import w3c
from tests.differential.documents import as_bytes, odd, well_formed

_REPOSITORY = Path(__file__).resolve().parents[2]
_CORPORA = _REPOSITORY.parent / "shared" / "corpora"
_EXAMPLE = re.compile(r"^document: (.*(?:\n {10}.*)*)", re.MULTILINE)
_DOCTYPE = re.compile(rb"<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.DOTALL)

_MADE = 600
_SMALLEST, _LARGEST = 50, 1500  # bytes: larger ones make the reference slow and find nothing more
_PIECES = 12  # of each file of the corpora
_BIGGER = 12_000


@cache
def seeds() -> tuple[bytes, ...]:
    """All seeds; the same ones every time."""
    random = Random(20131)
    made = [as_bytes(random, well_formed(random) if at % 4 else odd(random)) for at in range(_MADE)]
    bigger = [_many(random) for _ in range(8)]
    return (*made, *bigger, *examples(), *_pieces(), *_suite())


def examples() -> list[bytes]:
    """The documents of docs/paths.md."""
    page = (_REPOSITORY / "docs" / "paths.md").read_text(encoding="utf-8")
    return [match.replace("\n" + " " * 10, "\n").encode() for match in _EXAMPLE.findall(page)]


def _many(random: Random) -> bytes:
    """A document of many others' roots."""
    inside = "".join(re.sub(r"^<\?xml.*?\?>", "", well_formed(random).strip("\ufeff")) for _ in range(40))
    return f"<a>{inside}</a>".encode()[:_BIGGER]


def _pieces() -> Iterator[bytes]:
    """Elements of the corpora's documents, as documents of their own."""
    random = Random(7)
    for path in sorted([*_CORPORA.glob("einvoices/**/*.xml"), *_CORPORA.glob("showplans/*.sqlplan")]):
        data = path.read_bytes()
        text = data.decode("utf-16") if data.startswith(b"\xff\xfe") else data.decode("utf-8-sig")
        root = etree.fromstring(text.encode(), etree.XMLParser(encoding="utf-8", resolve_entities=False))
        fitting = [element for element in root.iter("*") if len(element) < 40]
        for element in random.sample(fitting, min(len(fitting), 3 * _PIECES)):
            piece = etree.tostring(element, encoding="utf-8", with_tail=False)
            if _SMALLEST <= len(piece) <= _LARGEST:
                yield piece


def _suite() -> Iterator[bytes]:
    """The W3C suite's documents, and what is left of those with a DOCTYPE without it."""
    if not w3c.ARCHIVE.exists():
        return
    seen: set[bytes] = set()
    for case in w3c.cases():
        data = _DOCTYPE.sub(b"", case.data, count=1)
        if len(data) <= _LARGEST and data not in seen:
            seen.add(data)
            yield data
