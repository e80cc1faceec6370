"""The stage `raw`: documents as they come from the source, recorded while they are read.

Nothing is held: a read batch becomes a row group of its chunk's file before it goes on to be shredded. The file gets
its name when the chunk is published.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from columnar.running.reading import Readable, source_keys
from loaders.parquet_file import ParquetDraft, flush_folder
from loaders.source import KeyRange, RangeKeys, RangeRead, ReadLimits

# What ends the name of a file whose chunk is not published yet.
RECORDED = ".recorded"
_DOCUMENT = ("document", "document_bytes")


@dataclass
class RawFiles:
    """Documents that were recorded and not yet published. folder: of the run. about: metadata of every file."""

    folder: Path
    about: Mapping[str, str]
    _recorded: dict[KeyRange, tuple[Path, int]] = field(default_factory=dict)
    _ranges: dict[int, KeyRange] = field(default_factory=dict)
    _published: dict[int, int] = field(default_factory=dict)
    _files: int = 0

    def expect(self, chunk: int, within: KeyRange) -> None:
        """The documents of that range are those of that chunk."""
        self._ranges[chunk] = within

    def new_file(self, within: KeyRange) -> Path:
        """Where the documents of a range are recorded."""
        self._files += 1
        path = self.folder / "stage=raw" / f"range-{self._files}{RECORDED}"
        self._recorded[within] = path, 0
        return path

    def recorded(self, within: KeyRange, rows: int) -> None:
        """All documents of a range are on the disk."""
        self._recorded[within] = self._recorded[within][0], rows

    def publish(self, chunk: int, path: Path) -> int:
        """Give a chunk's file its name; how many documents are in it. 0: there are none."""
        recorded, rows = self._recorded.pop(self._ranges[chunk], (path, 0)) if chunk in self._ranges else (path, 0)
        if rows:
            recorded.replace(path)
            flush_folder(path.parent)
            self._published[chunk] = rows
        return self._published.get(chunk, 0)  # of the first try, where this is another


class RecordedDocuments:
    """A source, or some documents of one, whose documents are recorded as they are read: a Readable."""

    def __init__(self, source: Readable, files: RawFiles) -> None:
        self._source = source
        self._files = files

    @contextmanager
    def read(self, within: KeyRange, limits: ReadLimits) -> Iterator[RangeRead]:
        """See Readable.read."""
        with self._source.read(within, limits) as read:
            yield _RecordedRead(read, within, self._files)


class _RecordedRead:
    """One range that is read and recorded: a RangeRead."""

    def __init__(self, read: RangeRead, within: KeyRange, files: RawFiles) -> None:
        self._read = read
        self._within = within
        self._files = files

    @property
    def keys(self) -> pa.Table:
        """See RangeRead.keys."""
        return self._read.keys

    @property
    def found(self) -> RangeKeys:
        """See RangeRead.found."""
        return self._read.found

    def batches(self) -> Iterator[pa.RecordBatch]:
        """See RangeRead.batches."""
        draft: ParquetDraft | None = None
        with ExitStack() as stack:
            for batch in self._read.batches():
                rows = _with_source_key(batch)
                if draft is None:
                    path = self._files.new_file(self._within)
                    draft = stack.enter_context(ParquetDraft(path, rows.schema, metadata=self._files.about))
                draft.write(rows)
                yield batch
            if draft is not None:
                draft.finish()
                self._files.recorded(self._within, draft.rows)


def _with_source_key(batch: pa.RecordBatch) -> pa.Table:
    rows = pa.Table.from_batches([batch])
    keys = source_keys(rows.select([name for name in rows.column_names if name not in _DOCUMENT]))
    return rows.append_column("_source_key", keys)
