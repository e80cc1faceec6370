"""Numbers that SQL made, as the narrower type of their column: range and digits are checked, nothing goes through
text."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from transforms.contract.plan import TypeKind
from transforms.convert.masks import any_true, mask_of
from transforms.convert.reading import ReadAs, Reading, occurring
from transforms.convert.rules import ChangeRule, Reason
from transforms.convert.types import arrow_type

_DIGITS = 19  # of an int64


def narrowed(values: pa.Array, how: ReadAs) -> Reading:
    """Integers or decimals as the integer or decimal that `how` asks for; other values, and those of its type, as
    they are.

    What is out of range, or has more digits after the point than the type keeps, is what it would be in a text: out of
    range before inexact, rounded half up (away from zero) where so asked, and cut off before its range is looked at
    where not.
    """
    target = arrow_type(how.type)
    if how.type.kind not in (TypeKind.INT, TypeKind.DECIMAL) or values.type == target:
        return Reading(values)
    if how.type.kind is TypeKind.INT and pa.types.is_integer(values.type):
        beyond = _beyond(values, *_range(how))
        return Reading(_without(values, beyond).cast(target), occurring({Reason.OUT_OF_RANGE: beyond}))
    exact = _as_decimal(values)
    kept = exact
    inexact = None
    if exact.type.scale > how.type.scale:
        mode = "half_towards_infinity" if how.round_half_up else "towards_zero"
        kept = pc.round(exact, how.type.scale, mode)
        inexact = mask_of(pc.not_equal(kept, exact))
    beyond = _beyond(kept, *_range(how))
    problems = {Reason.OUT_OF_RANGE: beyond}
    changes = {}
    gone = beyond
    if inexact is not None:
        inexact = pc.and_not(inexact, beyond)
        if how.round_half_up:
            changes[ChangeRule.ROUNDED] = inexact
        else:
            problems[Reason.INEXACT] = inexact
            gone = pc.or_(beyond, inexact)
    return Reading(_to(_without(kept, gone), how), occurring(problems), occurring(changes))


def _range(how: ReadAs) -> tuple[int, int]:
    """The smallest and the largest whole number of the type."""
    if how.type.kind is TypeKind.INT:
        return -(2 ** (how.type.bits - 1)), 2 ** (how.type.bits - 1) - 1
    most = 10 ** (how.type.precision - how.type.scale) - 1
    return -most, most


def _as_decimal(values: pa.Array) -> pa.Array:
    """Numbers as decimals with a digit to spare, which rounding may need."""
    if pa.types.is_integer(values.type):
        return values.cast(pa.decimal256(_DIGITS, 0))
    return values.cast(pa.decimal256(values.type.precision + 1, values.type.scale))


def _beyond(values: pa.Array, least: int, most: int) -> pa.Array:
    """Where values are out of the range; a decimal is, where its whole part is."""
    if pa.types.is_integer(values.type):
        return mask_of(pc.or_(pc.less(values, least), pc.greater(values, most)))
    digits = values.type.precision - values.type.scale
    masks = []
    if len(str(most + 1)) <= digits:
        masks.append(mask_of(pc.greater_equal(values, pa.scalar(most + 1, values.type))))
    if len(str(-(least - 1))) <= digits:
        masks.append(mask_of(pc.less_equal(values, pa.scalar(least - 1, values.type))))
    if not masks:
        return pa.repeat(pa.scalar(False), len(values))
    return masks[0] if len(masks) == 1 else pc.or_(*masks)


def _without(values: pa.Array, gone: pa.Array) -> pa.Array:
    return pc.if_else(gone, pa.scalar(None, values.type), values) if any_true(gone) else values


def _to(values: pa.Array, how: ReadAs) -> pa.Array:
    """Decimals that fit the type, as the type."""
    whole = values.cast(pa.int64()) if how.type.kind is TypeKind.INT else values
    return whole.cast(arrow_type(how.type))
