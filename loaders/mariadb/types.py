"""MariaDB's types and Arrow's."""

from __future__ import annotations

import re

import pyarrow as pa

TYPES = {
    pa.bool_(): "boolean",
    pa.int8(): "tinyint",
    pa.int16(): "smallint",
    pa.int32(): "int",
    pa.int64(): "bigint",
    pa.float64(): "double",
    pa.date32(): "date",
    pa.time64("us"): "time(6)",
    pa.timestamp("us"): "datetime(6)",
    pa.timestamp("us", "UTC"): "datetime(6)",
    pa.binary(): "longblob",
}
TEXTS = ("char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "uuid")
BINARIES = ("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob")
# Of a column that holds zoned times: MariaDB's own type for them ends in 2038.
UTC = "UTC"

_INTEGERS = {"tinyint": 8, "smallint": 16, "mediumint": 24, "int": 32, "bigint": 64}
_WIDER = {8: pa.int8(), 16: pa.int16(), 24: pa.int32(), 32: pa.int32(), 64: pa.int64()}
_UNSIGNED = {8: pa.int16(), 16: pa.int32(), 24: pa.int32(), 32: pa.int64(), 64: pa.decimal128(20, 0)}
_WIDTHS = {pa.int8(): 8, pa.int16(): 16, pa.int32(): 32, pa.int64(): 64}
_DIGITS = {pa.int8(): 3, pa.int16(): 5, pa.int32(): 10, pa.int64(): 19}
_PLAIN = {"double": pa.float64(), "date": pa.date32(), "time": pa.time64("us"), "datetime": pa.timestamp("us")}
# Bytes of a text. What fits into memory fits into a longtext.
MOST_BYTES = {"tinytext": 255, "text": 65_535, "mediumtext": 16_777_215}
_MEMBER = re.compile(r"'((?:[^']|'')*)'")
_TYPE = re.compile(r"([a-z0-9]+)(?:\((\d+)(?:,(\d+))?\))?((?: [a-z]+)*)")


def parts(kind: str) -> tuple[str, list[int], bool]:
    """The bare name of a type, its modifiers, and whether it has no negative numbers."""
    found = _TYPE.fullmatch(kind.lower())
    if found is None:
        return kind.lower().partition("(")[0], [], False
    return found[1], [int(each) for each in (found[2], found[3]) if each is not None], "unsigned" in found[4]


def arrow_type(kind: str, comment: str = "") -> pa.DataType | None:
    """The Arrow type that holds every value of a type; None where no type of a contract does. comment: the column's."""
    name, modifiers, unsigned = parts(kind)
    if name == "tinyint" and modifiers == [1] and not unsigned:
        return pa.bool_()
    if name in _INTEGERS:
        return (_UNSIGNED if unsigned else _WIDER)[_INTEGERS[name]]
    if name == "decimal":
        precision, scale = modifiers[0], modifiers[1] if len(modifiers) > 1 else 0
        return pa.decimal128(precision, scale) if precision <= 38 else None
    if name in TEXTS:
        return pa.string()
    if name in BINARIES:
        return pa.binary()
    if name == "timestamp" or (name == "datetime" and comment == UTC):
        return pa.timestamp("us", "UTC")
    return _PLAIN.get(name)


def fits(kind: pa.DataType, stored: str, *, length: int | None = None, uuid: bool = False) -> bool:
    """See TableDialect.fits. Of columns without negative numbers, those that hold the others: the database refuses the
    rest."""
    name, modifiers, _ = parts(stored)
    if pa.types.is_string(kind):
        wanted = 36 if uuid else length
        return name in TEXTS and (not modifiers or wanted is None or wanted <= modifiers[0])
    if pa.types.is_boolean(kind):
        return name in _INTEGERS
    if pa.types.is_integer(kind):
        if name == "decimal":
            return _holds(_DIGITS[kind], 0, modifiers)
        return name in _INTEGERS and _WIDTHS[kind] <= _INTEGERS[name]
    if pa.types.is_decimal128(kind):
        return name == "decimal" and _holds(kind.precision - kind.scale, kind.scale, modifiers)
    if pa.types.is_timestamp(kind):
        return bool(modifiers == [6] and (name == "datetime" or (name == "timestamp" and kind.tz is not None)))
    if pa.types.is_time(kind):
        return name == "time" and modifiers == [6]
    if pa.types.is_binary(kind):
        return name in BINARIES and name != "binary"  # which is padded
    return _PLAIN.get(name) == kind and not modifiers  # double(10,2) would round


def members(kind: str) -> list[str]:
    """Of an enumeration."""
    return [found.replace("''", "'") for found in _MEMBER.findall(kind)] if kind.startswith("enum(") else []


def _holds(whole: int, scale: int, modifiers: list[int]) -> bool:
    theirs = modifiers[1] if len(modifiers) > 1 else 0
    return whole <= modifiers[0] - theirs and scale <= theirs
