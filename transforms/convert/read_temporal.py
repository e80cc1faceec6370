"""Texts as dates, times and instants, by strptime formats or ISO 8601."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from transforms.contract.plan import TypeKind
from transforms.convert import calendar
from transforms.convert.iso8601 import ISO_8601
from transforms.convert.masks import any_true, mask_from, mask_of, to_series
from transforms.convert.reading import ReadAs, Reading, occurring
from transforms.convert.rules import ChangeRule, Reason
from transforms.convert.scalars import int64
from transforms.convert.shapes import fits_width, read_shape
from transforms.convert.strptime import MONTHS, FormatError, Layout, Shape, compile_format
from transforms.convert.types import arrow_type

# A shape costs half a millisecond however few the texts, a regular expression one, and then a microsecond a text.
FEW_SHAPES = 2
TEXTS_A_SHAPE = 1000

_FIRST = calendar.FIRST_DAY * calendar.DAY
_LAST = (calendar.LAST_DAY + 1) * calendar.DAY - 1

# Offsets as strptime takes them: with colons throughout or with none.
_OFFSET = (
    r"^(?P<sign>[+-])(?P<hours>[0-9]{2})(?:(?P<minutes>[0-9]{2})(?P<seconds>[0-9]{2})?"
    r"|:(?P<minutes_>[0-9]{2})(?::(?P<seconds_>[0-9]{2}))?)(?:\.(?P<fraction>[0-9]{1,6}))?$"
)


def format_problem(text: str, kind: TypeKind) -> str | None:
    """Why a column of that type cannot have the format; None where it can."""
    try:
        directives = compile_format(text).directives
    except FormatError as problem:
        return str(problem)
    if kind is TypeKind.TIMESTAMPTZ and "z" not in directives:
        return f"{text!r} reads no offset, which timestamptz needs: add %z, which reads Z, +0100 and +01:00"
    if kind is not TypeKind.TIMESTAMPTZ and "z" in directives:
        return f"{text!r} reads an offset (%z), which {kind.value} cannot keep; timestamptz can"
    return None


def read_temporal(texts: pa.Array, how: ReadAs) -> Reading:
    """The first layout that fits a text reads it; what none fits is invalid."""
    kind = how.type.kind
    layouts = [compile_format(text) for text in how.formats] or [ISO_8601[kind]]
    # An offset needs a type that keeps it, and that type needs an offset: format_problem refuses the rest.
    layouts = [layout for layout in layouts if ("z" in layout.directives) == (kind is TypeKind.TIMESTAMPTZ)]
    pieces: list[_Piece] = []
    at = None if not texts.null_count else pc.indices_nonzero(texts.is_valid())
    left = texts if at is None else texts.drop_null()
    for layout in layouts:
        for reader in (_read_shapes, _read_pattern):
            if len(left):
                left, at = reader(left, at, layout, kind, pieces)
    return _assemble(texts, pieces, how)


@dataclass(frozen=True, slots=True)
class _Piece:
    """Values read by one layout. at: where among all texts (None: all of them). `lost` says what the digits after the
    sixth of a fraction are: 0 nothing, 1 less than a half, 2 a half or more."""

    at: pa.Array | None
    values: pa.Array
    lost: pl.Series | None = None


_Left = tuple[pa.Array, pa.Array | None]


def _read_shapes(texts: pa.Array, at: pa.Array | None, layout: Layout, kind: TypeKind, pieces: list[_Piece]) -> _Left:
    """Read the texts that have one of the layout's fixed-width shapes; what is left."""
    for shape in _worthwhile(layout, texts):
        candidates = fits_width(pc.binary_length(texts), shape)
        if not any_true(candidates):
            continue
        chosen = texts if candidates.true_count == len(texts) else texts.filter(candidates)
        found = read_shape(chosen, shape)
        if found is None:
            continue
        fields, fits = found
        values = _values(fields, tuple(directive for directive, _, _ in shape.fields), kind)
        done = pc.and_(fits, values.is_valid())
        if not any_true(done):
            continue
        chosen_at = at if chosen is texts else _indices(at, candidates)
        if done.true_count < len(chosen):
            chosen_at = _indices(chosen_at, done)
            values = values.filter(done)
        pieces.append(_Piece(chosen_at, values))
        if done.true_count == len(texts):
            return texts.slice(0, 0), at
        remaining = pc.invert(done if chosen is texts else pc.replace_with_mask(candidates, candidates, done))
        texts, at = texts.filter(remaining), _indices(at, remaining)
    return texts, at


