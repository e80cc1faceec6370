"""PostgreSQL's types and Arrow's."""

from __future__ import annotations

import re

import pyarrow as pa

TYPES = {
    pa.bool_(): "boolean",
    pa.int8(): "smallint",
    pa.int16(): "smallint",
    pa.int32(): "integer",
    pa.int64(): "bigint",
    pa.float64(): "double precision",
    pa.date32(): "date",
    pa.time64("us"): "time(6)",
    pa.timestamp("us"): "timestamp(6)",
    pa.timestamp("us", "UTC"): "timestamp(6) with time zone",
    pa.binary(): "bytea",
}
# As format_type writes them.
_PLAIN = {
    "boolean": pa.bool_(),
    "smallint": pa.int16(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "real": pa.float64(),
    "double precision": pa.float64(),
    "date": pa.date32(),
    "bytea": pa.binary(),
}
TEXTS = ("text", "character varying", "character", "xml", "json", "jsonb", "uuid", "citext", "name", "bpchar")
_INTEGERS = {pa.int8(): 2, pa.int16(): 2, pa.int32(): 4, pa.int64(): 8}
_WIDTHS = {"smallint": 2, "integer": 4, "bigint": 8}
_DIGITS = {pa.int8(): 3, pa.int16(): 5, pa.int32(): 10, pa.int64(): 19}
_TYPE = re.compile(r"([a-z ]+?)(?:\((\d+)(?:,(-?\d+))?\))?( with(?:out)? time zone)?")


def parts(kind: str) -> tuple[str, list[int]]:
    """The bare name of a type and its modifiers: `timestamp(6) with time zone` is (`timestamp with time zone`, [6])."""
    found = _TYPE.fullmatch(kind)
    if found is None:
        return kind, []
    return found[1] + (found[4] or ""), [int(each) for each in (found[2], found[3]) if each is not None]


def arrow_type(kind: str) -> pa.DataType | None:
    """The Arrow type that holds every value of a type; None where no type of a contract does."""
    name, modifiers = parts(kind)
    if name in _PLAIN:
        return _PLAIN[name]
    if name in TEXTS:
        return pa.string()
    if name == "numeric" and modifiers:
        precision, scale = modifiers[0], modifiers[1] if len(modifiers) > 1 else 0
        return pa.decimal128(precision, scale) if precision <= 38 and 0 <= scale <= precision else None
    if name == "time without time zone":
        return pa.time64("us")
    if name == "timestamp without time zone":
        return pa.timestamp("us")
    if name == "timestamp with time zone":
        return pa.timestamp("us", "UTC")
    return None


def fits(kind: pa.DataType, stored: str, *, length: int | None = None, uuid: bool = False) -> bool:
    """See TableDialect.fits."""
    name, modifiers = parts(stored)
    if pa.types.is_list(kind):
        return stored.endswith("[]") and fits(kind.value_type, stored[:-2])
    if pa.types.is_string(kind):
        return _fits_text(name, modifiers, length=length, uuid=uuid)
    if pa.types.is_integer(kind):
        if name == "numeric":
            return _holds(_DIGITS[kind], 0, modifiers)
        return _INTEGERS[kind] <= _WIDTHS.get(name, 0)
    if pa.types.is_decimal128(kind):
        return name == "numeric" and _holds(kind.precision - kind.scale, kind.scale, modifiers)
    if pa.types.is_temporal(kind) and modifiers and modifiers[0] < 6:
        return False  # it would round
    return name != "real" and arrow_type(stored) == kind


def _fits_text(name: str, modifiers: list[int], *, length: int | None, uuid: bool) -> bool:
    if name in ("text", "citext", "uuid", "xml", "json"):
        return True  # these three refuse what is none of theirs, value by value
    if name not in ("character varying", "character", "bpchar"):
        return False
    wanted = 36 if uuid else length
    return not modifiers or wanted is None or wanted <= modifiers[0]


def _holds(whole: int, scale: int, modifiers: list[int]) -> bool:
    if not modifiers:
        return True
    theirs = modifiers[1] if len(modifiers) > 1 else 0
    return whole <= modifiers[0] - theirs and scale <= theirs


def array_type(kind: str) -> pa.DataType | None:
    """The list type for an array of a type that contracts have; None for anything else."""
    element = arrow_type(kind.removesuffix("[]")) if kind.endswith("[]") else None
    return pa.list_(element) if element is not None else None
