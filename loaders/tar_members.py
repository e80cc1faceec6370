"""The members of a tar archive, found in one pass from front to back, and their contents."""

from __future__ import annotations

import tarfile
from collections.abc import Callable
from pathlib import Path

from loaders.archive_members import STORED, MemberList
from loaders.errors import UnavailableError
from loaders.source import UNKNOWN_PACKING
from loaders.tar_streams import ForwardStream, is_header

# The longest header that is believed (a long name, a pax record): more is an attack or a damaged archive.
_LONGEST_HEADER = 1 << 20
_PIECE = 1 << 20
# Streams of one compressed archive that are kept open: one for the members in their order, one for second members of a
# name, which stand elsewhere.
_STREAMS = 2


def list_tar(stream: ForwardStream, path: Path, wanted: Callable[[str], bool]) -> MemberList:
    """The members whose name matches, in the archive's order. Reads the archive to its end.

    UnavailableError where it is damaged, ends without its end mark, or holds a second archive behind it.
    """
    members = MemberList()
    headers = _Headers(stream, path)
    try:
        with tarfile.open(fileobj=headers, mode="r:", encoding="utf-8", errors="surrogateescape") as archive:  # type: ignore[call-overload]
            while (member := archive.next()) is not None:
                archive.members.clear()  # else it keeps them all
                _add(members, member, wanted)
    except tarfile.TarError as error:
        raise _damaged(path, str(error)) from error
    except (ValueError, OverflowError) as error:  # numbers in extended headers
        raise _damaged(path, f"a header cannot be read ({error})") from error
    if headers.last:
        if headers.last.count(0) != len(headers.last) or len(headers.last) != tarfile.BLOCKSIZE:
            raise _damaged(path, f"the header before byte {stream.position:,} cannot be read")
    else:
        raise _damaged(path, "its end mark is missing, so it was cut off")
    _check_end(stream, path)
    return members


def _damaged(path: Path, why: str) -> UnavailableError:
    return UnavailableError(f"{path} is a damaged tar archive: {why}", hint="copy it again from where it comes from")


def _add(members: MemberList, member: tarfile.TarInfo, wanted: Callable[[str], bool]) -> None:
    if member.isdir():
        return
    name = member.name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    if not wanted(name):
        return
    if not member.isreg():
        members.skipped += 1
        return
    method = UNKNOWN_PACKING if member.issparse() else STORED
    members.add(name, member.offset_data, member.size, member.size, method, 0)


def _check_end(stream: ForwardStream, path: Path) -> None:
    """What follows the end mark is padding. The checksum of a compressed archive is verified by the way."""
    while data := stream.read(tarfile.BLOCKSIZE):
        if data.count(0) != len(data):
            if is_header(data):
                raise UnavailableError(
                    f"{path}: another archive follows at byte {stream.position - len(data):,}, behind the end mark",
                    hint="split it, or make one archive of its members (tar -i reads them all)",
                )
            break
    while stream.read(_PIECE):
        pass


class _Headers:
    """The archive as tarfile is to see it: headers only, one after the other."""

    def __init__(self, stream: ForwardStream, path: Path) -> None:
        self._stream = stream
        self._path = path
        self.last = b""

    def read(self, size: int) -> bytes:
        """A block, or the blocks of a long header."""
        if size > _LONGEST_HEADER:
            raise _damaged(self._path, f"a header of {size:,} bytes")
        self.last = self._stream.read(size)
        return self.last

    def tell(self) -> int:
        """Where the next byte stands."""
        return self._stream.position

    def seek(self, position: int) -> int:
        """Forward only."""
        if position < self._stream.position:
            raise _damaged(self._path, f"a header leads back to byte {position:,}")
        self._stream.skip_to(position)
        return self._stream.position


class TarContents:
    """Contents of members of one archive, best asked for in the order of the archive."""

    def __init__(self, opened: Callable[[], ForwardStream], path: Path) -> None:
        self._open = opened
        self._path = path
        self._streams: list[ForwardStream] = []  # the one used last stands last

    def content(self, place: int, size: int, packed: int, method: int, check: int) -> bytes | int:
        """The content of a member, or why there is none (NOT_FETCHED)."""
        if method < 0:
            return method
        stream = self._at_or_before(place)
        stream.skip_to(place)
        content = stream.read(size)
        if len(content) != size:
            raise UnavailableError(f"{self._path} ends too early: it is not a whole archive")
        return content

    def _at_or_before(self, place: int) -> ForwardStream:
        """The stream that has the least to skip."""
        before = [stream for stream in self._streams if stream.position <= place]
        if before:
            stream = max(before, key=lambda each: each.position)
            self._streams.remove(stream)
        else:
            if len(self._streams) == _STREAMS:
                self._streams.pop(0).close()
            stream = self._open()
        self._streams.append(stream)
        return stream

    def close(self) -> None:
        """Close every stream."""
        while self._streams:
            self._streams.pop().close()
