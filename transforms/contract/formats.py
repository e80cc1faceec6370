"""Date and time formats: the strptime directives that conversion supports, and which of them a type needs."""

from __future__ import annotations

from dataclasses import dataclass

from transforms.contract.plan import TypeKind

# As Python's strptime means them, whatever engine runs them.
DIRECTIVES = {
    "%Y": "year, four digits",
    "%y": "year, two digits: 69 to 99 are 1969 to 1999, 00 to 68 are 2000 to 2068",
    "%m": "month, 1 or 2 digits",
    "%b": "month, English abbreviation",
    "%B": "month, English name",
    "%d": "day of the month, 1 or 2 digits",
    "%j": "day of the year, 1 to 3 digits",
    "%H": "hour, 0 to 23",
    "%I": "hour, 1 to 12, with %p",
    "%p": "AM or PM",
    "%M": "minute",
    "%S": "second, 0 to 59",
    "%f": "fraction of a second, 1 to 6 digits",
    "%z": "offset: +hhmm, +hh:mm or Z",
    "%%": "a percent sign",
}
DATED = (TypeKind.DATE, TypeKind.TIMESTAMP, TypeKind.TIMESTAMPTZ)
TIMED = (*DATED, TypeKind.TIME)
_ALIKE = ({"%Y", "%y"}, {"%m", "%b", "%B"}, {"%H", "%I"})


@dataclass(frozen=True, slots=True)
class FormatFault:
    """What is wrong with a format: at which character, and what was expected."""

    message: str
    expected: str
    offset: int = 0
    nearest: str = ""


def format_fault(text: str, kind: TypeKind) -> FormatFault | None:
    """Why a type cannot be read with a format; None where it can."""
    used: list[str] = []
    at = 0
    while (at := text.find("%", at)) >= 0:
        directive = text[at : at + 2]
        if directive not in DIRECTIVES:
            message = f"{directive!r} is not a directive"
            near = directive.swapcase()
            if near in DIRECTIVES:
                return FormatFault(message, "", at, near)
            return FormatFault(message, "one of " + " ".join(DIRECTIVES), at)
        if directive in used and directive != "%%":
            return FormatFault(f"{directive!r} is here twice", "each directive once", at)
        used.append(directive)
        at += 2
    message, expected = _combination_fault(set(used), kind)
    return FormatFault(message, expected) if message else None


def _combination_fault(used: set[str], kind: TypeKind) -> tuple[str, str]:
    """What directives together, or their absence, make wrong."""
    for alike in _ALIKE:
        if len(alike & used) > 1:
            return "it reads the same thing twice: " + " and ".join(sorted(alike & used)), "one of them"
    if "%I" in used and "%p" not in used:
        return "%I without %p does not tell morning from evening", "%H, or %I with %p"
    has_year = bool(used & {"%Y", "%y"})
    has_day = (bool(used & {"%m", "%b", "%B"}) and "%d" in used) or "%j" in used
    if kind in DATED and not (has_year and has_day):
        return f"a {kind.value} needs a year, a month and a day", "a format such as %Y-%m-%d"
    if kind is TypeKind.TIME and not used & {"%H", "%I"}:
        return "a time needs an hour", "a format such as %H:%M:%S"
    if kind is TypeKind.TIMESTAMPTZ and "%z" not in used:
        return "a timestamptz needs an offset", "%z in the format, or type timestamp"
    if kind is not TypeKind.TIMESTAMPTZ and "%z" in used:
        return f"a {kind.value} has no offset", "type timestamptz, or a format without %z"
    return "", ""
