"""The cleaning steps: text to text, NULL stays NULL."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from transforms.contract.plan import CleanStep
from transforms.convert.masks import to_series, to_string

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

    A minus or opening parenthesis before the number makes it negative, with anything but digits between them and only
    if no letter or digit stands right before the minus, where it would be a hyphen (`INV-5`). A text that has any other
    minus or sign is left alone rather than guessed at.
    """
    pattern = _number_pattern(step.decimal, step.group)
    series = to_series(texts)
    found = series.str.contains(pattern)
    if not found.any():
        return texts
    parts = series.str.extract_groups(pattern).struct.unnest()
    minus = (parts["minus"].fill_null("").is_in(["-", "\N{MINUS SIGN}"])) | parts["open"].is_not_null()
    # One of the two alternatives took part: the number in parentheses, or the one with a sign or none.
    before = parts["before"].fill_null("") + parts["before_open"].fill_null("")
    after = parts["after"].fill_null("") + parts["after_open"].fill_null("")
    if step.group:
        before = before.str.replace_all(step.group, "", literal=True)
    frame = pl.DataFrame({"text": series, "found": found, "minus": minus, "before": before, "after": after})
    number = pl.concat_str(
        pl.when("minus").then(pl.lit("-")).otherwise(pl.lit("")),
        pl.when(pl.col("before") == "").then(pl.lit("0")).otherwise(pl.col("before")),
        pl.when(pl.col("after") == "").then(pl.lit("")).otherwise("." + pl.col("after")),
    )
    return to_string(frame.select(pl.when("found").then(number).otherwise(pl.col("text"))).to_series())


@lru_cache(maxsize=64)
def _number_pattern(decimal: str, group: str) -> str:
    point = _quoted(decimal)
    whole = rf"[0-9]{{1,3}}(?:{_quoted(group)}[0-9]{{3}})+|[0-9]+" if group else "[0-9]+"
    other = "[^0-9+\\-\N{MINUS SIGN}()]*"  # nothing that could be another sign
    # Where the point may not stand: `1.234.50` is no number, and `.` before the digits would be their point.
    bare = rf"(?P<before>{whole})?(?:{point}(?P<after>[0-9]+))?"
    nested = bare.replace("<before>", "<before_open>").replace("<after>", "<after_open>")
    signed = rf"(?:(?:[^0-9+\-\N{{MINUS SIGN}}()]*[^\pL\pN+\-\N{{MINUS SIGN}}()])?(?P<minus>[+\-\N{{MINUS SIGN}}]))?"
    signed = signed.replace(r"\N{MINUS SIGN}", "\N{MINUS SIGN}")
    rest = "[^0-9\\-\N{MINUS SIGN}]*"
    return rf"(?s)^(?:{other}(?P<open>\(){other}{nested}{other}\){rest}|{signed}{other}{bare}{rest})$"


def _quoted(character: str) -> str:
    """A character for a regular expression; a space stands for the no-break spaces that locales write instead."""
    if character == " ":
        return "[ \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]"
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
