"""Documents that are members of a zip or tar archive; the key is the path within it. Nothing is unpacked to a disk."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from loaders.archive_members import Members
from loaders.errors import UnavailableError, UsageError
from loaders.names import nearest
from loaders.path_pattern import path_matcher
from loaders.source import Key, KeyColumn, KeyRange, RangeCut, RangeKeys, ReadLimits
from loaders.tar_members import TarContents, list_tar
from loaders.tar_streams import ForwardStream, archive_errors, packing
from loaders.zip_members import ZipContents, list_zip

_ROWS_AT_ONCE = 1000
# Inode, size and time of change: while they are the same, so is the archive.
_Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class ArchiveSourceOptions:
    """The file, what it is, and which members (a glob pattern over their paths; `**/` reaches every depth)."""

    path: Path
    kind: Literal["zip", "tar"]
    pattern: str = "**/*.xml"


class _Contents(Protocol):
    """The contents of an archive's members, by the columns of MEMBER_SCHEMA."""

    def content(self, place: int, size: int, packed: int, method: int, check: int) -> bytes | int:
        """What a member holds, or why it cannot be told: one of loaders.source.NOT_FETCHED."""
        ...

    def close(self) -> None:
        """Close what is open."""
        ...


@dataclass(frozen=True)
class _Listing:
    """An archive as it was at one moment."""

    stamp: _Stamp
    members: Members
    skipped: int
    packed: str  # how a tar is compressed, '' where it is not


