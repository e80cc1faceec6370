"""The members of an archive as columns: a million take some 100 MB, where objects would take six times as much."""

from __future__ import annotations

import bisect
import hashlib
from array import array
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from loaders.source import RangeKeys

# How the content is packed, in zip's own numbers; a negative one says why it cannot be unpacked (loaders.source).
STORED = 0

# One row a member. path: the key. place: where the member begins, in bytes from the archive's beginning (a compressed
# tar's: of what it unpacks to). size: of the content. packed: bytes it takes there. check: its CRC-32, 0 where the
# archive has none.
MEMBER_SCHEMA = pa.schema(
    [
        ("path", pa.large_string()),
        ("place", pa.int64()),
        ("size", pa.int64()),
        ("packed", pa.int64()),
        ("method", pa.int64()),
        ("check", pa.int64()),
    ]
)
_AT_ONCE = 65_536
_BY_NAME = [("path", "ascending"), ("place", "ascending")]


class MemberList:
    """Collects members, in the order of the archive."""

    def __init__(self) -> None:
        self.skipped = 0  # links, devices and the like whose name matches
        self._batches: list[pa.RecordBatch] = []
        self._paths: list[str] = []
        self._numbers: list[array[int]] = []
        self._begin()

    def _begin(self) -> None:
        self._paths = []
        self._numbers = [array("q") for _ in MEMBER_SCHEMA.names[1:]]

    def add(self, path: str, place: int, size: int, packed: int, method: int, check: int) -> None:
        """One member; see MEMBER_SCHEMA."""
        self._paths.append(path)
        for column, value in zip(self._numbers, (place, size, packed, method, check), strict=True):
            column.append(value)
        if len(self._paths) == _AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        numbers = [pa.Array.from_buffers(pa.int64(), len(each), [None, pa.py_buffer(each)]) for each in self._numbers]
        paths = pa.array(self._paths, pa.large_string())
        self._batches.append(pa.RecordBatch.from_arrays([paths, *numbers], schema=MEMBER_SCHEMA))
        self._begin()

    def take(self) -> pa.Table:
        """MEMBER_SCHEMA; they are handed over, and kept here no longer."""
        self._flush()
        batches, self._batches = self._batches, []
        return pa.Table.from_batches(batches, schema=MEMBER_SCHEMA)


class Members:
    """The members in the order of the source: by name (code points), or as the archive holds them. Several of one name
    stand together, in `by_name` False where the first of them stands."""

    def __init__(self, listed: pa.Table, *, by_name: bool) -> None:
        order = pc.sort_indices(listed, sort_keys=_BY_NAME)
        paths = pc.take(listed["path"], order).combine_chunks()
        self.shared: int = pc.sum(pc.equal(paths[1:], paths[:-1])).as_py() or 0  # rows beyond the first of their name
        self._sorted: pa.Array | None = None  # the rows by name, where that is not their own order
        if by_name:
            listed = listed.take(order)
        elif self.shared:
            listed = _by_first_place(listed)
            self._sorted = pc.sort_indices(listed, sort_keys=_BY_NAME)
        else:
            self._sorted = order
        self._paths = paths if by_name else listed["path"].combine_chunks()
        self.table: pa.Table = listed.set_column(0, "path", self._paths)

    def __len__(self) -> int:
        return len(self.table)

    def path(self, row: int) -> str:
        """The key of a row."""
        return str(self._paths[row].as_py())

    def rows_of(self, path: str) -> tuple[int, int]:
        """The rows of a name, from and to; where there is none and the order is by name, the place it would have."""
        low = bisect.bisect_left(range(len(self)), path, key=self._named)
        high = bisect.bisect_right(range(len(self)), path, lo=low, key=self._named)
        if self._sorted is None:
            return low, high
        first = self._sorted[low].as_py() if low < high else 0
        return first, first + high - low

    def _named(self, place: int) -> str:
        return self.path(place if self._sorted is None else self._sorted[place].as_py())

    def same_path(self, row: int) -> bool:
        """Whether the next row has the same name."""
        return row + 1 < len(self) and self._paths[row] == self._paths[row + 1]

    def like(self, path: str) -> Sequence[str]:
        """Some names that stand near where this one would, for a suggestion."""
        at = bisect.bisect_left(range(len(self)), path, key=self._named)
        return list(dict.fromkeys(self._named(each) for each in range(max(0, at - 50), min(len(self), at + 50))))

    def measured(self, start: int, end: int) -> RangeKeys:
        """Rows and a digest of their names, sizes and checksums. Not of times: a copy holds the same documents."""
        digest = hashlib.sha256()
        for batch in self.table.slice(start, end - start).to_batches(max_chunksize=_AT_ONCE):
            columns = (batch[name].to_pylist() for name in ("path", "size", "check"))
            lines = (f"{path}\0{size}\0{check}\n" for path, size, check in zip(*columns, strict=True))
            digest.update("".join(lines).encode())
        return RangeKeys(end - start, digest.hexdigest())


def _by_first_place(listed: pa.Table) -> pa.Table:
    first = listed.group_by("path").aggregate([("place", "min")])
    joined = listed.join(first, "path").sort_by([("place_min", "ascending"), ("place", "ascending")])
    return joined.select(MEMBER_SCHEMA.names)
