"""Texts as booleans, universally unique identifiers and binary values."""

from __future__ import annotations

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from transforms.convert.masks import mask_from, mask_of, to_series
from transforms.convert.reading import ReadAs, Reading, occurring
from transforms.convert.rules import Reason

_TRUE = ("true", "1", "t", "yes", "y")
_FALSE = ("false", "0", "f", "no", "n")
_WORDS = pa.array([*_TRUE, *_FALSE])
_MEANINGS = pa.array([True] * len(_TRUE) + [False] * len(_FALSE))

_HEX = "[0-9a-fA-F]"
_UUID_BODY = rf"{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}"
_UUID = rf"^(?:{_UUID_BODY}|\{{{_UUID_BODY}\}})$"

# XSD's base64Binary: groups of four, the padding right, and no bits set that the padding leaves unused.
_BASE64 = r"^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=|[A-Za-z0-9+/][AQgw]==)?$"
_HEXADECIMAL = rf"^(?:{_HEX}{{2}})*$"


def read_booleans(texts: pa.Array, how: ReadAs) -> Reading:  # noqa: ARG001  every reader has this shape
    """true, t, yes, y, 1 and false, f, no, n, 0, in upper or lower case."""
    return _reading(_MEANINGS.take(pc.index_in(pc.ascii_lower(texts), value_set=_WORDS)), texts)


def read_uuids(texts: pa.Array, how: ReadAs) -> Reading:  # noqa: ARG001  every reader has this shape
    """8-4-4-4-12 hexadecimal digits with or without braces, as 36 characters in lower case."""
    bare = pc.ascii_lower(pc.ascii_trim(texts, characters="{}"))
    return _reading(_only(bare, mask_from(to_series(texts).str.contains(_UUID))), texts)


def read_binaries(texts: pa.Array, how: ReadAs) -> Reading:
    """base64 (white space anywhere in it is ignored) or hexadecimal digits, two a byte."""
    series = to_series(texts)
    if how.type.encoding == "base64":
        series = series.str.replace_all(r"[ \t\r\n]+", "")
        valid = series.str.contains(_BASE64)
    else:
        valid = series.str.contains(_HEXADECIMAL)
    series = pl.select(pl.when(valid).then(series)).to_series()
    decoded = series.str.decode("base64" if how.type.encoding == "base64" else "hex", strict=False)
    return _reading(decoded.to_arrow().cast(pa.binary()), texts)


def _only(values: pa.Array, valid: pa.Array) -> pa.Array:
    """The values, NULL where not valid."""
    return values if valid.true_count == len(valid) else pc.if_else(valid, values, pa.scalar(None, values.type))


def _reading(values: pa.Array, texts: pa.Array) -> Reading:
    """What did not become a value is invalid."""
    if values.null_count == texts.null_count:
        return Reading(values)
    return Reading(values, occurring({Reason.INVALID: mask_of(pc.and_(texts.is_valid(), values.is_null()))}))
