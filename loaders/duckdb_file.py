"""A DuckDB file that is made from scratch, and is there wholly or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from loaders.duckdb_engine import duckdb_errors
from loaders.errors import LoaderError, UsageError
from loaders.sql import quote


class DuckDBFile:
    """A new database file, written under another name until `finish` gives it its own.

    path: replaced where it is there already. memory: bytes that its engine may hold. threads: at most so many. What
    does not fit is spilled beside the file.
    """

    def __init__(self, path: Path, *, memory: int, threads: int) -> None:
        self.path = path.resolve()
        if self.path.is_dir():
            raise UsageError(f"{path} is a folder, not a database file")
        if not self.path.parent.is_dir():
            raise UsageError(f"there is no folder {path.parent}", hint="make it, or name another file")
        self._draft = self.path.with_name(f"{self.path.name}.{os.getpid()}.draft")
        self._spill = self._draft.with_suffix(".spill")
        self._discard()
        settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": f"{memory // 1024}KiB",
            "temp_directory": str(self._spill),
            "threads": threads,
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "preserve_insertion_order": "false",
        }
        self._finished = False
        try:
            with duckdb_errors(str(path)):
                self._connection = duckdb.connect(str(self._draft), config=settings)
                self._connection.execute("SET TimeZone = 'UTC'")
                self._connection.execute("SET enable_progress_bar = false")
        except LoaderError:
            self._discard()
            raise

    def execute(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows."""
        with duckdb_errors(self.path.name):
            return self._connection.execute(sql, list(values)).fetchall()

    def append(self, table: str, rows: pa.Table | pa.RecordBatch) -> None:
        """Add rows to a table, by name. table: quoted, and with its schema where it is not `main`. It is made from the
        first rows if it is missing."""
        view = "rows_to_append"
        with duckdb_errors(self.path.name):
            self._connection.register(view, rows)
            try:
                self._connection.execute(f"CREATE TABLE IF NOT EXISTS {table} AS FROM {view} LIMIT 0")
                self._connection.execute(f"INSERT INTO {table} BY NAME FROM {view}")
            finally:
                self._connection.unregister(view)

    def columns(self, table: str) -> list[str]:
        """The columns of a table, in order. table: as `append` takes it."""
        return [row[0] for row in self.execute(f"DESCRIBE {table}")]

    def describe(self, kind: str, name: str, text: str) -> None:
        """Keep a sentence about a table or view in the file itself. kind: TABLE or VIEW."""
        literal = text.replace("'", "''")
        self.execute(f"COMMENT ON {kind} {quote(name)} IS '{literal}'")

    def give_memory(self, memory: int) -> None:
        """Let the engine hold so many bytes from now on."""
        self.execute(f"SET memory_limit = '{memory // 1024}KiB'")

    def finish(self) -> None:
        """Write everything down, close, and give the file its name."""
        self.execute("CHECKPOINT")
        self._connection.close()
        self._finished = True
        with duckdb_errors(str(self.path)):
            self._draft.replace(self.path)
        shutil.rmtree(self._spill, ignore_errors=True)

    def close(self) -> None:
        """Close; what is not finished is removed. May be called twice."""
        self._connection.close()
        if not self._finished:
            self._discard()

    def _discard(self) -> None:
        for stale in (self._draft, self._draft.with_name(self._draft.name + ".wal")):
            stale.unlink(missing_ok=True)
        shutil.rmtree(self._spill, ignore_errors=True)
