"""Documents that are files in a folder; the key is the path below it, with forward slashes on every system."""

from __future__ import annotations

import bisect
import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from loaders.errors import UnavailableError, UsageError
from loaders.source import Key, KeyColumn, KeyRange, RangeCut, RangeKeys, ReadLimits


@dataclass(frozen=True, slots=True)
class FolderSourceOptions:
    """The folder, and which files below it (a glob pattern; `**/` reaches every depth)."""

    path: Path
    pattern: str = "**/*.xml"


class FolderSource:
    """See loaders.source.Source. The list of files is taken once, when it is opened; keys are ordered by code point."""

    def __init__(self, options: FolderSourceOptions) -> None:
        self._root = options.path.absolute()
        self._pattern = options.pattern
        if not self._root.is_dir():
            raise UsageError(f"there is no folder {self._root}", hint="check the path in the job's source")
        if not os.access(self._root, os.R_OK):
            raise UnavailableError(f"{self._root}: permission denied", hint="the folder cannot be listed")
        files = (path for path in self._root.glob(options.pattern) if path.is_file())
        self._files = {_key(path.relative_to(self._root)): path for path in files}
        self._sorted = sorted(self._files)

    @property
    def identity(self) -> str:
        """See Source.identity."""
        return f"folder:{self._root}#{self._pattern}"

    @property
    def key(self) -> tuple[KeyColumn, ...]:
        """See Source.key."""
        return (KeyColumn("path", "path"),)

    def notes(self) -> list[str]:
        """See Source.notes."""
        return [] if self._files else [f"no file in {self._root} matches {self._pattern}"]

    def document_bytes(self) -> int:
        """See Source.document_bytes."""
        sizes = [self._size(key) for key in self._sorted[:: max(1, len(self._sorted) // 100)]]
        return max(1, sum(sizes) // max(1, len(sizes)))

    def rank(self, keys: Sequence[Key]) -> list[int]:
        """See Source.rank."""
        place = {key: rank for rank, key in enumerate(sorted(set(keys)))}
        return [place[key] for key in keys]

    def key_at(self, within: KeyRange, rows: int) -> Key | None:
        """See Source.key_at."""
        keys = self._within(within)
        return (keys[rows - 1],) if rows <= len(keys) else None

    def cut(self, gap: KeyRange, *, rows: int, total_bytes: int) -> Iterator[RangeCut]:
        """See Source.cut: by the files' own sizes."""
        low, inclusive, count, size = gap.low, gap.low_inclusive, 0, 0
        keys = self._within(gap)
        for at, key in enumerate(keys):
            count += 1
            size += self._size(key)
            if count >= rows or size >= total_bytes or at == len(keys) - 1:
                yield RangeCut(KeyRange(low, (key,), low_inclusive=inclusive), count)
                low, inclusive, count, size = (key,), False, 0, 0

    def count(self, ranges: Sequence[KeyRange]) -> list[int]:
        """See Source.count."""
        return [len(self._within(each)) for each in ranges]

    def measure(self, ranges: Sequence[KeyRange]) -> list[RangeKeys]:
        """See Source.measure: names and sizes. Not times: a copy of the folder holds the same documents."""
        return [self._measure(self._within(each)) for each in ranges]

    def _measure(self, keys: list[str]) -> RangeKeys:
        digest = hashlib.sha256()
        for key in keys:
            digest.update(f"{key}\0{self._size(key)}\n".encode())
        return RangeKeys(len(keys), digest.hexdigest())

    @contextmanager
    def read(self, within: KeyRange, limits: ReadLimits) -> Iterator[_FolderRead]:
        """See Source.read."""
        read = _FolderRead(self._files, self._within(within), limits)
        read.found = self.measure([within])[0]
        yield read

    def close(self) -> None:
        """See Source.close."""

    def _within(self, within: KeyRange) -> list[str]:
        if within.null_keys:
            return []
        start, end = 0, len(self._sorted)
        if within.low is not None:
            cut = bisect.bisect_left if within.low_inclusive else bisect.bisect_right
            start = cut(self._sorted, within.low[0])
        if within.high is not None:
            cut = bisect.bisect_right if within.high_inclusive else bisect.bisect_left
            end = cut(self._sorted, within.high[0])
        return self._sorted[start:end]

    def _size(self, key: str) -> int:
        return _size(self._files[key])


class _FolderRead:
    """One range of files."""

    def __init__(self, files: dict[str, Path], keys: list[str], limits: ReadLimits) -> None:
        self._files = files
        self._names = keys
        self._limits = limits
        self.keys = pa.table({"path": pa.array(keys, pa.string())})
        self.found = RangeKeys(len(keys), "")

    def batches(self) -> Iterator[pa.RecordBatch]:
        """See RangeRead.batches."""
        names: list[str] = []
        documents: list[bytes | None] = []
        sizes: list[int] = []
        held = 0
        for name in self._names:
            size = _size(self._files[name])
            if names and held + size > self._limits.batch_bytes:
                yield _batch(names, documents, sizes)
                names, documents, sizes, held = [], [], [], 0
            document = self._bytes(name, size)
            names.append(name)
            documents.append(document)
            sizes.append(size if document is None else len(document))
            held += sizes[-1] if document is not None else 0
        if names:
            yield _batch(names, documents, sizes)

    def _bytes(self, name: str, size: int) -> bytes | None:
        if size > self._limits.document_bytes:
            return None
        with _file_errors(self._files[name]):
            return self._files[name].read_bytes()


def _batch(names: list[str], documents: list[bytes | None], sizes: list[int]) -> pa.RecordBatch:
    columns = {
        "path": pa.array(names, pa.string()),
        "document": pa.array(documents, pa.binary()),
        "document_bytes": pa.array(sizes, pa.int64()),
    }
    return pa.RecordBatch.from_pydict(columns)


def _size(path: Path) -> int:
    with _file_errors(path):
        return path.stat().st_size


@contextmanager
def _file_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UnavailableError(f"{path}: {error.strerror or error}") from error


def _key(relative: Path) -> str:
    """As text; a name that is not valid Unicode keeps its odd bytes as \\xNN."""
    return relative.as_posix().encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
