"""A tar archive as a stream that goes forward: plain, or packed by gzip, bzip2 or xz, told from its first bytes."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from loaders.errors import UnavailableError

# xz -9, its largest preset, takes 65 MiB.
_XZ_MEMORY = 128 << 20
_PIECE = 1 << 20
_PACKED = {
    "gzip": re.compile(rb"\x1f\x8b"),
    "bzip2": re.compile(rb"BZh[1-9](1AY&SY|\x17rE8P\x90)"),
    "xz": re.compile(rb"\xfd7zXZ\0"),
}
_OTHERS = {
    b"PK": "a zip archive: write zip: in the URL",
    b"7z\xbc\xaf": "a 7z archive, which is not read here; unpack it into a folder",
    b"Rar!": "a RAR archive, which is not read here; unpack it into a folder",
    b"\x28\xb5\x2f\xfd": "packed by zstd, which is not read here; unpack it (zstd -d)",
    b"LZIP": "packed by lzip, which is not read here; unpack it (lzip -d)",
}


def packing(file: BinaryIO, path: Path) -> str:
    """`gzip`, `bzip2`, `xz`, or '' for a plain archive. UnavailableError where it is none of them."""
    file.seek(0)
    block = file.read(tarfile.BLOCKSIZE)
    file.seek(0)
    if is_header(block) or block == bytes(tarfile.BLOCKSIZE):
        return ""
    for name, magic in _PACKED.items():
        if magic.match(block):
            return name
    known = next((what for magic, what in _OTHERS.items() if block.startswith(magic)), "")
    hint = f"it looks like {known}" if known else "a tar archive begins with a header of 512 bytes"
    raise UnavailableError(f"{path} is {'not a tar archive' if block else 'empty, not a tar archive'}", hint=hint)


def is_header(block: bytes) -> bool:
    """Whether a block is the header of a member."""
    try:
        tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True


class ForwardStream:
    """What a tar archive unpacks to. A plain one may be read anywhere, a packed one from front to back only."""

    def __init__(self, file: BinaryIO, packed: str, path: Path) -> None:
        self._file = file
        self._path = path
        self._packed = packed
        self.position = 0
        self._stream: BinaryIO
        file.seek(0)
        if packed == "gzip":
            self._stream = gzip.GzipFile(fileobj=file)  # type: ignore[assignment]  # it has what is needed here
        elif packed == "bzip2":
            self._stream = bz2.BZ2File(file)  # type: ignore[assignment]
        elif packed == "xz":
            self._stream = io.BufferedReader(_XzStream(file), _PIECE)
        else:
            self._stream = file

    def read(self, size: int) -> bytes:
        """So many bytes, fewer at the end only."""
        with archive_errors(self._path):
            data = self._stream.read(size)
        self.position += len(data)
        return data

    def skip_to(self, position: int) -> None:
        """Go forward. Where the stream ends before, it stands at its end."""
        if not self._packed:
            with archive_errors(self._path):
                self._file.seek(position)
            self.position = position
            return
        while self.position < position and self.read(min(_PIECE, position - self.position)):
            pass

    def close(self) -> None:
        """Close the file too."""
        self._stream.close()
        self._file.close()


@contextmanager
def archive_errors(path: Path) -> Iterator[None]:
    """Turn what the unpackers and the system raise into ours."""
    hint = "copy it again from where it comes from"
    try:
        yield
    except EOFError as error:
        raise UnavailableError(f"{path} ends too early: it is not a whole archive", hint=hint) from error
    except (zlib.error, lzma.LZMAError, gzip.BadGzipFile) as error:
        raise UnavailableError(f"{path} is damaged and cannot be unpacked: {error}", hint=hint) from error
    except OSError as error:
        if error.errno is None:  # bzip2's
            raise UnavailableError(f"{path} is damaged and cannot be unpacked: {error}", hint=hint) from error
        raise UnavailableError(f"{path}: {error.strerror or error}") from error


class _XzStream(io.RawIOBase):
    """The library's own xz file has no limit for the memory that a file may ask for."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._unpacker = _xz()

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Unpack as much as the buffer holds."""
        while True:
            if self._unpacker.eof:
                rest = self._unpacker.unused_data.lstrip(b"\0") or self._file.read(_PIECE).lstrip(b"\0")
                if not rest:
                    return 0
                self._unpacker, data = _xz(), rest
            else:
                data = self._file.read(_PIECE) if self._unpacker.needs_input else b""
                if self._unpacker.needs_input and not data:
                    raise EOFError("the xz data end early")
            data = self._unpacker.decompress(data, len(buffer))
            if data:
                buffer[: len(data)] = data
                return len(data)


def _xz() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY)
