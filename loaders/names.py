"""Names of tables, and suggestions for misspelt ones."""

from __future__ import annotations

import difflib
from collections.abc import Sequence


def nearest(name: str, known: Sequence[str], what: str) -> str:
    """A hint: the nearest known name, else the known ones."""
    folded = {each.casefold(): each for each in known}
    close = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.5)
    if close:
        return f"did you mean {folded[close[0]]!r}?"
    if not known:
        return f"it has no {what}s"
    return f"the {what}s are: " + ", ".join(list(known)[:20]) + (" …" if len(known) > 20 else "")


def place(table: str, schema: str) -> tuple[str, str]:
    """The schema and the name of a table; `schema` is that of tables which do not name theirs."""
    own, dot, name = table.partition(".")
    return (own, name) if dot else (schema, table)