def _worthwhile(layout: Layout, texts: pa.Array) -> tuple[Shape, ...]:
    """The shapes that texts may have by their width; none where there are so few texts that one regular expression is
    cheaper than all the shapes."""
    widths = pc.unique(pc.binary_length(texts)).to_pylist()
    shapes = tuple(shape for shape in layout.shapes if any(shape.shortest <= width <= shape.width for width in widths))
    return shapes if len(shapes) <= FEW_SHAPES or len(texts) >= TEXTS_A_SHAPE * len(shapes) else ()


def _read_pattern(texts: pa.Array, at: pa.Array | None, layout: Layout, kind: TypeKind, pieces: list[_Piece]) -> _Left:
    """Read the texts that the layout's regular expression takes, each different text once; what is left."""
    # Groups cost ten times what the expression alone does, so it looks first.
    matches = mask_from(to_series(texts).str.contains(layout.pattern))
    if not any_true(matches):
        return texts, at
    coded = texts.filter(matches).dictionary_encode()
    fields, lost = _fields(to_series(coded.dictionary), layout)
    values = _values(fields, layout.directives, kind)
    codes = coded.indices
    done = pc.and_(mask_of(fields["fits"]), values.is_valid()).take(codes)
    if any_true(done):
        pieces.append(
            _Piece(
                _indices(_indices(at, matches), done),
                values.take(codes.filter(done)),
                None if lost is None else lost.gather(pl.Series(codes.filter(done))),
            )
        )
    remaining = pc.invert(pc.replace_with_mask(matches, matches, done))
    return texts.filter(remaining), _indices(at, remaining)


def _indices(at: pa.Array | None, mask: pa.Array) -> pa.Array:
    return pc.indices_nonzero(mask) if at is None else at.filter(mask)


def _fields(texts: pl.Series, layout: Layout) -> tuple[dict[str, pa.Array], pl.Series | None]:
    """The fields of texts by the groups of the expression, as read_shape gives them, and what fractions lose."""
    groups = texts.str.extract_groups(layout.pattern).struct.unnest()
    fields: list[pl.Expr | pl.Series] = [(pl.col("rest") == "").alias("fits")]
    for name in layout.directives:
        group = pl.col(name)
        if name in "bB":
            month = group.str.slice(0, 3).str.to_lowercase()
            fields.append(month.replace_strict(MONTHS, list(range(1, 13)), default=None, return_dtype=pl.Int64))
        elif name == "p":
            fields.append((group.str.to_lowercase() == "pm").cast(pl.Int64))
        elif name == "f":
            fields.append(group.fill_null("").str.pad_end(6, "0").cast(pl.Int64))
        elif name == "z":
            fields.append(_offset(groups["z"]).alias("z"))
        elif name not in "aAwun":
            # Where ISO 8601 may leave a part out, it is zero.
            fields.append(group.str.strip_chars(" ").cast(pl.Int64).fill_null(0))
    lost = None
    if "n" in layout.directives:
        digits = groups["n"].fill_null("")
        lost = digits.str.contains("[1-9]").cast(pl.Int8) + digits.str.contains("^[5-9]").cast(pl.Int8)
        lost = lost if (lost > 0).any() else None
    return {column.name: column.to_arrow() for column in groups.select(fields)}, lost


