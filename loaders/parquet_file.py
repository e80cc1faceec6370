"""One Parquet file, written so that it is wholly there or not at all."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
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
    """A Parquet file that grows under another name, and has its own once all of it is on the disk. One that is not
    finished is removed."""

    def __init__(self, path: Path, schema: pa.Schema, *, metadata: Mapping[str, str] | None = None) -> None:
        self.path = path
        self.rows = 0
        self._draft = path.with_name(path.name + ".draft")
        self._schema = schema.with_metadata({**(schema.metadata or {}), **metadata}) if metadata else schema
        with parquet_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._draft.open("wb")
            self._writer: pq.ParquetWriter | None = pq.ParquetWriter(self._file, self._schema, compression="zstd")

    def write(self, rows: pa.Table) -> None:
        """Append rows, in row groups of their own."""
        with parquet_errors(self.path):
            assert self._writer is not None  # noqa: S101  not finished yet
            self._writer.write_table(rows.cast(self._schema), row_group_size=ROW_GROUP)
        self.rows += len(rows)

    def finish(self) -> None:
        """Make it durable and visible."""
        with parquet_errors(self.path):
            self._close_writer()
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            written = pq.read_metadata(self._draft).num_rows
            if written != self.rows:
                raise UnavailableError(f"{self.path}: {self.rows} rows were written and {written} arrived")
            self._draft.replace(self.path)
            flush_folder(self.path.parent)

    def _close_writer(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()

    def __enter__(self) -> ParquetDraft:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if not self._file.closed:
            self._close_writer()
            self._file.close()
            self._draft.unlink(missing_ok=True)


def write_text_durably(path: Path, text: str) -> None:
    """The same for a small text."""
    draft = path.with_name(path.name + ".draft")
    with parquet_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        flush_folder(path.parent)


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
