"""Tokens and types of TDS 7.4, the protocol of SQL Server, after MS-TDS: as much as the tests' endpoint speaks."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

# Latin1_General_CI_AS, code page 1252.
COLLATION = struct.pack("<IB", 0x0409 | 0x00D00000, 52)
# TYPE_INFO of types without a collation: those of decimals are precision and scale, of times the digits of a second.
_INFOS = {
    "bit": b"\x68\x01",
    "tinyint": b"\x26\x01",
    "smallint": b"\x26\x02",
    "int": b"\x26\x04",
    "bigint": b"\x26\x08",
    "float": b"\x6d\x08",
    "decimal(12,2)": b"\x6a\x11\x0c\x02",
    "decimal(38,10)": b"\x6a\x11\x26\x0a",
    "date": b"\x28",
    "time(6)": b"\x29\x06",
    "datetime2(6)": b"\x2a\x06",
    "datetimeoffset(6)": b"\x2b\x06",
    "varbinary(max)": b"\xa5\xff\xff",
}
_INTEGERS = {"bit": 1, "tinyint": 1, "smallint": 2, "int": 4, "bigint": 8}
_PLP_NULL = b"\xff" * 8
_PLP_UNKNOWN_LENGTH = 0xFFFFFFFFFFFFFFFE
MAX = 0xFFFF


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a result: an integer type, or `nvarchar` of so many characters, MAX for `nvarchar(max)`; and of a
    result without rows any type of _INFOS."""

    name: str
    type: str = "nvarchar"
    length: int = MAX

    def metadata(self) -> bytes:
        nullable = struct.pack("<IH", 0, 0x0001)
        return nullable + self.type_info() + b_varchar(self.name)

    def type_info(self) -> bytes:
        if self.type in _INFOS:
            return _INFOS[self.type]
        size = MAX if self.length == MAX else self.length * 2
        return b"\xe7" + struct.pack("<H", size) + COLLATION

    def value(self, value: Any) -> bytes:
        if self.type in _INTEGERS:
            size, signed = _INTEGERS[self.type], self.type not in ("bit", "tinyint")
            return b"\0" if value is None else bytes([size]) + int(value).to_bytes(size, "little", signed=signed)
        data = None if value is None else value if isinstance(value, bytes) else value.encode("utf-16-le")
        if self.length == MAX:
            if data is None:
                return _PLP_NULL
            chunk = struct.pack("<I", len(data)) + data if data else b""
            return struct.pack("<Q", len(data)) + chunk + b"\0\0\0\0"
        return b"\xff\xff" if data is None else struct.pack("<H", len(data)) + data


def b_varchar(text: str) -> bytes:
    return bytes([len(text)]) + text.encode("utf-16-le")


def us_varchar(text: str) -> bytes:
    return struct.pack("<H", len(text)) + text.encode("utf-16-le")


def _token(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + struct.pack("<H", len(body)) + body


def error(number: int, message: str, *, state: int = 1, severity: int = 14, kind: int = 0xAA) -> bytes:
    body = struct.pack("<iBB", number, state, severity) + us_varchar(message) + b_varchar("endpoint") + b_varchar("")
    return _token(kind, body + struct.pack("<I", 1))


def env_change(kind: int, new: str, old: str) -> bytes:
    return _token(0xE3, bytes([kind]) + b_varchar(new) + b_varchar(old))


def env_bytes(kind: int, new: bytes, old: bytes) -> bytes:
    return _token(0xE3, bytes([kind, len(new)]) + new + bytes([len(old)]) + old)


def login_ack() -> bytes:
    version = bytes([16, 0, 0x03, 0xE8])
    return _token(0xAD, b"\x01" + b"\x74\x00\x00\x04" + b_varchar("Microsoft SQL Server") + version)


def done(rows: int | None = None, *, more: bool = False, failed: bool = False, kind: int = 0xFD) -> bytes:
    status = (0x01 if more else 0) | (0x02 if failed else 0) | (0x10 if rows is not None else 0)
    return bytes([kind]) + struct.pack("<HHQ", status, 0xC1, rows or 0)


def result(columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> bytes:
    head = b"\x81" + struct.pack("<H", len(columns)) + b"".join(column.metadata() for column in columns)
    body = b"".join(
        b"\xd1" + b"".join(column.value(value) for column, value in zip(columns, row, strict=True)) for row in rows
    )
    return head + body


class Reader:
    """Reads the values of one request in turn."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, size: int) -> bytes:
        self.at += size
        return self.data[self.at - size : self.at]

    def number(self, size: int, *, signed: bool = False) -> int:
        return int.from_bytes(self.take(size), "little", signed=signed)

    def text(self, characters: int) -> str:
        return self.take(characters * 2).decode("utf-16-le", "surrogatepass")

    @property
    def more(self) -> bool:
        return self.at < len(self.data)

    def skip_headers(self) -> None:
        self.at = int.from_bytes(self.data[self.at : self.at + 4], "little") + self.at

    def parameter(self) -> Any:
        """One parameter of a procedure call: its value (int, str, bytes or None)."""
        self.text(self.number(1))
        self.take(1)
        kind = self.number(1)
        if kind in (0x26, 0x68):  # INTN, BITN
            self.take(1)
            size = self.number(1)
            return self.number(size, signed=True) if size else None
        if kind in (0xE7, 0xEF, 0xA7, 0xAF):  # N(VAR)CHAR, (VAR)CHAR
            wide = kind in (0xE7, 0xEF)
            longest = self.number(2)
            self.take(5)
            data = self.long() if longest == MAX else self.short()
            return data if data is None else data.decode("utf-16-le" if wide else "cp1252", "surrogatepass")
        if kind in (0xA5, 0xAD):  # (VAR)BINARY
            return self.long() if self.number(2) == MAX else self.short()
        if kind == 0x63:  # NTEXT, as which statements are prepared
            self.take(4 + 5)
            size = self.number(4, signed=True)
            return None if size < 0 else self.take(size).decode("utf-16-le", "surrogatepass")
        raise ValueError(f"a parameter of type {kind:#x}, which this endpoint does not know")

    def short(self) -> bytes | None:
        size = self.number(2)
        return None if size == 0xFFFF else self.take(size)

    def long(self) -> bytes | None:
        if self.number(8) == 0xFFFFFFFFFFFFFFFF:
            return None
        chunks = []
        while size := self.number(4):
            chunks.append(self.take(size))
        return b"".join(chunks)
