"""Rows of text in aligned columns."""

from __future__ import annotations

from collections.abc import Collection, Sequence


def aligned(rows: Sequence[Sequence[str]], *, right: Collection[int] = (), indent: int = 2) -> list[str]:
    """One line a row, two spaces between the columns; those numbered in `right` are aligned there. Nothing is cut."""
    widths = [max(len(row[at]) for row in rows if at < len(row)) for at in range(max(map(len, rows), default=0))]
    lines = []
    for row in rows:
        cells = [cell.rjust(widths[at]) if at in right else cell.ljust(widths[at]) for at, cell in enumerate(row)]
        lines.append((" " * indent + "  ".join(cells)).rstrip())
    return lines


def block(heading: str, lines: Sequence[str]) -> list[str]:
    """A heading over indented lines, and an empty line; nothing at all where there are no lines."""
    return [heading, *lines, ""] if lines else []


def number(value: float) -> str:
    """A count with separators between thousands."""
    return f"{value:,.0f}"


def seconds(value: float) -> str:
    """A duration: 0.42 s, 12.3 s, 5 min 20 s, 2 h 05 min."""
    if value < 10:
        return f"{value:.2f} s"
    if value < 60:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest:02} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"
