"""One text read as one type, by the letter of docs/contract.md: regular expressions, Decimal and strptime."""

from __future__ import annotations

import base64
import datetime as dt
import re
import uuid
import warnings
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from tests.oracle.written import Type

SPACE = " \t\r\n"  # of XML
_TRUE = ("true", "1", "t", "yes", "y")
_FALSE = ("false", "0", "f", "no", "n")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
_FLOAT = re.compile(_NUMBER.pattern + r"([eE][+-]?[0-9]+)?")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_BASE64 = re.compile(r"([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_DATE = r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})"
_TIME = r"(?P<time>[0-9]{2}:[0-9]{2})(:(?P<second>[0-9]{2})(\.(?P<fraction>[0-9]{1,9}))?)?"
_ISO = {
    "date": _DATE,
    "time": _TIME,
    "timestamp": f"{_DATE}([T ]{_TIME})?",
    "timestamptz": rf"{_DATE}[T ]{_TIME}(?P<zone>Z|[+-][0-9]{{2}}:[0-9]{{2}})",
}
_INFINITE = {"INF": "inf", "+INF": "inf", "-INF": "-inf", "NaN": "nan"}
_MICROSECOND = dt.timedelta(microseconds=1)


class Wrong(Exception):  # noqa: N818  a finding, not a failure of this program
    """The text is no value of the type; why is its reason code."""


@dataclass(frozen=True)
class Value:
    """What a text says, and how it was changed to fit: `truncated`, `rounded` or not at all."""

    value: Any
    change: str | None = None


def read(text: str, type_: Type, formats: tuple[str, ...], *, truncate: bool, half_up: bool) -> Value:
    """The value of a text; Wrong with the reason where there is none."""
    if type_.name == "string":
        return _text(text, type_, truncate=truncate)
    text = text.strip(SPACE)
    if type_.name.startswith("int") or type_.name == "decimal":
        return _number(text, type_, half_up=half_up)
    if type_.name in _ISO:
        return _moment(text, type_.name, formats, half_up=half_up)
    return Value({"float64": _float, "bool": _bool, "uuid": _uuid, "binary": _binary}[type_.name](text, type_))


def _text(text: str, type_: Type, *, truncate: bool) -> Value:
    longest = int(type_.detail[0]) if type_.detail else len(text)
    if len(text) <= longest:
        return Value(text)
    if not truncate:
        raise Wrong("too_long")
    return Value(text[:longest], "truncated")


def _number(text: str, type_: Type, *, half_up: bool) -> Value:
    if not _NUMBER.fullmatch(text):
        raise Wrong("invalid_value")
    scale = int(type_.detail[1]) if type_.name == "decimal" else 0
    with localcontext() as context:
        context.prec = 500
        number = Decimal(text)
        kept = number.quantize(Decimal(1).scaleb(-scale), rounding=ROUND_HALF_UP if half_up else ROUND_DOWN) + 0
        exact = kept == number
    if type_.name == "decimal":
        fits = abs(kept) < Decimal(10) ** (int(type_.detail[0]) - scale)
    else:
        bits = int(type_.name.removeprefix("int"))
        fits = -(2 ** (bits - 1)) <= kept < 2 ** (bits - 1)
    if not fits:
        raise Wrong("out_of_range")
    if not exact and not half_up:
        raise Wrong("inexact")
    return Value(kept if type_.name == "decimal" else int(kept), None if exact else "rounded")


def _float(text: str, _type: Type) -> float:
    if text in _INFINITE:
        return float(_INFINITE[text])
    if not _FLOAT.fullmatch(text):
        raise Wrong("invalid_value")
    value = float(text)
    if abs(value) == float("inf"):
        raise Wrong("out_of_range")
    return value


def _bool(text: str, _type: Type) -> bool:
    if text.lower() not in (*_TRUE, *_FALSE):
        raise Wrong("invalid_value")
    return text.lower() in _TRUE


def _uuid(text: str, _type: Type) -> str:
    bare = text[1:-1] if text[:1] + text[-1:] == "{}" else text
    if not _UUID.fullmatch(bare):
        raise Wrong("invalid_value")
    return str(uuid.UUID(bare))


def _binary(text: str, type_: Type) -> bytes:
    if "hex" in type_.detail:
        if not re.fullmatch("([0-9a-fA-F]{2})*", text):
            raise Wrong("invalid_value")
        return bytes.fromhex(text)
    text = re.sub(f"[{SPACE}]", "", text)
    if not _BASE64.fullmatch(text) or base64.b64encode(base64.b64decode(text)).decode() != text:
        raise Wrong("invalid_value")
    return base64.b64decode(text)


def _moment(text: str, kind: str, formats: tuple[str, ...], *, half_up: bool) -> Value:
    """A date, a time or both. Beyond microseconds there are digits only without formats."""
    moment, rest = _by_formats(text, formats) if formats else _by_iso(text, kind)
    if rest.strip("0") and not half_up:
        _utc(moment, kind)  # out of range comes before inexact
        raise Wrong("inexact")
    day = moment.date()
    if rest[:1] >= "5":
        try:
            moment += _MICROSECOND
        except OverflowError:
            raise Wrong("out_of_range") from None
    if kind == "time" and moment.date() != day:
        raise Wrong("out_of_range")
    moment = _utc(moment, kind)
    value = {"date": moment.date(), "time": moment.time()}.get(kind, moment)
    return Value(value, "rounded" if rest.strip("0") else None)


def _utc(moment: dt.datetime, kind: str) -> dt.datetime:
    if kind != "timestamptz":
        return moment.replace(tzinfo=None)
    try:
        return moment.astimezone(dt.UTC)
    except OverflowError:
        raise Wrong("out_of_range") from None


def _by_formats(text: str, formats: tuple[str, ...]) -> tuple[dt.datetime, str]:
    for pattern in formats:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # a day without a year, from Python 3.13 on
            try:
                if text.isascii():
                    return dt.datetime.strptime(text, pattern), ""
            except (ValueError, OverflowError):
                pass
    raise Wrong("invalid_value")


def _by_iso(text: str, kind: str) -> tuple[dt.datetime, str]:
    found = re.fullmatch(_ISO[kind], text)
    if not found:
        raise Wrong("invalid_value")
    parts = {"date": "2000-01-01", "time": "00:00", "second": None, "fraction": None, "zone": None}
    parts |= {name: part for name, part in found.groupdict().items() if part}
    fraction = (parts["fraction"] or "").ljust(9, "0")
    zone = {None: "", "Z": "+00:00"}.get(parts["zone"], parts["zone"])
    try:
        moment = dt.datetime.fromisoformat(f"{parts['date']}T{parts['time']}:{parts['second'] or '00'}{zone}")
    except ValueError:
        raise Wrong("invalid_value") from None
    return moment.replace(microsecond=int(fraction[:6])), fraction[6:]
