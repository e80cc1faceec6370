"""Which names tables and columns may have."""

from __future__ import annotations

import unicodedata

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


NAME_RULE = f"letters, digits, _ and single spaces, not beginning with a digit, at most {MOST_CHARACTERS} characters"