class ArchiveSource:
    """See loaders.source.Source.

    Members of a zip archive are ordered by code point, as files of a folder are. Those of a tar archive stand in its
    own order, in which alone a compressed one can be read; so ranges of it begin and end at members. Several of one
    name are rows of one key. The members are listed again whenever the file has changed.
    """

    def __init__(self, options: ArchiveSourceOptions) -> None:
        self._path = options.path.absolute()
        self._kind = options.kind
        self._pattern = options.pattern
        self._listed: _Listing | None = None
        self._contents: tuple[_Stamp, _Contents] | None = None
        with archive_errors(self._path):
            if not self._path.exists():
                hint = "check the path in the job's source"
                raise UsageError(f"there is no {self._kind} archive {self._path}", hint=hint)
            if not self._path.is_file():
                raise UsageError(f"{self._path} is not a file", hint="for a folder of files write folder: in the URL")
        self._listing()

    @property
    def identity(self) -> str:
        """See Source.identity."""
        return f"{self._kind}:{self._path}#{self._pattern}"

    @property
    def key(self) -> tuple[KeyColumn, ...]:
        """See Source.key."""
        return (KeyColumn("path", "path"),)

    def notes(self) -> list[str]:
        """See Source.notes."""
        listing, notes = self._listing(), []
        if not len(listing.members):
            notes.append(f"no member of {self._path} matches {self._pattern}")
        if listing.skipped:
            notes.append(f"{listing.skipped:,} members that match are links or the like, which are not followed")
        if listing.members.shared:
            notes.append(f"{listing.members.shared:,} members have a path that another one before them has")
        if listing.packed:
            notes.append(
                f"{self._path.name} is packed by {listing.packed}, so it is read from front to back: once to list its"
                " members, once more by a run, and up to there again wherever a run begins in the middle"
            )
        return notes

    def document_bytes(self) -> int:
        """See Source.document_bytes: of all of them, as the archive says."""
        mean = pc.mean(self._listing().members.table["size"]).as_py()
        return max(1, int(mean or 0))

    def rank(self, keys: Sequence[Key]) -> list[int]:
        """See Source.rank. UsageError for what is no member of a tar archive: it has no place in the order."""
        if self._kind == "zip":
            place = {key: rank for rank, key in enumerate(sorted(set(keys)))}
            return [place[key] for key in keys]
        members = self._listing().members
        return [self._rows_of(members, key)[0] for key in keys]

    def key_at(self, within: KeyRange, rows: int) -> Key | None:
        """See Source.key_at."""
        members = self._listing().members
        start, end = self._within(members, within)
        return (members.path(start + rows - 1),) if rows <= end - start else None

    def cut(self, gap: KeyRange, *, rows: int, total_bytes: int) -> Iterator[RangeCut]:
        """See Source.cut: by the sizes that the archive says."""
        members = self._listing().members
        start, end = self._within(members, gap)
        low, inclusive, count, total = gap.low, gap.low_inclusive, 0, 0
        for row, size in enumerate(members.table["size"].slice(start, end - start).to_pylist(), start):
            count += 1
            total += size
            last = row == end - 1
            if last or ((count >= rows or total >= total_bytes) and not members.same_path(row)):
                key = (members.path(row),)
                yield RangeCut(KeyRange(low, key, low_inclusive=inclusive), count)
                low, inclusive, count, total = key, False, 0, 0

    def count(self, ranges: Sequence[KeyRange]) -> list[int]:
        """See Source.count."""
        return [each.rows for each in self._measure(ranges, digest=False)]

    def measure(self, ranges: Sequence[KeyRange]) -> list[RangeKeys]:
        """See Source.measure: names, sizes and checksums. A range whose ends are gone holds nothing."""
        return self._measure(ranges, digest=True)

    def _measure(self, ranges: Sequence[KeyRange], *, digest: bool) -> list[RangeKeys]:
        members = self._listing().members
        found = []
        for each in ranges:
            try:
                start, end = self._within(members, each)
            except UsageError:
                start = end = 0
            found.append(members.measured(start, end) if digest else RangeKeys(end - start, ""))
        return found

    @contextmanager
    def read(self, within: KeyRange, limits: ReadLimits) -> Iterator[_ArchiveRead]:
        """See Source.read."""
        listing = self._listing()
        rows = self._within(listing.members, within)
        contents = self._opened(listing)
        yield _ArchiveRead(listing.members, rows, limits, contents, lambda: self._check_unchanged(listing))

    def close(self) -> None:
        """See Source.close."""
        if self._contents is not None:
            self._contents[1].close()
        self._contents = self._listed = None

    def _within(self, members: Members, within: KeyRange) -> tuple[int, int]:
        """The rows of a range, from and to."""
        if within.null_keys:
            return 0, 0
        if within.low == within.high and within.low is not None:  # one key, which may be gone
            start, end = members.rows_of(within.low[0])
            return (start, end) if within.low_inclusive and within.high_inclusive else (end, end)
        start, end = 0, len(members)
        if within.low is not None:
            start = self._rows_of(members, within.low)[0 if within.low_inclusive else 1]
        if within.high is not None:
            end = self._rows_of(members, within.high)[1 if within.high_inclusive else 0]
        return start, max(start, end)

    def _rows_of(self, members: Members, key: Key) -> tuple[int, int]:
        start, end = members.rows_of(key[0])
        if start == end and self._kind == "tar":
            hint = nearest(key[0], members.like(key[0]), "member")
            hint += (
                "; ranges of a tar archive begin and end at members: one that was written anew wants a job of its own"
            )
            raise UsageError(f"{self._path} has no member {key[0]!r}", hint=hint)
        return start, end

    def _listing(self) -> _Listing:
        """The members as they are now."""
        with archive_errors(self._path):
            stamp = _stamp(self._path.stat())
            if self._listed is None or self._listed.stamp != stamp:
                self._listed = None
                with self._path.open("rb") as file:
                    stamp = _stamp(os.fstat(file.fileno()))
                    listed = self._list(file, stamp)
                    if _stamp(os.fstat(file.fileno())) != stamp:
                        raise _changed(self._path)
                self._listed = listed
        return self._listed

    def _list(self, file: BinaryIO, stamp: _Stamp) -> _Listing:
        wanted = path_matcher(self._pattern)
        if self._kind == "zip":
            listed = list_zip(file, self._path, wanted)
            return _Listing(stamp, Members(listed.take(), by_name=True), listed.skipped, "")
        packed = packing(file, self._path)
        listed = list_tar(ForwardStream(file, packed, self._path), self._path, wanted)
        return _Listing(stamp, Members(listed.take(), by_name=False), listed.skipped, packed)

    def _opened(self, listing: _Listing) -> _Contents:
        """What reads the contents of this listing's members. It stays open, so that the next range of a compressed
        archive goes on where the last one ended."""
        if self._contents is None or self._contents[0] != listing.stamp:
            if self._contents is not None:
                self._contents[1].close()
            self._contents = (listing.stamp, self._contents_of(listing))
        return self._contents[1]

    def _contents_of(self, listing: _Listing) -> _Contents:
        if self._kind == "zip":
            return ZipContents(lambda: self._open(listing), self._path)
        return TarContents(lambda: ForwardStream(self._open(listing), listing.packed, self._path), self._path)

    def _open(self, listing: _Listing) -> BinaryIO:
        with archive_errors(self._path):
            file = self._path.open("rb")
        if _stamp(os.fstat(file.fileno())) != listing.stamp:
            file.close()
            raise _changed(self._path)
        return file

    def _check_unchanged(self, listing: _Listing) -> None:
        with archive_errors(self._path):
            if _stamp(self._path.stat()) != listing.stamp:
                raise _changed(self._path)


