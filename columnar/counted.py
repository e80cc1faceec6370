"""Counts in a sentence."""

from __future__ import annotations


def counted(count: int, what: str) -> str:
    """A count with its noun: one document, but 1,000 documents.

    >>> counted(1, "document"), counted(2500, "row")
    ('1 document', '2,500 rows')
    """
    return f"{count:,} {what if count == 1 else what + 's'}"


def plural(count: int, one: str, many: str) -> str:
    """The word that goes with a count: is or are, goes or go."""
    return one if count == 1 else many
