"""Names and texts as SQL writes them."""

from __future__ import annotations


def quoted(name: str) -> str:
    """A name between double quotes."""
    return '"' + name.replace('"', '""') + '"'


def text_literal(text: str) -> str:
    """A text between single quotes, as VARCHAR whatever stands beside it."""
    return "'" + text.replace("'", "''") + "'::VARCHAR"
