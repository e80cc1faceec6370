"""Whether a type can read a text that the contract itself holds: a default, or what a lookup returns."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import date, datetime, time

from transforms.contract.column_type import type_text
from transforms.contract.plan import ColumnType, TypeKind

_BLANKS = " \t\r\n"
_BOOL = frozenset({"true", "false", "1", "0", "t", "f", "yes", "no", "y", "n"})
_INT = re.compile(r"([+-]?[0-9]+)(\.0+)?", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(?:([0-9]+)(?:\.([0-9]*))?|\.([0-9]+))", re.ASCII)
_FLOAT = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|NaN|[+-]?INF", re.ASCII)
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = r"[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.([0-9]{1,9}))?)?"
_ISO = {
    TypeKind.DATE: re.compile(_DATE, re.ASCII),
    TypeKind.TIME: re.compile(_TIME, re.ASCII),
    TypeKind.TIMESTAMP: re.compile(f"{_DATE}(?:[T ]{_TIME})?", re.ASCII),
    TypeKind.TIMESTAMPTZ: re.compile(f"{_DATE}[T ]{_TIME}(?:Z|[+-][0-9]{{2}}:[0-9]{{2}})", re.ASCII),
}
_UUID = re.compile(r"[0-9a-f]{8}(-?)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


def literal_fault(text: str, column_type: ColumnType, formats: tuple[str, ...]) -> str:
    """Why the type cannot read `text`, such as "'x' is not an int16"; '' where it can."""
    kind = column_type.kind
    if kind is TypeKind.STRING:
        length = column_type.length
        return f"{text!r} has {len(text)} characters" if length is not None and len(text) > length else ""
    bare = text.strip(_BLANKS)
    name = type_text(column_type)
    fault = f"{text!r} is not {'an' if name[0] in 'aeiou' and kind is not TypeKind.UUID else 'a'} {name}"
    if kind is TypeKind.INT:
        return _int_fault(bare, column_type, fault)
    if kind is TypeKind.DECIMAL:
        return _decimal_fault(bare, column_type, fault)
    if kind in _ISO:
        return "" if _reads_moment(bare, kind, formats) else fault
    return "" if _reads(bare, column_type) else fault


def _reads(text: str, column_type: ColumnType) -> bool:
    kind = column_type.kind
    if kind is TypeKind.BOOL:
        return text.lower() in _BOOL
    if kind is TypeKind.FLOAT:
        return _FLOAT.fullmatch(text) is not None
    if kind is TypeKind.UUID:
        return _UUID.fullmatch(text) is not None
    try:
        if column_type.encoding == "hex":
            binascii.unhexlify(text)
        else:
            base64.b64decode(text, validate=True)
    except ValueError:
        return False
    return True


def _int_fault(text: str, column_type: ColumnType, fault: str) -> str:
    match = _INT.fullmatch(text)
    if match is None:
        return fault
    digits = match.group(1)
    half = 2 ** (column_type.bits - 1)
    fits = len(digits.lstrip("+-0")) <= 20 and -half <= int(digits) < half
    return "" if fits else f"{fault}: that goes from {-half} to {half - 1}"


def _decimal_fault(text: str, column_type: ColumnType, fault: str) -> str:
    match = _DECIMAL.fullmatch(text)
    if match is None:
        return fault
    whole = (match.group(1) or "").lstrip("0")
    fraction = (match.group(2) or match.group(3) or "").rstrip("0")
    most = column_type.precision - column_type.scale
    if len(whole) > most:
        return f"{fault}: it has {len(whole)} digits before the dot, and the type keeps {most}"
    if len(fraction) > column_type.scale:
        return f"{fault}: it has {len(fraction)} digits after the dot, and the type keeps {column_type.scale}"
    return ""


def _reads_moment(text: str, kind: TypeKind, formats: tuple[str, ...]) -> bool:
    for form in formats:
        try:
            datetime.strptime(text, form)
        except ValueError:
            continue
        return True
    match = None if formats else _ISO[kind].fullmatch(text)
    if match is None:
        return False
    if match.groups() and (match.group(1) or "")[6:].strip("0"):
        return False
    # fromisoformat checks the ranges; Python reads six fraction digits at most.
    plain = re.sub(r"(\.[0-9]{6})[0-9]+", r"\1", text)
    reader = {TypeKind.DATE: date.fromisoformat, TypeKind.TIME: time.fromisoformat}.get(kind, datetime.fromisoformat)
    try:
        reader(plain)
    except ValueError:
        return False
    return True
