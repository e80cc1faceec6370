"""Sizes such as 64MiB."""

from __future__ import annotations

import re

UNITS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}
SIZE_PATTERN = r"^[0-9]{1,12} ?([Bb]|[KMGkmg][Bb]|[KMGkmg][Ii][Bb])$"
_SIZE = re.compile(SIZE_PATTERN, re.ASCII)


def byte_count(value: object) -> object:
    """`64MiB` as a number of bytes; a value that is no such text unchanged, ValueError for a text that is no size."""
    if not isinstance(value, str):
        return value
    match = _SIZE.match(value)
    if match is None or value.endswith("\n"):
        raise ValueError(f"{value!r} is not a size")
    unit = match.group(1)
    return int(value[: -len(unit)]) * UNITS[unit.upper()]
