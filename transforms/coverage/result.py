"""What a measurement of coverage returns."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole."""

    read: int
    total: int

    @property
    def fraction(self) -> float:
        """0 to 1; of nothing, everything is read."""
        return self.read / self.total if self.total else 1.0


@dataclass(frozen=True, slots=True)
class UnreadPath:
    """A place in the documents at which no path of the contract reads some or all values.

    path: written with the contract's prefixes where it has them, else with the document's own; a namespace without any
        prefix as `{uri}name`. `//name` stands for elements inside elements of the same name, at all depths together.
    unread, filled, bytes: the values not read, those of them that are not blank, and their UTF-8 bytes.
    occurrences: all values there, read ones included. documents: that have an unread one.
    example: the first unread value that is not blank, shortened, with everything that would not print escaped.
    """

    path: str
    unread: int
    filled: int
    occurrences: int
    documents: int
    bytes: int
    example: str


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A path of the contract that found nothing in any document; `column` is '' for the rows of a table.

    nearest: a place with unread values whose path has a last name alike and differs in one other step at most, case and
        prefixes left aside; '' for none.
    """

    table: str
    column: str
    path: str
    nearest: str = ""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the documents a contract reads.

    documents: those measured: well-formed, with the contract's root element. document_bytes: their size, decoded.
    attributes, texts: how many; a text is all text directly in one element, where it is not blank. Declarations of
        namespaces are no attributes.
    bytes: of the values of those attributes and texts, in UTF-8; names and markup are not in it.
    unread: the places with unread values: most filled ones first, then most of any. paths: how many places there are.
    unmatched: in the contract's order; a table without rows is there once, without its columns.
    computed: `table.column` of the `xpath:` columns that compute a value: what they read cannot be told.
    """

    documents: int
    document_bytes: int
    attributes: Share
    texts: Share
    bytes: Share
    unread: tuple[UnreadPath, ...]
    paths: int
    unmatched: tuple[Unmatched, ...]
    computed: tuple[str, ...]
