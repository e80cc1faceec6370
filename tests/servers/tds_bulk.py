"""Rows of a bulk copy, as a client sends them: COLMETADATA, then ROW or NBCROW tokens, after MS-TDS."""

from __future__ import annotations

import datetime as dt
import struct
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tests.servers.tds_tokens import MAX, Reader

_ROW, _ROW_WITH_NULLS, _DONE = 0xD1, 0xD2, 0xFD
_EPOCH = dt.datetime(1, 1, 1)
Decoder = Callable[[Reader], Any]


def bulk_rows(data: bytes) -> list[list[Any]]:
    """The values of every row, in the order of the columns. AssertionError for a token that is none of a bulk copy."""
    reader = Reader(data)
    assert reader.number(1) == 0x81
    columns = [_column(reader) for _ in range(reader.number(2))]
    rows = []
    while (token := reader.number(1)) != _DONE:
        assert token in (_ROW, _ROW_WITH_NULLS), hex(token)
        nulls = reader.number((len(columns) + 7) // 8) if token == _ROW_WITH_NULLS else 0
        rows.append([None if nulls >> at & 1 else column(reader) for at, column in enumerate(columns)])
    return rows


def _column(reader: Reader) -> Decoder:
    reader.take(6)  # user type, flags
    decoder = _decoder(reader.number(1), reader)
    reader.text(reader.number(1))
    return decoder


def _decoder(kind: int, reader: Reader) -> Decoder:
    if kind in (0xE7, 0xA5):  # NVARCHAR, VARBINARY
        long = reader.number(2) == MAX
        if kind == 0xE7:
            reader.take(5)
        return lambda reader: _text(reader.long() if long else reader.short(), wide=kind == 0xE7)
    if kind in (0x26, 0x68, 0x6D):  # INTN, BITN, FLTN
        reader.take(1)
        return {0x26: _integer, 0x68: _bit, 0x6D: _float}[kind]
    if kind in (0x6A, 0x6C):  # DECIMALN, NUMERICN
        reader.take(2)
        scale = reader.number(1)
        return lambda reader: _decimal(reader, scale)
    if kind == 0x28:  # DATEN
        return _date
    scale = reader.number(1)
    return {0x29: _time, 0x2A: _datetime2, 0x2B: _datetimeoffset}[kind](scale)


def _text(data: bytes | None, *, wide: bool) -> str | bytes | None:
    return data.decode("utf-16-le", "surrogatepass") if wide and data is not None else data


def _integer(reader: Reader) -> int | None:
    size = reader.number(1)
    return reader.number(size, signed=True) if size else None


def _bit(reader: Reader) -> bool | None:
    value = _integer(reader)
    return None if value is None else bool(value)


def _float(reader: Reader) -> float | None:
    data = reader.take(reader.number(1))
    return float(struct.unpack("<d", data)[0]) if data else None


def _decimal(reader: Reader, scale: int) -> Decimal | None:
    size = reader.number(1)
    if not size:
        return None
    sign = 1 if reader.number(1) else -1
    digits = str(reader.number(size - 1))
    return Decimal(f"{'-' if sign < 0 else ''}{digits}e-{scale}")


def _date(reader: Reader) -> dt.date | None:
    size = reader.number(1)
    return (_EPOCH + dt.timedelta(days=reader.number(3))).date() if size else None


def _time(scale: int) -> Decoder:
    def decode(reader: Reader) -> dt.time | None:
        size = reader.number(1)
        return (_EPOCH + _fraction(reader, size, scale)).time() if size else None

    return decode


def _datetime2(scale: int) -> Decoder:
    def decode(reader: Reader) -> dt.datetime | None:
        size = reader.number(1)
        if not size:
            return None
        time = _fraction(reader, size - 3, scale)
        return _EPOCH + dt.timedelta(days=reader.number(3)) + time

    return decode


def _datetimeoffset(scale: int) -> Decoder:
    """In UTC, as it travels; the offset is beside it."""

    def decode(reader: Reader) -> dt.datetime | None:
        size = reader.number(1)
        if not size:
            return None
        time = _fraction(reader, size - 5, scale)
        moment = _EPOCH + dt.timedelta(days=reader.number(3)) + time
        reader.take(2)
        return moment.replace(tzinfo=dt.UTC)

    return decode


def _fraction(reader: Reader, size: int, scale: int) -> dt.timedelta:
    return dt.timedelta(microseconds=reader.number(size) * 10 ** (6 - scale))
