"""The lines of a document around a position, short enough and tame enough for a terminal."""

from __future__ import annotations

from dataclasses import dataclass

from columnar.printable import printable

# Lines before and after the marked one, and characters of a line: documents written in one line are common.
_AROUND = 3
_WIDTH = 120
_MORE = "…"


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Some lines of a document.

    first: the number of the first one, from 1. lines: control characters escaped, cut to a width around the marked
    column. marked: the line of the position, 0 where none is known. marker: the place in that line, from 0; None where
    none is known.
    """

    first: int
    lines: tuple[str, ...]
    marked: int
    marker: int | None


def excerpt(text: str, line: int, column: int) -> Excerpt:
    """The lines around a position, both counted from 1 and 0 where unknown; without a line, the first ones.

    Lines end where XML says: \\n, \\r\\n or \\r.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    marked = min(max(line, 0), len(lines))
    first = max(1, marked - _AROUND)
    last = min(len(lines), max(marked, 1) + _AROUND)
    if last > max(marked, 1) and not lines[last - 1]:  # most often what follows the last end of line: nothing
        last -= 1
    target = lines[marked - 1] if marked else ""
    at = min(column - 1, len(target)) if marked and column > 0 else None
    start = max(0, at - _WIDTH // 2) if at is not None else 0
    # Only the marked line is moved to its column: the others show how the document looks there.
    shown = [_cut(lines[number - 1], start if number == marked else 0) for number in range(first, last + 1)]
    marker = None if at is None else len(_cut(target[:at], start, more=False))
    return Excerpt(first, tuple(shown), marked, marker)


def _cut(line: str, start: int, *, more: bool = True) -> str:
    """A window of a line, escaped."""
    text = printable(line[start : start + _WIDTH].replace("\t", " "))
    return (_MORE if start else "") + text + (_MORE if more and len(line) > start + _WIDTH else "")
