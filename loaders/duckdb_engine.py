"""One embedded DuckDB for a whole run: every file is attached to it, so that one memory limit holds for them all."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from loaders.errors import (
    DISK_FULL,
    DataError,
    LoaderError,
    MemoryLimitError,
    TransientError,
    UnavailableError,
    UsageError,
)
from loaders.sql import quote


class DuckDBEngine:
    """An in-memory DuckDB with a memory limit, a folder to spill to, and attached database files.

    memory_bytes: its buffer manager's limit. Strings in flight count towards it, so a read that would burst it fails
        with MemoryLimitError and can be repeated with fewer rows.
    spill: folder for what does not fit; made when needed.
    threads: at most so many.
    """

    def __init__(self, *, memory_bytes: int, spill: Path, threads: int) -> None:
        settings: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": f"{memory_bytes // 1024}KiB",
            "temp_directory": str(spill),
            "threads": threads,
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "preserve_insertion_order": "true",
        }
        with duckdb_errors("the embedded engine"):
            self._connection = duckdb.connect(":memory:", config=settings)
            self._connection.execute("SET GLOBAL TimeZone = 'UTC'")  # zoned timestamps print alike on every machine
        self._attached: dict[Path, tuple[str, bool]] = {}
        self._lock = threading.Lock()

    def attach(self, path: Path, *, read_only: bool) -> str:
        """Attach a database file and return its quoted name. A file attached before keeps its name; wanting to write to
        one that is attached for reading only is an error: attach for writing first."""
        path = path.resolve()
        with self._lock, duckdb_errors(str(path)):
            if path in self._attached:
                name, was_read_only = self._attached[path]
                if was_read_only and not read_only:
                    raise UsageError(
                        f"{path} is already open for reading only", hint="open the target before the source"
                    )
                return name
            if path.is_dir():
                raise UsageError(f"{path} is a folder, not a database file")
            if read_only and not path.is_file():
                raise UsageError(f"there is no database file {path}", hint="check the path in the job's source")
            if not path.parent.is_dir():
                raise UsageError(f"there is no folder {path.parent}", hint="make it, or correct the path")
            name = quote(f"db{len(self._attached)}")
            literal = str(path).replace("'", "''")
            self._connection.execute(f"ATTACH '{literal}' AS {name} (TYPE duckdb{', READ_ONLY' if read_only else ''})")
            self._attached[path] = (name, read_only)
            return name

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """A connection of its own to the same engine; one a thread, and one a transaction."""
        cursor = self._connection.cursor()
        # Seen after two seconds of writing from an Arrow stream: a bar on standard output, where only ours belongs.
        cursor.execute("SET enable_progress_bar = false")
        return cursor

    def close(self) -> None:
        """Close the engine and every attached file; may be called twice."""
        self._connection.close()


_NO_SPACE = re.compile(r"no space left|disk full|not enough space", re.IGNORECASE)
_CONSTRAINT = re.compile(r"constraint violation|duplicate key", re.IGNORECASE)
_CONFLICT = re.compile(r"conflict", re.IGNORECASE)
_LOCKED = re.compile(r"conflicting lock|being used by another process", re.IGNORECASE)


@contextmanager
def duckdb_errors(what: str) -> Iterator[None]:
    """Turn DuckDB's errors into ours, told apart by type; `what` is the file or table in question."""
    try:
        yield
    except LoaderError:
        raise
    except RuntimeError as error:
        if "interrupted" in str(error).lower():  # what DuckDB makes of Ctrl-C inside a query
            raise KeyboardInterrupt from error
        raise
    except duckdb.OutOfMemoryException as error:
        raise MemoryLimitError(f"{what}: {_first_line(error)}", hint="give the run more with --memory") from error
    except (duckdb.CatalogException, duckdb.BinderException, duckdb.ParserException) as error:
        raise UsageError(f"{what}: {_first_line(error)}") from error
    except duckdb.TransactionException as error:
        raise _transaction_error(what, error) from error
    except (duckdb.ConstraintException, duckdb.ConversionException, duckdb.OutOfRangeException) as error:
        raise DataError(f"{what}: {_first_line(error)}") from error
    except (duckdb.Error, OSError) as error:
        raise _unavailable(what, error) from error


def _transaction_error(what: str, error: duckdb.Error) -> LoaderError:
    """A failed commit says why only in its text."""
    text = str(error)
    if _CONSTRAINT.search(text):
        return DataError(f"{what}: {_first_line(error)}")
    if _CONFLICT.search(text):
        return TransientError(f"{what}: {_first_line(error)}")
    return _unavailable(what, error)


def _unavailable(what: str, error: Exception) -> UnavailableError:
    hint = ""
    if _NO_SPACE.search(str(error)):
        hint = DISK_FULL
    elif _LOCKED.search(str(error)):
        hint = "another process has the file open: DuckDB allows one writer and then nobody else; wait for it"
    return UnavailableError(f"{what}: {_first_line(error)}", hint=hint)


def _first_line(error: BaseException) -> str:
    return str(error).strip().split("\n", maxsplit=1)[0]


def first_row(cursor: duckdb.DuckDBPyConnection, sql: str, values: Sequence[object] = ()) -> tuple[Any, ...] | None:
    """The first row of a query's result. The result is read to its end: an unread rest would block the connection."""
    rows = cursor.execute(sql, list(values)).fetchall()
    return rows[0] if rows else None
