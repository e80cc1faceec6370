"""What declared types of SQLite's columns stand for. SQLite itself only sees their affinity, so the names are chosen to
keep values as they are: a decimal that is not called a text would become a float."""

from __future__ import annotations

import re

import pyarrow as pa

from loaders.sqlite.reading import affinity

TYPES = {
    pa.bool_(): "boolean",
    pa.int8(): "tinyint",
    pa.int16(): "smallint",
    pa.int32(): "integer",
    pa.int64(): "bigint",
    pa.float64(): "double",
    pa.date32(): "date",
    pa.time64("us"): "time",
    pa.timestamp("us"): "timestamp",
    pa.timestamp("us", "UTC"): "timestamptz",
    pa.binary(): "blob",
}
_ARROW = {name: kind for kind, name in TYPES.items()} | {
    "int": pa.int64(),
    "integer": pa.int64(),
    "datetime": pa.timestamp("us"),
    "bool": pa.bool_(),
    "real": pa.float64(),
    "float": pa.float64(),
    "double precision": pa.float64(),
    "uuid": pa.string(),
}
_WIDTHS = {"tinyint": 8, "smallint": 16, "int": 64, "integer": 64, "bigint": 64}
_BITS = {pa.int8(): 8, pa.int16(): 16, pa.int32(): 32, pa.int64(): 64}
_TYPE = re.compile(r"\s*([A-Za-z_ ]*?)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?\s*")
DECIMAL = "decimal_text"


def parts(declared: str) -> tuple[str, list[int]]:
    """The name of a type in lower case, and its modifiers."""
    found = _TYPE.fullmatch(declared)
    if found is None:
        return declared.lower(), []
    return found[1].lower(), [int(each) for each in (found[2], found[3]) if each is not None]


def arrow_type(declared: str) -> pa.DataType | None:
    """The Arrow type of what is meant to be in such a column; None where no type of a contract is."""
    name, modifiers = parts(declared)
    if name == DECIMAL and modifiers:
        return pa.decimal128(modifiers[0], modifiers[1] if len(modifiers) > 1 else 0)
    if name in _ARROW:
        return _ARROW[name]
    return {"TEXT": pa.string(), "INTEGER": pa.int64(), "REAL": pa.float64(), "BLOB": pa.binary()}.get(
        affinity(declared)
    )


def fits(kind: pa.DataType, declared: str, *, uuid: bool = False) -> bool:
    """See TableDialect.fits. Lengths are not looked at, nor does SQLite."""
    name, _ = parts(declared)
    theirs = arrow_type(declared)
    if pa.types.is_string(kind):
        return (uuid and name == "uuid") or (affinity(declared) == "TEXT" and name != DECIMAL)
    if pa.types.is_integer(kind):
        return theirs is not None and pa.types.is_integer(theirs) and _BITS[kind] <= _WIDTHS.get(name, 64)
    if pa.types.is_boolean(kind):
        return theirs is not None and (pa.types.is_boolean(theirs) or pa.types.is_integer(theirs))
    if pa.types.is_decimal128(kind):
        if theirs is None or not pa.types.is_decimal(theirs):
            return False
        return bool(kind.scale <= theirs.scale and kind.precision - kind.scale <= theirs.precision - theirs.scale)
    return bool(theirs == kind)
