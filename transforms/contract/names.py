"""Which names tables and columns may have."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from transforms.contract.report import Report
from transforms.contract.source import Path
from transforms.shred.result import ROW_FIELDS

MOST_CHARACTERS = 128  # SQL Server's limit; PostgreSQL's own 63 is checked where a target is known
RESERVED_COLUMNS = frozenset(field.name for field in ROW_FIELDS)
RESERVED_PREFIX = "columnar_"  # tables of the program itself, in the target


def folded(name: str) -> str:
    """The name as databases compare it: without case, and one form of each accented letter."""
    return unicodedata.normalize("NFC", name).casefold()


def name_fault(name: str) -> str:
    """What is wrong with the name of a table or column; '' where nothing is."""
    if not name:
        return "is empty"
    if len(name) > MOST_CHARACTERS:
        return f"has {len(name)} characters"
    if name != name.strip() or "  " in name:
        return "has spaces at an end, or two together"
    if not name.replace(" ", "_").isidentifier():
        return "has characters that no name may have"
    return ""


def target_name_fault(name: str) -> str:
    """What is wrong with a name in the target; '' where nothing is. Such names stand in quotes, so databases allow
    nearly all."""
    if not name.strip():
        return "is empty"
    if len(name) > MOST_CHARACTERS:
        return f"has {len(name)} characters"
    return "" if name.isprintable() else "has characters that cannot be seen"


NAME_RULE = f"letters, digits, _ and single spaces, not beginning with a digit, at most {MOST_CHARACTERS} characters"
TARGET_NAME_RULE = f"at most {MOST_CHARACTERS} characters that can be seen"


def check_names(names: Iterable[str], path: Path, what: str, report: Report) -> None:
    """Report the names at `path` that cannot be, and those that a database takes for one another."""
    seen: dict[str, str] = {}
    for name in names:
        place = (*path, name)
        fault = name_fault(name)
        if fault:
            report.key(place, f"the {what} name {name[:40]!r} {fault}", expected=NAME_RULE)
        if what in ("column", "join") and folded(name) in RESERVED_COLUMNS:
            reserved = ", ".join(sorted(RESERVED_COLUMNS))
            report.key(
                place, f"{name!r} is a column that every table has already", expected=f"a name other than {reserved}"
            )
        if what == "table" and folded(name).startswith(RESERVED_PREFIX):
            report.key(
                place, f"{name!r} begins as the program's own tables do", expected=f"a name without {RESERVED_PREFIX}"
            )
        other = seen.setdefault(folded(name), name)
        if other != name:
            message = f"{other!r} and {name!r} are the same name to a database, which ignores case"
            report.key(place, message, expected=f"another name for one {what}")