def _offset(texts: pl.Series) -> pl.Series:
    """Offsets from UTC in microseconds; NULL from a whole day on, and where colons come and go."""
    parts = texts.str.extract_groups(_OFFSET).struct.unnest()
    minutes = pl.coalesce("minutes", "minutes_").cast(pl.Int64)
    seconds = pl.coalesce("seconds", "seconds_").cast(pl.Int64).fill_null(0)
    fraction = pl.col("fraction").fill_null("").str.pad_end(6, "0").cast(pl.Int64)
    size = ((pl.col("hours").cast(pl.Int64) * 60 + minutes) * 60 + seconds) * calendar.MICROSECONDS + fraction
    signed = pl.when(pl.col("sign") == "-").then(-size).otherwise(size)
    offset = pl.when(texts == "Z").then(pl.lit(0, dtype=pl.Int64)).when(size < calendar.DAY).then(signed)
    return parts.select(offset).to_series()


def _values(fields: calendar.Fields, directives: tuple[str, ...], kind: TypeKind) -> pa.Array:
    """Days for a date, microseconds for everything else, as int64; NULL where the fields are no date or no time.

    A format may read more than the type keeps, as `datetime.strptime(...).date()` does; all of it must still be right.
    """
    dated = bool(set(directives) & set("YymbBdj"))
    microseconds = calendar.microseconds(fields, directives)
    if microseconds is not None and kind is TypeKind.TIME and not dated:
        return microseconds
    days = calendar.days(fields, directives)
    nothing = pc.multiply(days, int64(0))
    if kind is TypeKind.TIME:
        return nothing if microseconds is None else pc.add(nothing, microseconds)
    if kind is TypeKind.DATE:
        return days if microseconds is None else pc.add(days, pc.multiply(microseconds, int64(0)))
    values = pc.multiply(days, int64(calendar.DAY))
    if microseconds is not None:
        values = pc.add(values, microseconds)
    return pc.subtract(values, fields["z"]) if "z" in directives else values


def _assemble(texts: pa.Array, pieces: list[_Piece], how: ReadAs) -> Reading:
    """Put the pieces in their places; then judge fractions and range."""
    kind = how.type.kind
    whole = pl.repeat(None, len(texts), dtype=pl.Int64, eager=True)
    lost = None
    for piece in pieces:
        if piece.at is None and len(pieces) == 1:
            whole = pl.Series(piece.values)
        else:
            positions = pl.Series(piece.at) if piece.at is not None else pl.int_range(len(texts), eager=True)
            whole = whole.scatter(positions, pl.Series(piece.values))
        if piece.lost is not None:
            lost = pl.repeat(0, len(texts), dtype=pl.Int8, eager=True) if lost is None else lost
            lost = lost.scatter(pl.Series(piece.at), piece.lost) if piece.at is not None else piece.lost
    problems = {}
    changes = {}
    invalid = pc.and_(texts.is_valid(), mask_from(whole.is_null()))
    if any_true(invalid):
        problems[Reason.INVALID] = invalid
    if lost is not None:
        inexact = mask_from(lost > 0)
        if how.round_half_up:
            whole = whole + (lost == 2).cast(pl.Int64)
            changes[ChangeRule.ROUNDED] = inexact
        else:
            problems[Reason.INEXACT] = inexact
            whole = pl.select(pl.when(lost == 0).then(whole)).to_series()
    if kind is TypeKind.TIMESTAMPTZ or changes:
        first, last = (0, calendar.DAY - 1) if kind is TypeKind.TIME else (_FIRST, _LAST)
        beyond = ~whole.is_between(first, last).fill_null(True)
        if beyond.any():
            whole = pl.select(pl.when(~beyond).then(whole)).to_series()
            problems[Reason.OUT_OF_RANGE] = mask_from(beyond)
            changes = {rule: pc.and_not(mask, mask_from(beyond)) for rule, mask in changes.items()}
    counted = whole.cast(pl.Int32) if kind is TypeKind.DATE else whole
    return Reading(counted.to_arrow().view(arrow_type(how.type)), occurring(problems), occurring(changes))
