"""Texts as integers, decimals and floats: exact, range-checked, and never through binary fractions.

The common text is read by one Polars cast; what that leaves over is looked at again, digit by digit. What the casts
accept is pinned down by tests: for integers exactly `[+-]?[0-9]+` in range, for floats decimal and exponent notation
(correctly rounded) plus words for the special values, for decimals also exponents and excess digits, which are
excluded here beforehand.
"""

from __future__ import annotations

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from transforms.convert.masks import any_true, mask_from, mask_of, to_series
from transforms.convert.reading import ReadAs, Reading, occurring
from transforms.convert.rules import ChangeRule, Reason
from transforms.convert.types import arrow_type

_INTEGERS = {8: pl.Int8, 16: pl.Int16, 32: pl.Int32, 64: pl.Int64}

# XSD: optional sign, digits, at most one point, at least one digit. The groups: sign, digits before, digits after.
_DECIMAL = r"^([+-]?)0*([0-9]*)(?:\.([0-9]*))?$"
_DIGIT = r"[0-9]"

# The longest unscaled value that is computed with: 38 digits and a carry fit 128 bits.
_MOST_DIGITS = 38


def read_integers(texts: pa.Array, how: ReadAs) -> Reading:
    """Optional sign and digits; also a decimal number, whose digits after the point are subject to `on_inexact`."""
    kind = _INTEGERS[how.type.bits]
    series = to_series(texts)
    values = series.cast(kind, strict=False)
    left = pc.and_(texts.is_valid(), mask_from(values.is_null()))
    if not any_true(left):
        return Reading(values.to_arrow())
    odd = _read_exactly(texts.filter(left), digits=_MOST_DIGITS, scale=0, round_half_up=how.round_half_up)
    values = values.scatter(_positions(left), odd.narrowed(kind))
    return odd.reading(values.to_arrow(), left)


def read_decimals(texts: pa.Array, how: ReadAs) -> Reading:
    """Optional sign, digits and one point; exact to 38 digits, rounded half up (away from zero) if so asked."""
    target = arrow_type(how.type)
    scale = how.type.scale
    series = to_series(texts)
    plain = series.str.contains(rf"^[+-]?[0-9]*(?:\.[0-9]{{0,{scale}}}0*)?$")
    # A text that is not plain is made NULL after the cast: cheaper than before it.
    values = series.cast(pl.Decimal(how.type.precision, scale), strict=False)
    values = values if plain.all() else pl.select(pl.when(plain).then(values)).to_series()
    left = pc.and_(texts.is_valid(), mask_from(values.is_null()))
    if not any_true(left):
        return Reading(values.to_arrow().cast(target))
    odd = _read_exactly(texts.filter(left), digits=how.type.precision, scale=scale, round_half_up=how.round_half_up)
    whole = pc.replace_with_mask(values.to_arrow().cast(target), left, odd.scaled(target))
    return odd.reading(whole, left)


def read_floats(texts: pa.Array, how: ReadAs) -> Reading:  # noqa: ARG001  every reader has this shape
    """XSD's double: decimal or exponent notation, INF, -INF, NaN. A number too large for the type is out of range."""
    series = to_series(texts)
    values = series.cast(pl.Float64, strict=False)
    finite = values.is_finite()
    left = pc.and_(texts.is_valid(), pc.invert(mask_from(finite)))
    if not any_true(left):
        return Reading(values.to_arrow())
    odd = to_series(texts.filter(left))
    special = odd.is_in(["INF", "+INF", "-INF", "NaN"])
    overflow = odd.str.contains(_DIGIT) & values.filter(pl.Series(left)).is_infinite().fill_null(False)
    values = values.scatter(_positions(left), odd.replace_strict(_SPECIAL, default=None, return_dtype=pl.Float64))
    problems = {
        Reason.INVALID: _spread(left, ~(special | overflow)),
        Reason.OUT_OF_RANGE: _spread(left, overflow),
    }
    return Reading(values.to_arrow(), occurring(problems))


_SPECIAL = {"INF": float("inf"), "+INF": float("inf"), "-INF": float("-inf"), "NaN": float("nan")}


