"""Formats of Python's strptime, compiled to what reads them in columns.

The meaning is that of CPython 3.11 to 3.13 (`_strptime.TimeRE`), with English names and ASCII digits whatever the
locale. Each format becomes one regular expression, which decides, and `Shape`s: the fixed-width texts among those it
accepts, which can be read by looking at bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

# What `\s` is to Python, which counts the separators 1C to 1F as white space and Rust does not.
_SPACES = r"[\s\x1c-\x1f]+"


def _word(text: str) -> str:
    """A word in upper or lower case, ASCII only: Python rejects the long s of `ſep` when it looks the month up."""
    return "".join(f"[{letter.upper()}{letter.lower()}]" for letter in text)


def _words(*words: str) -> str:
    return "|".join(_word(word) for word in sorted(words, key=len, reverse=True))


# TimeRE's own, in its order of preference.
_DIRECTIVES = {
    "Y": "[0-9]{4}",
    "y": "[0-9]{2}",
    "m": "1[0-2]|0[1-9]|[1-9]",
    "d": "3[0-1]|[1-2][0-9]|0[1-9]|[1-9]| [1-9]",
    "j": "36[0-6]|3[0-5][0-9]|[1-2][0-9][0-9]|0[1-9][0-9]|00[1-9]|[1-9][0-9]|0[1-9]|[1-9]",
    "H": "2[0-3]|[0-1][0-9]|[0-9]",
    "I": "1[0-2]|0[1-9]|[1-9]",
    "M": "[0-5][0-9]|[0-9]",
    "S": "6[0-1]|[0-5][0-9]|[0-9]",
    "f": "[0-9]{1,6}",
    "w": "[0-6]",
    "u": "[1-7]",
    "p": _words("AM", "PM"),
    "b": _words(*MONTHS),
    "B": _words(*_MONTHS, "December"),
    "a": _words(*(day[:3] for day in _DAYS)),
    "A": _words(*_DAYS),
    "z": r"[+-][0-9][0-9]:?[0-5][0-9](?::?[0-5][0-9](?:\.[0-9]{1,6})?)?|Z",
}
# Weeks need a weekday and rules of their own; %c, %x, %X and %Z mean something else on every machine.
_REFUSED = {**dict.fromkeys("UWGV", "week numbers are not read"), **dict.fromkeys("cxXZ", "depends on the machine")}

# Tokens of a format that are more than one literal character or one directive.
_SPACE = " "
_PERCENT = "%%"
_FRACTION = "%f"

_WIDTHS = {"Y": 4, "y": 2, "m": 2, "d": 2, "H": 2, "I": 2, "M": 2, "S": 2, "p": 2}
_NARROW = frozenset("mdHI")  # often written with one digit
_MOST_SHAPES = 8


@dataclass(frozen=True, slots=True)
class Shape:
    """Texts of a fixed width in bytes.

    width: of the whole text, a fraction of seconds counted with all its digits.
    shortest: the width where the fraction, which then stands last, may have fewer digits.
    literals: offset -> the bytes that may stand there.
    fields: directive -> (offset, width).
    """

    width: int
    shortest: int
    literals: tuple[tuple[int, bytes], ...]
    fields: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """One way to write a date or time: `pattern` has a group per directive, and `rest` for what is left over."""

    pattern: str
    directives: tuple[str, ...]  # in order: of %H and %I, or %Y and %y, the last one counts
    shapes: tuple[Shape, ...]


class FormatError(ValueError):
    """A format that strptime, or this program, does not take."""


@lru_cache(maxsize=256)
def compile_format(text: str) -> Layout:
    """A strptime format as a layout; FormatError says what is wrong with it."""
    tokens = _tokens(text)
    directives = tuple(token[1] for token in tokens if token[0] == "%" and token != _PERCENT)
    for directive in directives:
        if directive in _REFUSED:
            raise FormatError(f"%{directive} in {text!r}: {_REFUSED[directive]}")
        if directive not in _DIRECTIVES:
            raise FormatError(f"%{directive} in {text!r} is no directive of strptime")
        if directives.count(directive) > 1:
            raise FormatError(f"%{directive} stands twice in {text!r}")
    # Python matches from the start, then asks whether anything is left: no alternative is tried again to reach the end.
    pattern = "".join(_pattern(token) for token in tokens)
    return Layout(f"^{pattern}(?P<rest>(?s:.*))$", directives, _shapes(tokens))


def _tokens(text: str) -> list[str]:
    """Directives with their percent sign, runs of white space as one blank, other characters one by one."""
    tokens: list[str] = []
    at = 0
    while at < len(text):
        if text[at] == "%":
            if at + 1 == len(text):
                raise FormatError(f"a percent sign ends {text!r}; write %% for the sign itself")
            tokens.append(text[at : at + 2])
            at += 2
            continue
        if not text[at].isspace():
            tokens.append(text[at])
        elif not tokens or tokens[-1] != _SPACE:
            tokens.append(_SPACE)
        at += 1
    return tokens


def _pattern(token: str) -> str:
    if token == _SPACE:
        return _SPACES
    if token == _PERCENT:
        return "%"
    if token[0] == "%":
        return f"(?P<{token[1]}>{_DIRECTIVES[token[1]]})"
    return f"(?i:\\x{{{ord(token):x}}})"


def _shapes(tokens: list[str]) -> tuple[Shape, ...]:
    """The fixed-width texts of a format: with two-digit fields, and with one-digit ones where that is unambiguous."""
    if any(not _fixed(token, last=at == len(tokens) - 1) for at, token in enumerate(tokens)):
        return ()
    if not any(token[0] == "%" and token != _PERCENT for token in tokens):
        return ()
    narrow = [
        at
        for at, token in enumerate(tokens)
        if token[0] == "%"
        and token[1] in _NARROW
        and (at + 1 == len(tokens) or tokens[at + 1][0] != "%")
        and not (at + 1 < len(tokens) and tokens[at + 1].isdigit())
    ]
    if 2 ** len(narrow) > _MOST_SHAPES:
        narrow = []
    choices = product((2, 1), repeat=len(narrow))
    return tuple(_shape(tokens, dict(zip(narrow, choice, strict=True))) for choice in choices)


def _fixed(token: str, *, last: bool) -> bool:
    if token == _PERCENT or token[0] != "%":
        return token.isascii()
    return token[1] in _WIDTHS or (token == _FRACTION and last)


def _shape(tokens: list[str], narrow: dict[int, int]) -> Shape:
    width = 0
    shortest = 0
    literals: list[tuple[int, bytes]] = []
    fields: list[tuple[str, int, int]] = []
    for at, token in enumerate(tokens):
        if token == _FRACTION:
            shortest = width + 1
            fields.append(("f", width, 6))
            width += 6
        elif token[0] == "%" and token != _PERCENT:
            digits = narrow.get(at, _WIDTHS[token[1]])
            fields.append((token[1], width, digits))
            width += digits
        else:
            literals.append((width, bytes(sorted({ord(token[-1].lower()), ord(token[-1].upper())}))))
            width += 1
    return Shape(width, shortest or width, tuple(literals), tuple(fields))
