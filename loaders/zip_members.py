"""A zip archive's directory, and what its members unpack to.

The format is PKWARE's APPNOTE 6.3. The library's zipfile reads the same, but makes an object of every member (640 bytes
each, measured) and unpacks bzip2 and LZMA by as much as the next piece holds, however much that is.
"""

from __future__ import annotations

import bz2
import lzma
import stat
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

from loaders.archive_members import STORED, MemberList
from loaders.errors import UnavailableError
from loaders.source import DAMAGED, ENCRYPTED, UNKNOWN_PACKING
from loaders.tar_streams import archive_errors

_END = struct.Struct("<4s4H2LH")
_END64_LOCATOR = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_LONGEST_COMMENT = 0xFFFF
_LZMA_HEADER = struct.Struct("<BBHBL")  # version, length of the properties: 5
_IN_ZIP64 = 0xFFFFFFFF
_DEFLATE, _BZIP2, _LZMA = 8, 12, 14
_UNIX = 3
_PIECE = 1 << 18


def list_zip(file: BinaryIO, path: Path, wanted: Callable[[str], bool]) -> MemberList:
    """The members whose name matches, in the directory's order. UnavailableError where it is no whole zip archive."""
    start, size, count, shift = _directory(file, path)
    members = MemberList()
    seen = 0
    for entry in _entries(file, path, start, size):
        seen += 1
        entry.add_to(members, wanted, shift=shift, end=start)
    # Without zip64 the count has 16 bits, and some writers let it overflow.
    if seen != count and (count > 0xFFFF or seen & 0xFFFF != count):
        raise _damaged(path, f"its directory is said to hold {count:,} members and holds {seen:,}")
    return members


def _damaged(path: Path, why: str) -> UnavailableError:
    return UnavailableError(f"{path} is a damaged zip archive: {why}", hint="copy it again from where it comes from")


def _directory(file: BinaryIO, path: Path) -> tuple[int, int, int, int]:
    """Where the directory begins, its bytes, its members, and how many bytes stand before the archive itself."""
    end = file.seek(0, 2)
    file.seek(max(0, end - _LONGEST_COMMENT - _END.size - _END64_LOCATOR.size - _END64.size))
    base, tail = file.tell(), file.read()
    at = _find_end(tail)
    if at < 0:
        file.seek(0)
        if file.read(4) == b"PK\3\4":
            hint = "copy it again from where it comes from"
            raise UnavailableError(f"{path} is not a whole zip archive: its end is missing", hint=hint)
        raise UnavailableError(f"{path} is not a zip archive", hint="the URL begins with what the file is: zip:, tar:")
    _, disk, first_disk, _, count, size, offset, _ = _END.unpack_from(tail, at)
    locator = at - _END64_LOCATOR.size
    if locator >= 0 and tail[locator : locator + 4] == b"PK\6\7":
        at = locator - _END64.size
        if at < 0 or tail[at : at + 4] != b"PK\6\6":
            raise _damaged(path, "the zip64 end of its directory is not in its place")
        _, _, _, _, disk, first_disk, _, count, size, offset = _END64.unpack_from(tail, at)
    if disk or first_disk:
        raise UnavailableError(f"{path} is one part of a zip archive in several", hint="join the parts (zip -s 0)")
    start = base + at - size
    if start < offset:
        raise _damaged(path, "its directory is not in its place")
    return start, size, count, start - offset


def _find_end(tail: bytes) -> int:
    """Where the end record stands: the last whose comment reaches to the end; else the last, and what follows does not
    belong to the archive; -1 for none."""
    at = last = tail.rfind(b"PK\5\6", 0, max(0, len(tail) - _END.size + 4))
    while at >= 0:
        if at + _END.size + _END.unpack_from(tail, at)[-1] == len(tail):
            return at
        at = tail.rfind(b"PK\5\6", 0, at + 3)
    return last


class _Entry:
    """One entry of the directory."""

    __slots__ = ("_fields", "_name", "extra", "offset", "packed", "size")

    def __init__(self, fields: tuple[int, ...], name: bytes, extra: bytes, path: Path) -> None:
        self._fields = fields
        self._name = name
        self.extra = dict(_extra_fields(extra))
        self.packed, self.size, self.offset = fields[8], fields[9], fields[16]
        wide = self.extra.get(1, b"")
        try:
            for attribute in ("size", "packed", "offset"):  # in this order, and only those that did not fit
                if getattr(self, attribute) == _IN_ZIP64:
                    setattr(self, attribute, struct.unpack_from("<Q", wide)[0])
                    wide = wide[8:]
        except struct.error:
            raise _damaged(path, f"the zip64 sizes of its member {self.name} are missing") from None

    @property
    def name(self) -> str:
        """As text: UTF-8 where the archive says so or it reads as such (Info-ZIP and macOS do not say so), else code
        page 437; odd bytes as \\xNN."""
        if self._fields[3] & 0x800:
            return self._name.decode("utf-8", "backslashreplace")
        unicode = self.extra.get(0x7075, b"")  # Info-ZIP's: version, CRC-32 of the other name, name
        if len(unicode) > 5 and unicode[0] == 1 and int.from_bytes(unicode[1:5], "little") == zlib.crc32(self._name):
            return unicode[5:].decode("utf-8", "backslashreplace")
        try:
            return self._name.decode("utf-8")
        except UnicodeDecodeError:
            return self._name.decode("cp437")

    def add_to(self, members: MemberList, wanted: Callable[[str], bool], *, shift: int, end: int) -> None:
        """List it, if it is a file and its name is wanted. shift, end: where the archive begins, and its directory."""
        name = self.name
        if name.endswith("/") or not wanted(name):
            return
        kind = stat.S_IFMT(self._fields[15] >> 16) if self._fields[1] >> 8 == _UNIX else 0
        if kind not in (0, stat.S_IFREG):
            members.skipped += kind != stat.S_IFDIR
            return
        flags, method = self._fields[3], self._fields[4]
        if flags & 1:
            method = ENCRYPTED
        elif method not in (STORED, _DEFLATE, _BZIP2, _LZMA) or flags & 0x20:
            method = UNKNOWN_PACKING
        if self.offset + shift + _LOCAL.size > end:
            method = DAMAGED
        # No file is larger than 2**62 bytes, so a size that is cannot be true.
        place, size, packed = (min(each, 2**62) for each in (self.offset + shift, self.size, self.packed))
        members.add(name, place, size, packed, method, self._fields[7])


