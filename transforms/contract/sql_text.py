"""A first look at SQL in a contract; DuckDB itself checks it where rows are selected."""

from __future__ import annotations

import re

_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")


def sql_fault(text: str) -> tuple[str, int]:
    """What makes `text` no single expression, and at which character; ('', 0) where nothing is plainly wrong."""
    if not text.strip():
        return "the SQL is empty", 0
    bare = _QUOTED.sub(lambda match: "q" * len(match.group()), text)
    if ";" in bare:
        return "the SQL is more than one expression: it holds a semicolon", bare.index(";")
    return "", 0
