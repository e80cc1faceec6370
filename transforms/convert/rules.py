"""The names under which conversion counts what it changed, and the reasons for which it refuses a value."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Why a value cannot be loaded as it stands; the `reason` of a rejected document."""

    MISSING = "missing_value"
    """No value where the column must have one."""
    INVALID = "invalid_value"
    """The text does not fit the type."""
    UNKNOWN = "unknown_value"
    """The text is not in the column's lookup."""
    TOO_LONG = "too_long"
    """More characters than the type takes, in Unicode code points."""
    OUT_OF_RANGE = "out_of_range"
    """Fits the type's notation, but not its range; follows `on_invalid`."""
    INEXACT = "inexact"
    """More digits after the point than the type keeps, and not all of them zero."""


class ChangeRule(StrEnum):
    """What happened to a value (or a row) on its way from the document into the table.

    Reading a text as a type is no change, nor is ignoring the white space around it where the type is not string.
    """

    TRIMMED = "trimmed"
    """`trim` took white space off the ends and left something."""
    BLANK_AS_NULL = "blank_as_null"
    """Nothing but white space became NULL; the empty text becomes NULL too, but is not counted."""
    NULL_WORD = "null_word"
    """One of `null_words` became NULL."""
    CLEAN_DIGITS = "clean_digits"
    """The step `digits` removed characters."""
    CLEAN_UPPER = "clean_upper"
    """The step `upper` changed the text."""
    CLEAN_LOWER = "clean_lower"
    """The step `lower` changed the text."""
    CLEAN_COLLAPSE = "clean_collapse"
    """The step `collapse` changed the text."""
    CLEAN_TRIM = "clean_trim"
    """The step `trim` changed the text."""
    CLEAN_REPLACE = "clean_replace"
    """A step `replace` changed the text."""
    CLEAN_NUMBER = "clean_number"
    """The step `number` took a number out of other text."""
    LOOKUP = "lookup"
    """The lookup gave another text than the document's."""
    KEPT_UNKNOWN = "kept_unknown"
    """Not in the lookup; kept by `on_unknown: keep`."""
    TRUNCATED = "truncated"
    """Cut to the length of the type by `on_too_long: truncate`."""
    ROUNDED = "rounded"
    """Rounded by `on_inexact: round_half_up`."""
    DEFAULTED_MISSING = "defaulted_missing"
    """No value; replaced by the default."""
    DEFAULTED_INVALID = "defaulted_invalid"
    """Does not fit the type; replaced by the default."""
    DEFAULTED_UNKNOWN = "defaulted_unknown"
    """Not in the lookup; replaced by the default."""
    DEFAULTED_TOO_LONG = "defaulted_too_long"
    """Too long; replaced by the default."""
    DEFAULTED_OUT_OF_RANGE = "defaulted_out_of_range"
    """Out of the type's range; replaced by the default."""
    DEFAULTED_INEXACT = "defaulted_inexact"
    """More digits than the type keeps; replaced by the default."""
    NULLED_INVALID = "nulled_invalid"
    """Does not fit the type; made NULL."""
    NULLED_UNKNOWN = "nulled_unknown"
    """Not in the lookup; made NULL."""
    NULLED_TOO_LONG = "nulled_too_long"
    """Too long; made NULL."""
    NULLED_OUT_OF_RANGE = "nulled_out_of_range"
    """Out of the type's range; made NULL."""
    NULLED_INEXACT = "nulled_inexact"
    """More digits than the type keeps; made NULL."""
    REJECTED_MISSING = "rejected_missing"
    """No value; its row was rejected."""
    REJECTED_INVALID = "rejected_invalid"
    """Does not fit the type; its row was rejected."""
    REJECTED_UNKNOWN = "rejected_unknown"
    """Not in the lookup; its row was rejected."""
    REJECTED_TOO_LONG = "rejected_too_long"
    """Too long; its row was rejected."""
    REJECTED_OUT_OF_RANGE = "rejected_out_of_range"
    """Out of the type's range; its row was rejected."""
    REJECTED_INEXACT = "rejected_inexact"
    """More digits than the type keeps; its row was rejected."""
    ROW_REJECTED = "row_rejected"
    """A row dropped by `reject_row`; column '' and once a row, however many of its values are at fault."""


def defaulted(reason: Reason) -> ChangeRule:
    """The rule under which a value replaced by the default for that reason is counted."""
    return ChangeRule(f"defaulted_{reason.removesuffix('_value')}")


def nulled(reason: Reason) -> ChangeRule:
    """The rule under which a value made NULL for that reason is counted."""
    return ChangeRule(f"nulled_{reason.removesuffix('_value')}")


def rejected(reason: Reason) -> ChangeRule:
    """The rule under which a value that rejected its row for that reason is counted."""
    return ChangeRule(f"rejected_{reason.removesuffix('_value')}")