def _extra_fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<2H", extra)
        yield kind, extra[4 : 4 + length]
        extra = extra[4 + length :]


def _entries(file: BinaryIO, path: Path, start: int, size: int) -> Iterator[_Entry]:
    file.seek(start)
    held, at, left = b"", 0, size
    while left or at < len(held):
        if left and len(held) - at < _ENTRY.size + 3 * 0xFFFF:
            held, at = held[at:] + file.read(min(left, 1 << 20)), 0
            left = max(0, size - (file.tell() - start))
        if held[at : at + 4] == b"PK\5\5":  # a signature of the directory: the last thing in it
            return
        if held[at : at + 4] != b"PK\1\2" or len(held) - at < _ENTRY.size:
            raise _damaged(path, "its directory holds something that is no member")
        fields = _ENTRY.unpack_from(held, at)
        name, extra, comment = fields[10:13]
        at += _ENTRY.size
        if len(held) - at < name + extra + comment:
            raise _damaged(path, "its directory ends within a member")
        yield _Entry(fields, held[at : at + name], held[at + name : at + name + extra], path)
        at += name + extra + comment


class ZipContents:
    """Contents of members of one archive."""

    def __init__(self, opened: Callable[[], BinaryIO], path: Path) -> None:
        self._open = opened
        self._path = path
        self._file: BinaryIO | None = None

    def content(self, place: int, size: int, packed: int, method: int, check: int) -> bytes | int:
        """The content of a member, or why there is none (NOT_FETCHED). Never more than `size` bytes and one piece are
        unpacked, whatever is packed there."""
        if method < 0:
            return method
        if self._file is None:
            self._file = self._open()
        with archive_errors(self._path):
            return _content(self._file, place, size, packed, method, check)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
        self._file = None


def _content(file: BinaryIO, place: int, size: int, packed: int, method: int, check: int) -> bytes | int:
    file.seek(place)
    header = file.read(_LOCAL.size)
    if len(header) < _LOCAL.size or header[:4] != b"PK\3\4":
        return DAMAGED
    *_, name, extra = _LOCAL.unpack(header)
    file.seek(name + extra, 1)
    try:
        content = _unpacked(file, packed, method, size)
    except (zlib.error, lzma.LZMAError, EOFError, ValueError, struct.error):
        return DAMAGED
    except OSError as error:
        if error.errno is not None:  # the file's own trouble, not bzip2's
            raise
        return DAMAGED
    return content if len(content) == size and zlib.crc32(content) == check else DAMAGED


def _pieces(file: BinaryIO, packed: int) -> Iterator[bytes]:
    while packed > 0 and (piece := file.read(min(packed, _PIECE))):
        packed -= len(piece)
        yield piece


class _Unpacker(Protocol):
    """What bz2 and lzma have in common."""

    @property
    def eof(self) -> bool: ...

    @property
    def needs_input(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int) -> bytes: ...


def _unpacked(file: BinaryIO, packed: int, method: int, size: int) -> bytes:
    """At most one byte more than `size`, which tells that there is more."""
    if method == STORED:
        return file.read(min(packed, size + 1))
    pieces = _pieces(file, packed)
    if method == _DEFLATE:
        return _inflated(pieces, size)
    unpacker: _Unpacker = bz2.BZ2Decompressor() if method == _BZIP2 else _lzma(file, size)
    if method == _LZMA:
        pieces = _pieces(file, packed - _LZMA_HEADER.size)
    parts: list[bytes] = []
    room = size + 1
    while room > 0 and not unpacker.eof:
        piece = next(pieces, b"") if unpacker.needs_input else b""
        if unpacker.needs_input and not piece:
            break
        parts.append(unpacker.decompress(piece, room))
        room -= len(parts[-1])
    return b"".join(parts)


def _inflated(pieces: Iterator[bytes], size: int) -> bytes:
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    parts: list[bytes] = []
    room = size + 1
    for piece in pieces:
        while piece and room > 0:
            parts.append(unpacker.decompress(piece, room))
            room -= len(parts[-1])
            piece = unpacker.unconsumed_tail
        if unpacker.eof or room <= 0:
            break
    return b"".join(parts)


def _lzma(file: BinaryIO, size: int) -> lzma.LZMADecompressor:
    """By the properties that stand before the data. Nothing in a member refers back by more than its own size, so no
    larger dictionary is made, whatever the properties ask for."""
    _, _, _, properties, dictionary = _LZMA_HEADER.unpack(file.read(_LZMA_HEADER.size))
    lclp, pb = properties % 45, properties // 45
    own = {"lc": lclp % 9, "lp": lclp // 9, "pb": pb, "dict_size": max(4096, min(dictionary, size))}
    return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA1, **own}])
