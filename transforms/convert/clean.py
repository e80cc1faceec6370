"""The cleaning steps: text to text, NULL stays NULL."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from transforms.contract.plan import CleanStep
from transforms.convert.masks import any_true, differs, mask_of, to_series, to_string

_XML_SPACE = " \t\r\n"


def clean(texts: pa.Array, step: CleanStep) -> pa.Array:
    """The texts after one step; the very same array where the step finds nothing to do."""
    return _STEPS[step.name](texts, step)


def pattern_problem(step: CleanStep) -> str | None:
    """What is wrong with the pattern or the replacement of a `replace` step; None where nothing is.

    Both are RE2's, as in DuckDB's regexp_replace: the replacement refers to groups as `\\1`.
    """
    try:
        pc.replace_substring_regex(pa.array([""]), pattern=step.pattern, replacement=step.replacement)
    except pa.ArrowInvalid as error:
        return str(error)
    return None


def foreign_numbers(texts: pa.Array, cleaned: pa.Array, step: CleanStep) -> pa.Array | None:
    """Where the step `number` left a text that a number type would read, but otherwise than the step: `12.5` where the
    comma is decimal, `-1e5` where signs are dropped. None: nowhere.

    cleaned: what the step made of the texts. A text that it does read loses every point that is not decimal, and every
    sign that is dropped.
    """
    marks = ("" if step.decimal == "." else ".") + ("-" if step.drop_sign else "")
    if not marks:
        return None
    marked = mask_of(pc.match_substring_regex(texts, f"[{marks}]"))
    return pc.and_not(marked, differs(texts, cleaned)) if any_true(marked) else None


def _digits(texts: pa.Array, step: CleanStep) -> pa.Array:  # noqa: ARG001  every step has this shape
    if not to_series(texts).str.contains("[^0-9]").any():
        return texts
    return pc.replace_substring_regex(texts, pattern="[^0-9]+", replacement="")


def _upper(texts: pa.Array, step: CleanStep) -> pa.Array:  # noqa: ARG001  every step has this shape
    return to_string(to_series(texts).str.to_uppercase())


def _lower(texts: pa.Array, step: CleanStep) -> pa.Array:  # noqa: ARG001  every step has this shape
    return to_string(to_series(texts).str.to_lowercase())


def _collapse(texts: pa.Array, step: CleanStep) -> pa.Array:
    """XSD's whiteSpace=collapse: runs of white space become one space, none is left at the ends."""
    single = pc.replace_substring_regex(texts, pattern=r"[ \t\r\n]+", replacement=" ")
    return _trim(single, step)


def _trim(texts: pa.Array, step: CleanStep) -> pa.Array:  # noqa: ARG001  every step has this shape
    return pc.ascii_trim(texts, characters=_XML_SPACE)


def _replace(texts: pa.Array, step: CleanStep) -> pa.Array:
    return pc.replace_substring_regex(texts, pattern=step.pattern, replacement=step.replacement)


def _number(texts: pa.Array, step: CleanStep) -> pa.Array:
    """The one number in each text as optional minus, digits and point; a text with none or several stays as it is.

    A minus before the number, or at its end (`5-`, `5.00- EUR`), or parentheses around it, make it negative, unless the
    step drops the sign. A hyphen (a letter or digit beside it, as in `INV-5`, `5-A`), a second sign, or a separator
    beside the number that is none there (`,5` where the point is decimal) leaves the text as it is, rather than a
    guess.
    """
    pattern = _number_pattern(step.decimal, step.group)
    series = to_series(texts)
    found = series.str.contains(pattern)
    if not found.any():
        return texts
    parts = series.str.extract_groups(pattern).struct.unnest()
    forms = ("", "_nested", "_ended")
    before = pl.concat_str([f"before{form}" for form in forms], ignore_nulls=True)
    after = pl.concat_str([f"{part}{form}" for part in ("after", "alone") for form in forms], ignore_nulls=True)
    signed = pl.col("minus").is_in(["-", _MINUS]) | pl.col("open").is_not_null() | pl.col("end").is_not_null()
    negative = pl.lit(value=False) if step.drop_sign else signed.fill_null(value=False)
    parts = parts.with_columns(
        series.alias("text"),
        found.alias("found"),
        negative.alias("negative"),
        (before.str.replace_all(_quoted(step.group), "") if step.group else before).alias("whole"),
        after.alias("fraction"),
    )
    number = pl.concat_str(
        pl.when("negative").then(pl.lit("-")).otherwise(pl.lit("")),
        pl.when(pl.col("whole") == "").then(pl.lit("0")).otherwise(pl.col("whole")),
        pl.when(pl.col("fraction") == "").then(pl.lit("")).otherwise("." + pl.col("fraction")),
    )
    return to_string(parts.select(pl.when("found").then(number).otherwise("text")).to_series())


_MINUS = "\N{MINUS SIGN}"
_SIGNS = rf"+\-{_MINUS}"


@lru_cache(maxsize=64)
def _number_pattern(decimal: str, group: str) -> str:
    digits = "[0-9]"
    point = _quoted(decimal)
    whole = rf"{digits}{{1,3}}(?:{_quoted(group)}{digits}{{3}})+|{digits}+" if group else rf"{digits}+"
    other = rf"[^0-9{_SIGNS}()]"
    # Separators that touch the number from outside: read by another locale it would be another number.
    beside = "".join(map(_quoted, dict.fromkeys(".," + decimal + group.strip())))
    # `.5` is a number at the start, after a space or a currency sign, but `No.5` is left alone.
    lead, lead_point = rf"(?:{other}*[^0-9{_SIGNS}(){beside}])?", rf"(?:{other}*[\s\p{{Sc}}])?"

    def number(suffix: str) -> str:
        fraction = rf"(?:{point}(?P<after{suffix}>{digits}+))?"
        alone = rf"{lead_point}{point}(?P<alone{suffix}>{digits}+)"
        return rf"(?:{lead}(?P<before{suffix}>{whole}){fraction}|{alone})"

    sign = rf"(?:(?:{other}*[^\pL\pN{_SIGNS}()])?(?P<minus>[{_SIGNS}]))?"
    rest = rf"[^0-9{_SIGNS}]*"
    tail = rf"{point}?(?:[^0-9{_SIGNS}{beside}]{rest})?"
    nested = rf"{other}*(?P<open>\(){number('_nested')}{point}?(?:[^0-9{_SIGNS}(){beside}]{other}*)?\){rest}"
    # Behind a minus at the end stands at most a currency: in `5 - call` and `5-A` it is no sign.
    ended = rf"{number('_ended')}(?P<end>[\-{_MINUS}])\s*(?:\p{{Sc}}|[A-Z]{{3}})?\s*"
    return rf"(?s)^(?:{nested}|{sign}{number('')}{tail}|{ended})$"


def _quoted(character: str) -> str:
    """A character for a regular expression, in brackets or not."""
    return "".join(f"\\x{{{ord(part):x}}}" for part in character)


_STEPS: dict[str, Callable[[pa.Array, CleanStep], pa.Array]] = {
    "digits": _digits,
    "upper": _upper,
    "lower": _lower,
    "collapse": _collapse,
    "trim": _trim,
    "replace": _replace,
    "number": _number,
}
