"""An embedded engine for tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from loaders.duckdb_engine import DuckDBEngine


@contextmanager
def engine(folder: Path, memory: int = 300_000_000) -> Iterator[DuckDBEngine]:
    opened = DuckDBEngine(memory_bytes=memory, spill=folder / "spill", threads=2)
    try:
        yield opened
    finally:
        opened.close()
