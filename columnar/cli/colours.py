"""Colours for a terminal, put on finished text, so that the text itself is the same everywhere."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.highlighter import RegexHighlighter
from rich.theme import Theme

_STYLES = {
    "columnar.good": "green",
    "columnar.warning": "yellow",
    "columnar.bad": "bold red",
    "columnar.heading": "bold",
    "columnar.command": "cyan",
}


class _Highlighter(RegexHighlighter):
    """Headings, verdicts and commands to type."""

    base_style = "columnar."
    highlights = [  # noqa: RUF012 - the attribute's type is rich's
        r"(?m)^(?P<heading>[a-z][a-z ]*?)(?=  |$)",
        r"(?m)^  (?P<good>ok)  ",
        r"(?m)^  (?P<warning>warn)  ",
        r"(?m)^  (?P<bad>fail)  ",
        r"(?P<good>complete|balance|nothing was left to do)",
        r"(?P<warning>quarantined?|drift)\b",
        r"(?P<bad>does not balance|mismatch)",
        r"(?m)^  (?P<command>\S*(columnar|duckdb|python[\w.]*) .*)$",
    ]


def coloured(text: str) -> str:
    """The text with the colours this terminal can show."""
    rendered = _Highlighter()(text)
    console = Console(file=sys.stdout, theme=Theme(_STYLES), width=1_000_000, highlight=False)
    with console.capture() as capture:
        console.print(rendered, soft_wrap=True, end="")
    return capture.get()