class _ArchiveRead:
    """One range of members."""

    def __init__(
        self,
        members: Members,
        rows: tuple[int, int],
        limits: ReadLimits,
        contents: _Contents,
        check: Callable[[], None],
    ) -> None:
        self._rows = members.table.slice(rows[0], rows[1] - rows[0])
        self._limits = limits
        self._contents = contents
        self._check = check
        self.keys: pa.Table = self._rows.select(["path"]).cast(pa.schema([("path", pa.string())]))
        self.found = members.measured(*rows)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """See RangeRead.batches: in the order in which they stand in the archive."""
        names: list[str] = []
        documents: list[bytes | None] = []
        sizes: list[int] = []
        held = 0
        for row in self._in_order():
            size = row["size"]
            if names and held + size > self._limits.batch_bytes:
                yield self._batch(names, documents, sizes)
                names, documents, sizes, held = [], [], [], 0
            document, size = self._document(row)
            names.append(row["path"])
            documents.append(document)
            sizes.append(size)
            held += 0 if document is None else size
        if names:
            yield self._batch(names, documents, sizes)

    def _in_order(self) -> Iterator[dict[str, Any]]:
        for batch in self._rows.sort_by("place").to_batches(max_chunksize=_ROWS_AT_ONCE):
            yield from batch.to_pylist()

    def _document(self, row: dict[str, Any]) -> tuple[bytes | None, int]:
        """The document and its size; None and its size, or None and what is wrong with it."""
        if row["size"] > self._limits.document_bytes and row["method"] >= 0:
            return None, row["size"]
        content = self._contents.content(row["place"], row["size"], row["packed"], row["method"], row["check"])
        return (content, len(content)) if isinstance(content, bytes) else (None, content)

    def _batch(self, names: list[str], documents: list[bytes | None], sizes: list[int]) -> pa.RecordBatch:
        self._check()
        columns = {
            "path": pa.array(names, pa.string()),
            "document": pa.array(documents, pa.binary()),
            "document_bytes": pa.array(sizes, pa.int64()),
        }
        return pa.RecordBatch.from_pydict(columns)


def _stamp(status: os.stat_result) -> _Stamp:
    return status.st_ino, status.st_size, status.st_mtime_ns


def _changed(path: Path) -> UnavailableError:
    return UnavailableError(
        f"{path} has changed while it was read",
        hint="wait until it is written; the same command then goes on with what it holds",
    )
