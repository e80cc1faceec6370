"""A DuckDB file that is only looked at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from loaders.duckdb_engine import duckdb_errors
from loaders.errors import UsageError

# Behind the checksum of the first block: where it is missing, DuckDB speaks of something else.
_MAGIC = b"DUCK"


class DuckDBReader:
    """A database file, opened for reading; UsageError where there is none, or something else."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise UsageError(f"there is no database file {path}")
        with path.open("rb") as file:
            if file.read(12)[8:] != _MAGIC:
                raise UsageError(f"{path} is no DuckDB file")
        self._name = path.name
        with duckdb_errors(str(path)):
            self._connection = duckdb.connect(str(path), read_only=True)
            self._connection.execute("SET enable_progress_bar = false")

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with duckdb_errors(self._name):
            return self._connection.execute(sql, list(values)).fetchall()

    def close(self) -> None:
        """Close the file; may be called twice."""
        self._connection.close()
