"""Types of key columns: an index takes 900 bytes of a clustered key, 1,700 of another, and no type without a limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from loaders.mssql.types import sql_type

CLUSTERED, NONCLUSTERED = 900, 1_700
# Bytes of types that are always as long.
_SIZES = {
    "bit": 1,
    "tinyint": 1,
    "smallint": 2,
    "int": 4,
    "bigint": 8,
    "float": 8,
    "real": 4,
    "date": 3,
    "time": 5,
    "datetime": 8,
    "smalldatetime": 4,
    "datetime2": 8,
    "datetimeoffset": 10,
    "money": 8,
    "smallmoney": 4,
    "uniqueidentifier": 16,
}
_LONGEST_SHARE = 450  # characters


def key_bytes(types: Sequence[str]) -> int:
    """The longest that a key of these types can be; more than any index takes where one has no limit."""
    return sum(_bytes(each) for each in types)


def limited(types: Mapping[str, str], open_ended: Sequence[str]) -> dict[str, str]:
    """The types of a key's columns; those named in `open_ended`, texts and bytes without a limit of their own, share
    what the others leave of a clustered key."""
    fixed = key_bytes([kind for name, kind in types.items() if name not in open_ended])
    room = CLUSTERED - fixed if fixed < CLUSTERED else NONCLUSTERED - fixed
    shared = dict(types)
    for name in open_ended:
        share = max(1, min(_LONGEST_SHARE, room // 2 // len(open_ended)))
        binary = sql_type(types[name]).is_binary
        shared[name] = f"varbinary({2 * share})" if binary else f"nvarchar({share})"
    return shared


def _bytes(text: str) -> int:
    kind = sql_type(text)
    if kind.name in ("decimal", "numeric"):
        return 5 if kind.precision <= 9 else 9 if kind.precision <= 19 else 13 if kind.precision <= 28 else 17
    if kind.is_wide or kind.is_narrow or kind.is_binary:
        return NONCLUSTERED + 1 if kind.length is None else kind.length * (2 if kind.is_wide else 1)
    return _SIZES.get(kind.name, NONCLUSTERED + 1)
