"""SQL Server's types and Arrow's."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pyarrow as pa

from loaders.database.catalog import StoredColumn

TYPES = {
    pa.bool_(): "bit",
    pa.int8(): "smallint",  # tinyint has no sign
    pa.int16(): "smallint",
    pa.int32(): "int",
    pa.int64(): "bigint",
    pa.float64(): "float",
    pa.date32(): "date",
    pa.time64("us"): "time(6)",
    pa.timestamp("us"): "datetime2(6)",
    pa.timestamp("us", "UTC"): "datetimeoffset(6)",
    pa.binary(): "varbinary(max)",
}
_ARROW = {
    "bit": pa.bool_(),
    "tinyint": pa.int16(),
    "smallint": pa.int16(),
    "int": pa.int32(),
    "bigint": pa.int64(),
    "float": pa.float64(),
    "real": pa.float64(),
    "money": pa.decimal128(19, 4),
    "smallmoney": pa.decimal128(10, 4),
    "date": pa.date32(),
    "datetime": pa.timestamp("us"),
    "smalldatetime": pa.timestamp("us"),
    "datetime2": pa.timestamp("us"),
    "datetimeoffset": pa.timestamp("us", "UTC"),
    "time": pa.time64("us"),
    "uniqueidentifier": pa.string(),
}
WIDE = ("nchar", "nvarchar", "ntext", "sysname")
NARROW = ("char", "varchar", "text")
BINARY = ("binary", "varbinary", "image", "timestamp", "rowversion")
INTEGERS = ("bit", "tinyint", "smallint", "int", "bigint")
_BITS = {"tinyint": 8, "smallint": 16, "int": 32, "bigint": 64}
_DIGITS = {8: 3, 16: 5, 32: 10, 64: 19}
# Without a scale these have seven digits of a second.
_SCALED = ("datetime2", "datetimeoffset", "time")
_TYPE = re.compile(r"\[?([a-z0-9_]+)\]?(?:\((max|\d+)(?:,\s*(\d+))?\))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SqlType:
    """A type in parts. length: in characters or bytes, None for (max) and for types without one. precision, scale: of
    decimals; scale also the digits of a second."""

    name: str
    length: int | None = None
    precision: int = 0
    scale: int = 0

    @property
    def is_wide(self) -> bool:
        """Whether it is Unicode text."""
        return self.name in WIDE

    @property
    def is_narrow(self) -> bool:
        """Whether it is text in a code page, or UTF-8 under a collation of that name."""
        return self.name in NARROW

    @property
    def is_binary(self) -> bool:
        """Whether it is bytes."""
        return self.name in BINARY

    @property
    def is_decimal(self) -> bool:
        """Whether it is a decimal of any kind."""
        return self.name in ("decimal", "numeric", "money", "smallmoney")


def sql_type(text: str) -> SqlType:
    """A type as sys.types and describe_first_result_set write it: `decimal(12,2)`, `nvarchar(max)`, `datetime2(7)`."""
    found = _TYPE.fullmatch(text.strip())
    if found is None:
        return SqlType(text.lower())
    name, first, second = found[1].lower(), found[2], found[3]
    if name in _SCALED:
        return SqlType(name, scale=7 if first is None else int(first))
    if name in ("decimal", "numeric"):
        return SqlType(name, precision=int(first or 18), scale=int(second or 0))
    if name in ("money", "smallmoney"):
        return SqlType(name, precision=19 if name == "money" else 10, scale=4)
    if name in ("char", "nchar", "varchar", "nvarchar", "binary", "varbinary"):
        return SqlType(name, length=None if (first or "1").lower() == "max" else int(first or 1))
    if name in ("timestamp", "rowversion"):
        return SqlType(name, length=8)
    return SqlType(name, length=128 if name == "sysname" else None)


def arrow_type(text: str) -> pa.DataType | None:
    """The Arrow type that holds every value of a type; None where no type of a contract does."""
    kind = sql_type(text)
    if kind.name in ("decimal", "numeric"):
        return pa.decimal128(kind.precision, kind.scale)
    if kind.is_wide or kind.is_narrow or kind.name == "xml":
        return pa.string()
    if kind.is_binary:
        return pa.binary()
    return _ARROW.get(kind.name)


def fits(kind: pa.DataType, column: StoredColumn, *, length: int | None = None, uuid: bool = False) -> bool:
    """See TableDialect.fits. What a column would round, cut or replace by `?` is refused value by value, by the
    expressions of loaders.mssql.exact_values."""
    stored = sql_type(column.type)
    if pa.types.is_string(kind):
        return _fits_text(stored, length=length, uuid=uuid)
    if pa.types.is_boolean(kind):
        return stored.name == "bit"
    if pa.types.is_integer(kind):
        return _fits_integer(kind.bit_width, stored)
    if pa.types.is_decimal128(kind):
        whole, theirs = kind.precision - kind.scale, stored.precision - stored.scale
        return stored.is_decimal and whole <= theirs and kind.scale <= stored.scale
    if pa.types.is_floating(kind):
        return stored.name == "float"
    if pa.types.is_timestamp(kind):
        names = ("datetimeoffset",) if kind.tz else ("datetime2", "datetime", "smalldatetime")
        return stored.name in names
    if pa.types.is_binary(kind):
        return stored.name in ("varbinary", "image")
    return stored.name in _ARROW and bool(_ARROW[stored.name] == kind)


def _fits_integer(bits: int, stored: SqlType) -> bool:
    if stored.is_decimal:
        return _DIGITS[bits] <= stored.precision - stored.scale
    # int8 goes into tinyint, which refuses what is below zero.
    return bits <= _BITS.get(stored.name, 0)


def _fits_text(stored: SqlType, *, length: int | None, uuid: bool) -> bool:
    if stored.name in ("uniqueidentifier", "xml"):
        return True  # which refuse what is none
    if not (stored.is_wide or stored.is_narrow):
        return False
    wanted = 36 if uuid else length
    return stored.length is None or wanted is None or wanted <= stored.length
