"""Plain text in aligned columns, for terminals: measured in cells, since some characters take two."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len, set_cell_size

GAP = 2  # between columns


def fitted(text: str, width: int, *, keep_end: bool = False) -> str:
    """The text in at most `width` cells, `…` for what is left out: the end or, with keep_end, the beginning."""
    if cell_len(text) <= width:
        return text
    if width < 2:
        return "…"[:width]
    if keep_end:
        while cell_len(text) >= width:
            text = text[1:]
        return "…" + text
    return set_cell_size(text, width - 1).rstrip() + "…"


def padded(text: str, width: int, *, right: bool = False) -> str:
    """The text in exactly `width` cells, or more where it is longer."""
    blanks = " " * (width - cell_len(text))
    return blanks + text if right else text + blanks


def grid(
    rows: Sequence[Sequence[str]], *, most: Sequence[int], right: Iterable[int] = (), ends: Iterable[int] = ()
) -> list[str]:
    """Rows of cells as lines.

    most: cells each column may take; it takes what its texts need. right: columns aligned there. ends: columns of which
    the end is kept rather than the beginning.
    """
    right, ends = set(right), set(ends)
    shown = [[fitted(text, most[at], keep_end=at in ends) for at, text in enumerate(row)] for row in rows]
    widths = [max((cell_len(row[at]) for row in shown), default=0) for at in range(len(most))]
    return [
        (" " * GAP).join(padded(text, widths[at], right=at in right) for at, text in enumerate(row)).rstrip()
        for row in shown
    ]


def wrapped(words: Sequence[str], width: int, *, first: str, indent: str) -> list[str]:
    """Words with commas between them, in lines of at most `width` cells (a longer word has a line of its own)."""
    lines = [first]
    for at, word in enumerate(words):
        piece = word + ("," if at < len(words) - 1 else "")
        if cell_len(lines[-1]) + 1 + cell_len(piece) > width and lines[-1] not in (first, indent.rstrip()):
            lines.append(indent + piece)
        else:
            lines[-1] += " " + piece
    return lines
