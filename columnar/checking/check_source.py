"""Where in its document a row comes from, and what stands there."""

from __future__ import annotations

import re
from xml.parsers import expat

from columnar.checking.check_run import Problem, Sample
from transforms.contract.extracts import extracts_of
from transforms.contract.plan import ContractPlan
from transforms.shred.decode import UTF8_BOM, UTF16_BOMS, decoded
from transforms.shred.parse import DocumentParser
from transforms.shred.refusal import RefusedError, place
from transforms.shred.rows import RowPaths

_SHOWN = 240  # characters: two lines of a wide terminal
_BEFORE = 60  # characters shown before the column of an error
_BREAK = re.compile(r"[ \t]*\r?\n[ \t]*")


class RowPlaces:
    """The start tags of the rows of one document that the shredder has read."""

    def __init__(self, plan: ContractPlan, sample: Sample) -> None:
        parser = DocumentParser(plan.limits, plan.declaration, plan.decode)
        root, source = parser.parse(memoryview(sample.data), text=sample.text)
        self._data = source.data
        extracts = extracts_of(plan)
        rows = RowPaths([extract.rows for extract in extracts]).select(root)
        self._rows = {extract.name: elements for extract, elements in zip(extracts, rows, strict=True)}
        self._offsets = start_tags(source.data)
        self._numbers = {element: number for number, element in enumerate(root.iter("*"))}

    def place(self, table: str, row: int, line: int) -> tuple[int, int, str]:
        """Line and column, 1-based, at which the element of a row begins, and the text from there.

        line: what the shredder says, for documents that Expat does not read as libxml2 does; the column is 0 then.
        """
        number = self._numbers[self._rows[table][row]]
        if number >= len(self._offsets):
            return line, 0, _one_line(_line(self._data, line).decode("utf-8", "replace").strip())
        offset = self._offsets[number]
        text = self._data[offset : offset + 4 * _SHOWN].decode("utf-8", "ignore")
        return *place(self._data, offset), _one_line(text)


def start_tags(data: bytes) -> list[int]:
    """The offset of each start tag, in document order; none at all where Expat cannot go on. data: UTF-8."""
    offsets: list[int] = []
    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = lambda _name, _attributes: offsets.append(parser.CurrentByteIndex)
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        return []
    return offsets


def _one_line(text: str) -> str:
    """The text up to the end of the line on which its first tag ends, a tag of several lines being put on one."""
    end = text.find("\n", max(text.find(">"), 0))
    text = text if end < 0 else text[:end]
    return shortened(_BREAK.sub(" ", text).rstrip(), _SHOWN)


def excerpt(plan: ContractPlan, sample: Sample, problem: Problem) -> str:
    """What stands in the document where the problem is; '' where nothing can be shown."""
    if not problem.line:
        return ""
    data = bytes(_undone(plan, sample))
    if data.startswith(UTF16_BOMS):
        data = data.decode("utf-16", "replace").encode()
    line = _line(data.removeprefix(UTF8_BOM), problem.line)
    start = max(problem.column - 1 - _BEFORE, 0)
    if start:
        return "…" + shortened(line[start : start + _SHOWN].decode(errors="replace").strip(), _SHOWN)
    return shortened(line[: 4 * _SHOWN].decode(errors="replace").strip(), _SHOWN)


def _undone(plan: ContractPlan, sample: Sample) -> memoryview:
    raw = memoryview(sample.data)
    try:
        return decoded(raw, plan.decode, plan.limits.document_bytes)
    except RefusedError:
        return raw


def _line(data: bytes, number: int) -> bytes:
    start = 0
    for _ in range(number - 1):
        start = data.find(b"\n", start) + 1
        if not start:
            return b""
    end = data.find(b"\n", start)
    return data[start:] if end < 0 else data[start:end]


def shortened(text: str, characters: int) -> str:
    """The text on one line of at most so many characters, with everything that would not print escaped."""
    short = text if len(text) <= characters else text[: characters - 1] + "…"
    if short.isprintable():
        return short
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii") for letter in short
    )
