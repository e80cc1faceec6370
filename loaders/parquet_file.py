"""One Parquet file, written so that it is wholly there or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from loaders.errors import UnavailableError
from loaders.parquet_source import parquet_errors

# DuckDB reads row groups in parallel; its own writer makes them of this size.
ROW_GROUP = 122_880


def write_durably(path: Path, rows: pa.Table) -> None:
    """Write under another name, flush to the disk, count what arrived, rename. Makes the folder if it is missing."""
    draft = path.with_name(path.name + ".draft")
    with parquet_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as file:
            pq.write_table(rows, file, compression="zstd", row_group_size=ROW_GROUP)
            file.flush()
            os.fsync(file.fileno())
        written = pq.read_metadata(draft).num_rows
        if written != len(rows):
            raise UnavailableError(f"{path}: {len(rows)} rows were written and {written} arrived")
        draft.replace(path)
        flush_folder(path.parent)


def flush_folder(path: Path) -> None:
    """Make a folder's entries durable. Windows has no such call; there the file system's own log has to do."""
    if os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
