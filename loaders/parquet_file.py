"""One Parquet file, written so that it is wholly there or not at all."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import pyarrow as pa
import pyarrow.parquet as pq

from loaders.errors import UnavailableError
from loaders.parquet_source import parquet_errors

# DuckDB reads row groups in parallel; its own writer makes them of this size.
ROW_GROUP = 122_880


def write_durably(path: Path, rows: pa.Table, *, metadata: Mapping[str, str] | None = None) -> None:
    """Write under another name, flush to the disk, count what arrived, rename. Makes the folder if it is missing.

    metadata: for the file as a whole.
    """
    with ParquetDraft(path, rows.schema, metadata=metadata) as draft:
        draft.write(rows)
        draft.finish()


class ParquetDraft:
    """A Parquet file that grows under another name, and has its own once all of it is on the disk. One that is neither
    closed nor finished is removed.

    draft: where it grows. path: its own name.
    """

    def __init__(self, path: Path, schema: pa.Schema, *, metadata: Mapping[str, str] | None = None) -> None:
        self.path = path
        self.draft = draft_of(path)
        self.rows = 0
        self._schema = schema.with_metadata({**(schema.metadata or {}), **metadata}) if metadata else schema
        with parquet_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._writer: pq.ParquetWriter | None = pq.ParquetWriter(self.draft, self._schema, compression="zstd")

    def write(self, rows: pa.Table) -> None:
        """Append rows, in row groups of their own."""
        with parquet_errors(self.path):
            assert self._writer is not None  # noqa: S101  not closed yet
            self._writer.write_table(rows.cast(self._schema), row_group_size=ROW_GROUP)
        self.rows += len(rows)

    def close(self) -> None:
        """Write it to its end, and count what arrived; `make_durable` then gives it its name."""
        with parquet_errors(self.path):
            writer, self._writer = self._writer, None
            if writer is not None:
                try:
                    writer.close()
                except OSError:
                    self.draft.unlink(missing_ok=True)
                    raise
            written = pq.read_metadata(self.draft).num_rows
        if written != self.rows:
            raise UnavailableError(f"{self.path}: {self.rows} rows were written and {written} arrived")

    def finish(self) -> None:
        """Make it durable and visible."""
        self.close()
        make_durable([self.path])

    def __enter__(self) -> ParquetDraft:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._writer is not None:
            with suppress(OSError):  # of a disk that is full: what ended it is told already
                self._writer.close()
            self.draft.unlink(missing_ok=True)


def draft_of(path: Path) -> Path:
    """Under which name a file is written."""
    return path.with_name(path.name + ".draft")


def make_durable(paths: Sequence[Path]) -> None:
    """Flush the drafts of files to the disk, then give them their names, in this order. Together that costs little more
    than one: a file system writes its log once for all that has changed."""
    for path in paths:
        with parquet_errors(path):
            handle = os.open(draft_of(path), os.O_RDWR)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
    for path in paths:
        with parquet_errors(path):
            draft_of(path).replace(path)
    for folder in dict.fromkeys(path.parent for path in paths):
        with parquet_errors(folder):
            flush_folder(folder)


def write_draft(path: Path, text: str) -> None:
    """The draft of a small text."""
    with parquet_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        draft_of(path).write_text(text, encoding="utf-8", newline="\n")


def write_text_durably(path: Path, text: str) -> None:
    """A small text, under another name until it is on the disk."""
    write_draft(path, text)
    make_durable([path])


def file_sha256(path: Path) -> str:
    """The checksum of a file's bytes, hexadecimal."""
    with parquet_errors(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def flush_folder(path: Path) -> None:
    """Make a folder's entries durable. Windows has no such call; there the file system's own log has to do."""
    if os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
