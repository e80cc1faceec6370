"""DuckDB's types and Arrow's."""

from __future__ import annotations

import re

import pyarrow as pa

from loaders.errors import UsageError

_PLAIN = {
    pa.bool_(): "BOOLEAN",
    pa.int8(): "TINYINT",
    pa.int16(): "SMALLINT",
    pa.int32(): "INTEGER",
    pa.int64(): "BIGINT",
    pa.float64(): "DOUBLE",
    pa.string(): "VARCHAR",
    pa.date32(): "DATE",
    pa.time64("us"): "TIME",
    pa.timestamp("us"): "TIMESTAMP",
    pa.timestamp("us", "UTC"): "TIMESTAMP WITH TIME ZONE",
    pa.binary(): "BLOB",
}
_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
_DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")


def ddl_type(kind: pa.DataType) -> str:
    """The column type for an Arrow type."""
    if pa.types.is_decimal128(kind):
        return f"DECIMAL({kind.precision},{kind.scale})"
    if pa.types.is_list(kind):
        return ddl_type(kind.value_type) + "[]"
    if kind not in _PLAIN:
        raise UsageError(f"DuckDB has no type for {kind}")
    return _PLAIN[kind]


def fits(kind: pa.DataType, column: str) -> bool:
    """Whether every value of the Arrow type is stored by a column of that type as it is, without a lossy cast."""
    wanted = ddl_type(kind)
    if wanted == column:
        return True
    if wanted in _INTEGERS and column in _INTEGERS:
        return _INTEGERS.index(wanted) <= _INTEGERS.index(column)
    if wanted == "VARCHAR" and column == "UUID":
        return True  # refused value by value if it is none
    given, taken = _DECIMAL.fullmatch(wanted), _DECIMAL.fullmatch(column)
    if given and taken:
        whole = int(given[1]) - int(given[2]), int(taken[1]) - int(taken[2])
        return whole[0] <= whole[1] and int(given[2]) <= int(taken[2])
    return False
