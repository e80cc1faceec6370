"""Hypothesis strategies: small loan-like documents whose values are as people write them, and often wrong."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from hypothesis import strategies as st

WORDS = ("x", "x", "y", "abc", "Ann", "BOB", " x ", "", " ", "null", "N/A", "straße é", "a  b", "x'y")
NUMBERS = (
    "1",
    "2",
    "3",
    "2",
    "7",
    "10",
    "127",
    "128",
    "-5",
    "007",
    "5.00",
    "1.005",
    "2.5",
    "0.125",
    "99999",
    "12,500.00",
)
NUMBERS_TOO = (
    "",
    " ",
    "null",
    "abc",
    " 4 ",
    "$5",
    "(7)",
    "3-",
    "5 of 6",
    "1e3",
    "12345678901234567890",
    ".5",
    "-0.004",
)
DATES = (
    "2026-01-31",
    "2024-02-29",
    "01/02/2026",
    "31/12/2025",
    "2026-03-01 08:15:00",
    "2026-03-01T23:59:59.5",
    "12:30",
)
DATES_TOO = (
    "2026-02-30",
    "",
    "null",
    "soon",
    "2026-03-01 08:15:00.1234567",
    "2026-03-01T08:15:00+02:00",
    " 2026-01-31 ",
)
FLAGS = ("Y", "N", "Y", "y", "n", "true", "0", "", "?", "null", "N/A")
ROLES = ("PR", "AUTHU", "PR", "WIT", "pr", "", " PR ")
TYPES = ("CURR", "PREV", "CURR", "OTHER", "")
IDS = ("1", "2", "3", "4", "1", "2", "3", "5", "6", "2", "", "x")

_POOLS: dict[str, tuple[str, ...]] = {
    "id": IDS + IDS[-2:],
    "role": ROLES,
    "type": TYPES,
    "flag": FLAGS,
    "n": NUMBERS + NUMBERS_TOO,
    "m": NUMBERS + NUMBERS_TOO,
    "d": DATES + DATES_TOO,
    "s": WORDS,
    "t": WORDS,
    "ref": IDS,
    "a1": (*NUMBERS, "", "null"),
    "a2": (*NUMBERS, "", "null"),
    "b1": WORDS,
    "b2": WORDS,
}
ATTRIBUTES = {
    "app": ("id", "n", "m", "d", "s", "t", "flag", "ref", "a1", "a2", "b1", "b2"),
    "contact": ("id", "role", "n", "d", "s", "t", "flag"),
    "address": ("type", "s", "t", "n"),
    "party": ("id", "s", "n"),
}
_TEXTS = ("", "", "x", " two  words ", "<b>bold</b> x", "<!-- c -->y", "null", "5")


@st.composite
def _tag(draw: st.DrawFn, name: str) -> str:
    there = draw(st.lists(st.sampled_from(ATTRIBUTES[name]), unique=True, min_size=len(ATTRIBUTES[name]) - 2))
    return name + "".join(f" {attribute}={quoteattr(draw(st.sampled_from(_POOLS[attribute])))}" for attribute in there)


@st.composite
def _element(draw: st.DrawFn, name: str, children: tuple[str, ...], least: int, most: int) -> str:
    chosen = draw(st.lists(st.sampled_from(children), min_size=least, max_size=most)) if most else []
    inside = [draw(_BY_NAME[child]) for child in chosen]
    content = "".join([*inside, draw(st.sampled_from(_TEXTS))])
    return f"<{draw(_tag(name))}>{content}</{name}>"


_BY_NAME: dict[str, st.SearchStrategy[str]] = {
    "address": _element("address", (), 0, 0),
    "party": _element("party", (), 0, 0),
    "contact": _element("contact", ("address", "address", "party"), 0, 2),
    "app": _element("app", (*["contact"] * 5, "party", "address", "group"), 2, 6),
    "group": st.deferred(
        lambda: st.sampled_from(("contact", "app")).flatmap(lambda name: _BY_NAME[name]).map("<g>{}</g>".format)
    ),
}


@st.composite
def documents(draw: st.DrawFn) -> str:
    """A document of the root element `loans`."""
    inside = draw(st.lists(st.sampled_from(("app", "app", "app", "party")), min_size=2, max_size=3))
    content = "\n".join(draw(_BY_NAME[name]) for name in inside)
    return f"<loans>{content}</loans>"