class _Exact:
    """Numbers read digit by digit: `unscaled` is the value times ten to the scale, cut off there if not rounded."""

    def __init__(self, result: pl.DataFrame, *, rounds: bool) -> None:
        self.rounds = rounds
        self.unscaled = result["unscaled"]
        self.invalid = result["invalid"]
        self.out_of_range = result["out_of_range"]
        self.inexact = result["inexact"]

    def narrowed(self, kind: type[pl.DataType]) -> pl.Series:
        """The values as integers of a narrower type: out of range what it cannot hold, NULL what was cut off."""
        fitted = self.unscaled.cast(kind, strict=False)
        self.out_of_range |= fitted.is_null() & self.unscaled.is_not_null()
        return self._loadable(fitted)

    def scaled(self, target: pa.DataType) -> pa.Array:
        """The values as decimals: the same 16 bytes a value as unscaled, only the type says otherwise."""
        whole = self._loadable(self.unscaled).cast(pl.Decimal(_MOST_DIGITS, 0), strict=False).to_arrow()
        whole = whole.cast(pa.decimal128(_MOST_DIGITS, 0))
        return pa.Array.from_buffers(target, len(whole), whole.buffers(), whole.null_count, whole.offset)

    def reading(self, values: pa.Array, where: pa.Array) -> Reading:
        """The reading of all texts, these being the ones at `where`."""
        problems = {
            Reason.INVALID: _spread(where, self.invalid),
            Reason.OUT_OF_RANGE: _spread(where, self.out_of_range),
        }
        inexact = _spread(where, self.inexact & ~self.out_of_range)
        if self.rounds:
            return Reading(values, occurring(problems), occurring({ChangeRule.ROUNDED: inexact}))
        return Reading(values, occurring({**problems, Reason.INEXACT: inexact}))

    def _loadable(self, values: pl.Series) -> pl.Series:
        if self.rounds or not self.inexact.any():
            return values
        return pl.select(pl.when(~self.inexact).then(values)).to_series()


def _read_exactly(texts: pa.Array, *, digits: int, scale: int, round_half_up: bool) -> _Exact:
    """Decimal numbers of at most so many digits, so many of them after the point, as unscaled Int128."""
    series = to_series(texts)
    valid = series.str.contains(_DECIMAL) & series.str.contains(_DIGIT)
    parts = series.str.extract_groups(_DECIMAL).struct.unnest()
    parts.columns = ["sign", "before", "after"]
    parts = parts.with_columns(
        pl.col("after").fill_null("").str.slice(0, scale).str.pad_end(scale, "0").alias("kept"),
        pl.col("after").fill_null("").str.slice(scale).alias("rest"),
        valid.alias("valid"),
    )
    inexact = pl.col("valid") & pl.col("rest").str.contains("[1-9]").fill_null(False)
    carry = (pl.col("rest").str.contains("^[5-9]") if round_half_up else pl.lit(False)).cast(pl.Int128)
    fits = pl.col("valid") & (pl.col("before").str.len_bytes() <= digits - scale)
    magnitude = pl.when(fits).then("0" + pl.col("before") + pl.col("kept")).cast(pl.Int128) + carry
    parts = parts.with_columns(
        magnitude.alias("magnitude"), inexact.alias("inexact"), (pl.col("valid") & ~fits).alias("wide")
    )
    limit = pl.lit(10**digits, dtype=pl.Int128)
    beyond = (pl.col("wide") | (pl.col("magnitude") >= limit)).fill_null(False)
    minus = pl.lit(0, dtype=pl.Int128) - pl.col("magnitude")
    signed = pl.when(pl.col("sign") == "-").then(minus).otherwise(pl.col("magnitude"))
    result = parts.select(
        pl.when(~beyond).then(signed).alias("unscaled"),
        (~pl.col("valid")).alias("invalid"),
        beyond.alias("out_of_range"),
        pl.col("inexact"),
    )
    return _Exact(result, rounds=round_half_up)


def _positions(mask: pa.Array) -> pl.Series:
    return pl.Series(pc.indices_nonzero(mask))


def _spread(where: pa.Array, flags: pl.Series) -> pa.Array:
    """A mask over all texts from flags over the ones at `where`."""
    if not flags.any():
        return pa.nulls(0, pa.bool_())
    return mask_of(pc.replace_with_mask(where, where, flags.to_arrow()))
