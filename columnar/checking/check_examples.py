"""For each rule that changes values, a value that it changed.

Conversion counts by column and rule, and does not keep which values;
an example is looked for by what the rule does.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from columnar.checking.check_values import value_text
from transforms.contract.plan import ColumnPlan

Fits = Callable[[str, object], bool]  # the document's text, and the value in the table

_WHITE = " \t\r\n"  # XML's white space
# Rules after which there is nothing to compare: the text was none, or was taken from several.
_WITHOUT = ("several", "defaulted_missing")


def example_test(column: ColumnPlan, rule: str) -> Fits | None:
    """What tells whether a value is one that the rule may have changed; None where no text became a value."""
    if rule in _WITHOUT:
        return None
    if rule == "blank_as_null":
        return lambda text, _: bool(text) and not text.strip(_WHITE)
    if rule == "trimmed":
        return lambda text, _: text != text.strip(_WHITE) != ""
    if rule == "null_word":
        words = {word.lower() for word in column.null_words}
        return lambda text, _: text.strip(_WHITE).lower() in words
    if rule == "truncated":
        return lambda text, value: isinstance(value, str) and len(value) < len(text.strip(_WHITE))
    if rule.startswith("nulled_"):
        return lambda text, value: value is None and bool(text.strip(_WHITE))
    return lambda text, value: value is not None and bool(text) and _differs(text, value)


def _differs(text: str, value: object) -> bool:
    """Whether the value says something else: 1.0 does not, of the text 1."""
    if isinstance(value, Decimal):
        try:
            return Decimal(text) != value
        except InvalidOperation:
            return True
    return value_text(value) != text
