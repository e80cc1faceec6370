"""The canonical fingerprint of a document: equal rows, equal fingerprint, whatever the bytes that they came from.

What is hashed, by SHA-256, is this text in UTF-8, where a *netstring* is `<bytes>:<text>` (`5:hello`):

    document := table*                      tables that have rows of the document, by name
    table    := "T" netstring(name) column* row*
    column   := "C" netstring(name) kind    by name
    row      := "R" value*                  in the document's order; one value for each column
    value    := netstring(text) | "-"       NULL

Names are ordered by their Unicode code points. The kind and the text of a value:

    n  integers and decimals: the shortest decimal form, `-17`, `1.5` (no zeros behind the last digit, no `-0`)
    f  floats: the shortest form that reads back as the same number; -0.0 is 0.0
    s  text, as it is
    b  `true`, `false`
    d  dates, `2024-01-31`
    t  times, `23:59:59.999999`
    l  timestamps without a zone, `2024-01-31T23:59:59.999999`
    z  timestamps with a zone, the same in UTC
    x  binary, in lower-case hexadecimal

So neither the order of tables and columns nor the width of a number makes a difference, and nor does what else is in
the batch.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping

import polars as pl
import pyarrow as pa

from transforms.documents import DOCUMENT
from transforms.fingerprint import FINGERPRINT_TYPE
from transforms.shred.buffers import document_views
from transforms.shred.result import ROW_FIELDS

_INTERNAL = frozenset(field.name for field in ROW_FIELDS)


def canonical_fingerprints(
    tables: Mapping[str, pa.Table], documents: int, *, without: Mapping[str, Collection[str]] | None = None
) -> pa.Array:
    """SHA-256 over the typed rows of each document; see above.

    tables: table name -> rows that carry their document's ordinal in `_document`; those of one document in its order.
    documents: how many documents the ordinals count, from 0.
    without: table name -> columns that are left out, such as those that a database fills.
    Returns binary(32), row i of document i; NULL for a document without rows. TypeError for a column of a type that has
    no canonical text.
    """
    frame = pl.DataFrame({DOCUMENT: pl.int_range(documents, dtype=pl.Int64, eager=True)})
    parts: list[str] = []
    for name in sorted(tables):
        if not tables[name].num_rows:
            continue
        left_out = _INTERNAL.union((without or {}).get(name, ()))
        texts = _table_texts(name, pl.DataFrame(tables[name]), left_out).rename({"text": f"text {len(parts)}"})
        frame = frame.join(texts, on=DOCUMENT, how="left", maintain_order="left")
        parts.append(f"text {len(parts)}")
    if not parts:
        return pa.nulls(documents, FINGERPRINT_TYPE)
    empty = pl.all_horizontal(pl.col(part).is_null() for part in parts)
    hashed = frame.select(text=pl.when(~empty).then(pl.concat_str(parts, ignore_nulls=True))).to_series()
    # hashlib reads each document's text where it lies, with the GIL released
    digests = [None if text is None else hashlib.sha256(text).digest() for text in document_views(hashed.to_arrow())]
    return pa.array(digests, FINGERPRINT_TYPE)


def _table_texts(name: str, rows: pl.DataFrame, left_out: Collection[str]) -> pl.DataFrame:
    """One row a document: `_document`, and its rows of one table as `text`."""
    kinds = {column: kind for column, kind in sorted(rows.schema.items()) if column not in left_out}
    columns = (f"C{netstring(column)}{_letter(column, kind)}" for column, kind in kinds.items())
    head = f"T{netstring(name)}" + "".join(columns)
    values = [_value(column, kind) for column, kind in kinds.items()]
    row = rows.select(DOCUMENT, row=pl.concat_str([pl.lit("R"), *values]))
    texts = row.group_by(DOCUMENT, maintain_order=True).agg(pl.col("row").str.join(""))
    return texts.select(pl.col(DOCUMENT).cast(pl.Int64), text=pl.concat_str([pl.lit(head), pl.col("row")]))


def netstring(text: str) -> str:
    """A text behind its length in bytes of UTF-8, so that no other text can be read there.

    >>> netstring("hello"), netstring("é")
    ('5:hello', '2:é')
    """
    return f"{len(text.encode())}:{text}"


def _letter(name: str, kind: pl.DataType) -> str:
    if kind.is_integer() or kind.is_decimal():
        return "n"
    if kind.is_float():
        return "f"
    if isinstance(kind, pl.Datetime):
        return "z" if kind.time_zone else "l"
    letters = {pl.String: "s", pl.Boolean: "b", pl.Date: "d", pl.Time: "t", pl.Binary: "x", pl.Null: "s"}
    letter = letters.get(kind.base_type())
    if letter is None:
        raise TypeError(f"column {name!r} of type {kind} has no canonical text")
    return letter


def _value(name: str, kind: pl.DataType) -> pl.Expr:
    text = canonical_text(name, kind)
    return pl.concat_str([text.str.len_bytes().cast(pl.String), pl.lit(":"), text]).fill_null("-")


def canonical_text(name: str, kind: pl.DataType) -> pl.Expr:
    """The text of a column's values, as above; NULL for NULL."""
    column = pl.col(name)
    if kind.is_decimal() and isinstance(kind, pl.Decimal) and kind.scale:
        text = column.cast(pl.String).str.strip_chars_end("0").str.strip_suffix(".")
        return pl.when(text == "-0").then(pl.lit("0")).otherwise(text)
    if kind.is_float():
        return pl.when(column == 0).then(pl.lit("0.0")).otherwise(column.cast(pl.String))
    if isinstance(kind, pl.Datetime):
        return column.dt.strftime("%Y-%m-%dT%H:%M:%S%.9f" if kind.time_unit == "ns" else "%Y-%m-%dT%H:%M:%S%.6f")
    if isinstance(kind, pl.Time):
        return column.dt.strftime("%H:%M:%S%.6f")
    if isinstance(kind, pl.Binary):
        return column.bin.encode("hex")
    return column.cast(pl.String)
