"""How a document, or the shredder itself, fails."""

from __future__ import annotations

from transforms.errors import TransformError


class RefusedError(Exception):
    """One document that is not shredded, for one of the REASONS of result.py; the others of its batch go on."""

    def __init__(self, reason: str, detail: str, *, line: int = 0, column: int = 0) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.line = line
        self.column = column


class ShredError(TransformError):
    """The shredder cannot go on: out of memory, or a failure of the XML library that says nothing about the document.

    document: the index of the document at which it happened. Its batch has no result.
    """

    code = "shred"

    def __init__(self, message: str, *, document: int, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.document = document


def place(data: bytes, offset: int) -> tuple[int, int]:
    """Line and column, both 1-based, of a byte; columns count bytes."""
    return data.count(b"\n", 0, offset) + 1, offset - data.rfind(b"\n", 0, offset)
