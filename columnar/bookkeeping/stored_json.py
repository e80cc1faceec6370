"""JSON texts of the books, which somebody else may have changed since they were written."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import polars as pl
import pyarrow as pa

from columnar.errors import BooksError
from transforms.documents import parse_rows


def stored_object(text: str | None, where: str) -> dict[str, Any]:
    """A JSON object; where: it stands, for the BooksError if it is none."""
    try:
        found = json.loads(text or "")
    except ValueError as error:
        raise BooksError(f"{where} cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise BooksError(f"{where} is no JSON object")
    return found


def stored_counts(text: str | None, where: str) -> dict[str, int]:
    """Rows by table."""
    found = stored_object(text, where)
    if any(type(count) is not int for count in found.values()):
        raise BooksError(f"{where} does not hold numbers of rows")
    return found


def stored_rows(rows: pa.Array | pa.ChunkedArray, tables: Iterable[str]) -> pa.Table:
    """The rows of documents by table, as parse_rows has them."""
    try:
        return parse_rows(rows, tables)
    except pl.exceptions.PolarsError as error:
        raise BooksError(f"columnar_document.rows cannot be read: {error}") from error
