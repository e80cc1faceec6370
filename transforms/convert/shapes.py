"""Reading fixed-width texts by their bytes: one strided look per character over all texts, no regular expression."""

from __future__ import annotations

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from transforms.convert.strptime import Shape

_ZERO = ord("0")

# What a field may be, beyond being digits; the last day of a month is the calendar's business.
_RANGES = {"m": (1, 12), "d": (1, 31), "H": (0, 23), "I": (1, 12), "M": (0, 59), "S": (0, 59)}


def fits_width(lengths: pa.Array, shape: Shape) -> pa.Array:
    """Which texts, by their lengths in bytes, may have the shape; null where the length is."""
    if shape.shortest == shape.width:
        return pc.equal(lengths, shape.width)
    return pc.and_(pc.greater_equal(lengths, shape.shortest), pc.less_equal(lengths, shape.width))


def read_shape(texts: pa.Array, shape: Shape) -> pl.DataFrame:
    """The fields of texts without nulls, none wider than the shape, with a column `fits`: whether a text has the shape.

    Fields of texts that do not fit hold anything. `p` is 1 in the afternoon, `f` and the offset `z` are microseconds.
    """
    bytes_ = _columns(texts, shape)
    fits = pl.lit(True)
    values: list[pl.Expr] = []
    for offset, allowed in shape.literals:
        options = [pl.col(str(offset)) == byte for byte in allowed]
        fits = fits & pl.any_horizontal(options)
    for directive, offset, width in shape.fields:
        if directive == "p":
            letter = pl.col(str(offset)) | 32
            fits = fits & letter.is_in([ord("a"), ord("p")]) & ((pl.col(str(offset + 1)) | 32) == ord("m"))
            values.append((letter == ord("p")).cast(pl.Int32).alias("p"))
            continue
        places = [offset + 1, offset + 2, offset + 4, offset + 5] if directive == "z" else range(offset, offset + width)
        for place in places:
            # Below '0' wraps round to above 9: one comparison for both ends.
            fits = fits & ((pl.col(str(place)) - _ZERO) <= 9)
        if directive == "z":
            hours, minutes = _number(places[:2]), _number(places[2:])
            fits = fits & (hours <= 23) & (minutes <= 59)
            size = (hours * 60 + minutes).cast(pl.Int64) * 60_000_000
            values.append(pl.when(pl.col(str(offset)) == ord("-")).then(-size).otherwise(size).alias("z"))
            continue
        value = _number(places)
        if directive in _RANGES:
            fits = fits & value.is_between(*_RANGES[directive])
        values.append((value * 10 ** (6 - width) if directive == "f" else value).alias(directive))
    return bytes_.select(*values, fits.alias("fits"))


def _columns(texts: pa.Array, shape: Shape) -> pl.DataFrame:
    """A column per byte of the shape; texts are padded with zeros, which is what a short fraction means."""
    padded = pc.ascii_rpad(texts, width=shape.width, padding="0")
    start = padded.offset * shape.width
    characters = pa.Array.from_buffers(pa.uint8(), start + len(texts) * shape.width, [None, padded.buffers()[2]])
    flat = pl.Series(characters)
    wanted = {offset for offset, _ in shape.literals}
    for _, offset, width in shape.fields:
        wanted.update(range(offset, offset + width))
    return pl.DataFrame([flat.gather_every(shape.width, start + at).alias(str(at)) for at in sorted(wanted)])


def _number(places: list[int] | range) -> pl.Expr:
    """The number that the digits at these bytes write."""
    value = pl.lit(0, dtype=pl.Int32)
    for place in places:
        value = value * 10 + (pl.col(str(place)) - _ZERO).cast(pl.Int32)
    return value
