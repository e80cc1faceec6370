"""Reading fixed-width texts eight bytes at a time: a text is two to four words, and all its digits are checked and read
with a few operations on each, on all texts at once. Nothing but integers; no regular expression.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from transforms.convert.scalars import int32, int64, uint64
from transforms.convert.strptime import Shape

_WORD = 8  # bytes

# What a field may be, beyond being digits; the last day of a month is the calendar's business.
_RANGES = {"m": (1, 12), "d": (1, 31), "H": (0, 23), "I": (1, 12), "M": (0, 59), "S": (0, 59)}


def fits_width(lengths: pa.Array, shape: Shape) -> pa.Array:
    """Which texts, by their lengths in bytes (int32), may have the shape; null where the length is."""
    if shape.shortest == shape.width:
        return pc.equal(lengths, int32(shape.width))
    return pc.and_(pc.greater_equal(lengths, int32(shape.shortest)), pc.less_equal(lengths, int32(shape.width)))


def read_shape(texts: pa.Array, shape: Shape) -> tuple[dict[str, pa.Array], pa.Array] | None:
    """The fields of texts without nulls, none wider than the shape, and which texts have the shape; None: none has.

    Fields (int64) of texts that do not fit hold anything. `p` is 1 in the afternoon; `f` and the offset `z` are
    microseconds.
    """
    plan = _plan(shape)
    words = _words(texts, len(plan))
    wrong = None
    digits = []
    for word, checks in zip(words, plan, strict=True):
        # A digit less '0' is 0 to 9, a literal less itself 0: adding what is missing to 80 shows every other in bit 7.
        value = pc.bit_wise_xor(word, uint64(checks.expected))
        sum_ = pc.add(pc.bit_wise_and(value, uint64(0x7F7F7F7F7F7F7F7F)), uint64(checks.missing))
        marks = pc.bit_wise_and(pc.bit_wise_or(sum_, value), uint64(checks.top))
        wrong = marks if wrong is None else pc.bit_wise_or(wrong, marks)
        digits.append(pc.bit_wise_and(value, uint64(checks.digits)))
    fits = pc.equal(wrong, uint64(0))
    for offset, allowed in shape.literals:
        if len(allowed) > 1:
            letter = _byte(words, offset)
            one_of = [pc.equal(letter, uint64(byte)) for byte in allowed]
            fits = pc.and_(fits, pc.or_(*one_of))
    return _fields(words, _Digits(digits), shape, fits) if fits.true_count else None


@dataclass(frozen=True, slots=True)
class _Checks:
    """What one word of the texts must be, as bytes of a number: character at offset i in bits 8i to 8i+7."""

    expected: int  # '0' for a digit, the character for a literal
    missing: int  # what is missing to 0x80 for the first value that is wrong: 0x76 for a digit, 0x7F for a literal
    top: int  # 0x80 for what is checked
    digits: int  # 0xFF for a digit


@lru_cache(maxsize=256)
def _plan(shape: Shape) -> tuple[_Checks, ...]:
    """The checks of each word; literals with a choice, and letters, are looked at apart."""
    digits: set[int] = set()
    for directive, offset, width in shape.fields:
        if directive == "z":
            digits.update((offset + 1, offset + 2, offset + 4, offset + 5))
        elif directive != "p":
            digits.update(range(offset, offset + width))
    literals = {offset: allowed[0] for offset, allowed in shape.literals if len(allowed) == 1}
    plan = []
    for start in range(0, shape.width, _WORD):
        expected = missing = top = mask = 0
        for at in range(_WORD):
            if start + at in digits:
                expected, missing = expected | ord("0") << 8 * at, missing | 0x76 << 8 * at
                mask |= 0xFF << 8 * at
            elif start + at in literals:
                expected, missing = expected | literals[start + at] << 8 * at, missing | 0x7F << 8 * at
            else:
                continue
            top |= 0x80 << 8 * at
        plan.append(_Checks(expected, missing, top, mask))
    return tuple(plan)


def _words(texts: pa.Array, count: int) -> list[pa.Array]:
    """The texts as so many words each; padded with zeros, which is what a short fraction means."""
    padded = pc.ascii_rpad(texts, width=count * _WORD, padding="0")
    buffer = padded.buffers()[2]
    flat = pa.Array.from_buffers(pa.uint64(), len(texts) * count, [None, buffer], 0, padded.offset * count)
    if count == 1:
        return [flat]
    series = pl.from_arrow(flat)
    assert isinstance(series, pl.Series)  # noqa: S101  an Array always gives a Series; this tells the type checker
    return [series.gather_every(count, at).to_arrow() for at in range(count)]


def _byte(words: list[pa.Array], offset: int) -> pa.Array:
    word = pc.shift_right(words[offset // _WORD], uint64(offset % _WORD * 8))
    return pc.bit_wise_and(word, uint64(0xFF))


class _Digits:
    """The digits of texts, a byte each; one and two at a time."""

    def __init__(self, words: list[pa.Array]) -> None:
        self.words = words
        # Ten times each digit and the next one, in the byte of the first: at most 99, so nothing is carried over.
        self.pairs = [pc.add(pc.multiply(word, uint64(10)), pc.shift_right(word, uint64(8))) for word in words]

    def number(self, offset: int, width: int) -> pa.Array:
        """The number that so many digits write."""
        total = None
        while width:
            step = 1 if width == 1 else 2
            value = self._pair(offset) if step == 2 else _byte(self.words, offset)
            total = value if total is None else pc.add(pc.multiply(total, uint64(10**step)), value)
            offset, width = offset + step, width - step
        return total

    def _pair(self, offset: int) -> pa.Array:
        if offset % _WORD < _WORD - 1:
            return _byte(self.pairs, offset)
        tens = pc.multiply(_byte(self.words, offset), uint64(10))  # the two digits stand in two words
        return pc.add(tens, _byte(self.words, offset + 1))


def _fields(
    words: list[pa.Array], digits: _Digits, shape: Shape, fits: pa.Array
) -> tuple[dict[str, pa.Array], pa.Array]:
    fields: dict[str, pa.Array] = {}
    for directive, offset, width in shape.fields:
        if directive == "p":
            half, letter_m = (pc.bit_wise_or(_byte(words, offset + at), uint64(0x20)) for at in (0, 1))
            afternoon = pc.equal(half, uint64(ord("p")))
            known = pc.and_(pc.or_(afternoon, pc.equal(half, uint64(ord("a")))), pc.equal(letter_m, uint64(ord("m"))))
            fits = pc.and_(fits, known)
            fields["p"] = pc.if_else(afternoon, int64(1), int64(0))
            continue
        if directive == "z":
            hours, minutes = digits.number(offset + 1, 2), digits.number(offset + 4, 2)
            fits = pc.and_(fits, pc.and_(_between(hours, 0, 23), _between(minutes, 0, 59)))
            seconds = pc.multiply(pc.add(pc.multiply(hours, uint64(60)), minutes), uint64(60_000_000)).view(pa.int64())
            fields["z"] = pc.if_else(pc.equal(_byte(words, offset), uint64(ord("-"))), pc.negate(seconds), seconds)
            continue
        value = digits.number(offset, width)
        if directive in _RANGES:
            fits = pc.and_(fits, _between(value, *_RANGES[directive]))
        if directive == "f" and width < 6:
            value = pc.multiply(value, uint64(10 ** (6 - width)))
        fields[directive] = value.view(pa.int64())
    return fields, fits


def _between(values: pa.Array, low: int, high: int) -> pa.Array:
    """Both ends in one comparison: below the low one wraps round to above the high one."""
    return pc.less_equal(pc.subtract(values, uint64(low)) if low else values, uint64(high - low))
