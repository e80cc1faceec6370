"""Values as people write them, and as JSON has them."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from decimal import Decimal

from columnar.checking.check_report import Json

_MOST = 1000  # characters of a value in a report


def value_text(value: object) -> str:
    """A value as text; NULL is ''."""
    if value is None:
        return ""
    for kind, write in _WRITERS.items():
        if isinstance(value, kind):
            return write(value)
    return str(value)


def value_json(value: object) -> Json:
    """A value in a type that JSON has: text where it has no other. Long ones are cut."""
    if value is None or isinstance(value, bool | int):
        return value
    return value if isinstance(value, float) and math.isfinite(value) else cut(value_text(value))


def cut(text: str) -> str:
    """The text, or the beginning of it."""
    return text if len(text) <= _MOST else text[: _MOST - 1] + "…"


_WRITERS: dict[type, Callable[[object], str]] = {
    bool: lambda value: "true" if value else "false",
    Decimal: lambda value: f"{value:f}",
    dt.datetime: str,
    bytes: lambda value: "0x" + value.hex() if isinstance(value, bytes) else "",
    list: lambda value: "[" + ", ".join(value_text(each) for each in value) + "]" if isinstance(value, list) else "",
}
