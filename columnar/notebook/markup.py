"""HTML that cannot be injected into: whatever is not made by this module is text, and is escaped.

The result is well-formed XML too, needs no script and loads nothing. Colours are those of the notebook's theme, but for
the badges, which bring their own background.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterable, Sequence

from columnar.printable import printable

_STYLE = """
.columnar.columnar { font-size: 13px; line-height: 1.45; max-width: 100%; }
.columnar.columnar .beside { display: flex; flex-wrap: wrap; column-gap: 3em; }
.columnar.columnar .beside > div { max-width: 100%; }
.columnar.columnar .scroll { overflow-x: auto; margin: 0 0 0.7em; }
.columnar.columnar table { border-collapse: collapse; border: none; margin: 0; width: auto; font-size: 13px; }
.columnar.columnar th, .columnar.columnar td { text-align: left; vertical-align: top; padding: 0.1em 1.2em 0.1em 0;
  border: none; background: none; color: inherit; max-width: 42em; white-space: pre-wrap; overflow-wrap: anywhere; }
.columnar.columnar thead th, .columnar.columnar .heading { font-weight: 600; }
.columnar.columnar thead th { border-bottom: 1px solid rgba(128, 128, 128, 0.6); }
.columnar.columnar tbody th { font-weight: normal; }
.columnar.columnar tr { background: none; }
.columnar.columnar .number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.columnar.columnar .dim { opacity: 0.75; }
.columnar.columnar .badge { display: inline-block; padding: 0 0.6em; border-radius: 0.8em; font-weight: 600;
  color: #ffffff; }
.columnar.columnar .good { background: #1b7f3b; }
.columnar.columnar .warning { background: #8a5a00; }
.columnar.columnar .bad { background: #b3261e; }
.columnar.columnar pre { margin: 0; padding: 0; background: none; color: inherit; white-space: pre; }
.columnar.columnar summary { cursor: pointer; }
.columnar.columnar p { margin: 0 0 0.5em; }
"""
# What no XML may contain, and half a surrogate pair, which cannot be sent to a browser at all.
_IMPOSSIBLE = re.compile("[\ud800-\udfff\ufffe\uffff]")


class Markup(str):
    """HTML. Only this module makes it; any other text is escaped where it meets HTML."""

    __slots__ = ()


def text(value: str) -> Markup:
    """A text as HTML: escaped, and control characters shown rather than obeyed.

    >>> text("<b>&'")
    '&lt;b&gt;&amp;&#x27;'
    """
    if isinstance(value, Markup):
        return value
    visible = _IMPOSSIBLE.sub(lambda match: f"\\u{ord(match[0]):04x}", printable(value))
    return Markup(html.escape(visible, quote=True))


def element(name: str, *content: str, kind: str = "", **attributes: str) -> Markup:
    """An element around texts and other elements. kind: its class. attributes: of a name that Python allows.

    >>> element("p", "1 < 2", element("b", "!"), kind="dim")
    '<p class="dim">1 &lt; 2<b>!</b></p>'
    """
    given = ({"class": kind} if kind else {}) | attributes
    inside = "".join(f' {key}="{text(value)}"' for key, value in given.items())
    return Markup(f"<{name}{inside}>{joined(content)}</{name}>")


def joined(parts: Iterable[str]) -> Markup:
    """Texts and elements behind each other."""
    return Markup("".join(text(part) for part in parts))


def badge(words: str, kind: str) -> Markup:
    """A verdict. kind: good, warning or bad; the words say it as well."""
    return element("span", words, kind=f"badge {kind}")


def table(rows: Sequence[Sequence[str]], *, heads: Sequence[str] = (), numbers: Collection[int] = ()) -> Markup:
    """Rows of cells, of which the first is the row's name. numbers: columns to be aligned right. No rows: nothing."""
    if not rows:
        return Markup()
    top = [element("thead", _row(heads, numbers, all_heads=True))] if heads else []
    body = element("tbody", *(_row(row, numbers) for row in rows))
    return element("div", element("table", *top, body), kind="scroll")


def _row(cells: Sequence[str], numbers: Collection[int], *, all_heads: bool = False) -> Markup:
    return element(
        "tr",
        *(
            element("th" if all_heads or not at else "td", cell, kind="number" if at in numbers else "")
            for at, cell in enumerate(cells)
        ),
    )


def section(heading: str, *content: str) -> Markup:
    """A heading over what belongs to it; nothing at all where that is nothing."""
    inside = joined(content)
    return element("div", element("p", heading, kind="heading"), inside) if inside else inside


def beside(*sections: str) -> Markup:
    """Sections beside each other where there is room."""
    return element("div", *sections, kind="beside")


def folded(summary: str, *content: str, opened: bool = False) -> Markup:
    """What is seen after a click on its summary; opened: from the beginning."""
    more = {"open": "open"} if opened else {}
    return element("details", element("summary", summary), *content, **more)


def lines(texts: Iterable[str], *, kind: str = "") -> Markup:
    """Each text on a line of its own."""
    return joined(element("p", each, kind=kind) for each in texts)


def report(title: str, *content: str) -> str:
    """A whole output: its title, its parts, and the style that they need."""
    head = element("p", title, kind="heading")
    return str(element("div", element("style", Markup(_STYLE)), head, *content, kind="columnar"))
