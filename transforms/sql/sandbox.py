"""DuckDB shut in: queries over Arrow tables in memory, and nothing else within reach."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import Any

import duckdb
import pyarrow as pa

from transforms.errors import TransformError
from transforms.sql.text import quoted
from transforms.sql.watch import Watch
from transforms.sql.whole_numbers import widened

# Arrow tables are scanned where they are and do not count; this bounds sorts and joins, and nothing is spilled to disk.
DEFAULT_MEMORY = 512 * 1024 * 1024

# Queries over a chunk take milliseconds; what runs for so long is a mistake, or meant to hang.
DEFAULT_SECONDS = 30.0

# Large enough that a chunk's result is a few batches, small enough to notice a result that never ends.
_BATCH_ROWS = 65_536

# No files or network, no extensions beyond the built-in ones, no Python variables read as tables, no spilling; times in
# UTC whatever the machine's zone. `lock_configuration` comes last: nothing can be changed after it.
_SETTINGS = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
    "temp_directory": "",
    # x / 0 fails like x // 0 and x % 0, rather than go on as an infinity that nobody counts.
    "ieee_floating_point_ops": "false",
}
_LOCK = ("SET GLOBAL TimeZone = 'UTC'", "SET GLOBAL lock_configuration = true")  # GLOBAL: for every cursor


class SqlError(TransformError):
    """SQL of a contract that DuckDB refuses, or that fails on the values it meets."""

    code = "sql"


class ExhaustedError(SqlError):
    """A query that took too long, needed too much memory, or returned too much."""


class Sandbox:
    """An in-memory DuckDB that reads the Arrow tables it is handed. Safe to use from several threads at once.

    memory: bytes that sorts and joins may take, and again what one query may return; a query that needs more fails
        rather than spill to disk.
    seconds: how long one query may take. It is interrupted between rows: nothing stops a function within one.
    threads: most threads DuckDB uses for all queries together; None: as many as it sees processors.
    Opening one takes some 15 ms and a query 1 to 2 ms, so keep it: a context manager, or `close()`.
    """

    def __init__(
        self, *, memory: int = DEFAULT_MEMORY, seconds: float = DEFAULT_SECONDS, threads: int | None = None
    ) -> None:
        settings: dict[str, str | bool | int | float | list[str]] = {**_SETTINGS, "memory_limit": f"{memory}B"}
        if threads is not None:
            settings["threads"] = str(threads)
        self._database = duckdb.connect(":memory:", config=settings)
        for statement in _LOCK:
            self._database.execute(statement)
        self._opening = Lock()
        self._memory = memory
        self._seconds = seconds
        self._watch = Watch(seconds)

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Gives its memory back; queries after this fail."""
        self._database.close()

    def query(self, sql: str, tables: Mapping[str, pa.Table]) -> pa.Table:
        """The rows of one SELECT over `tables`, which it sees under their names, their whole numbers as BIGINT.

        SqlError for anything that is not exactly one SELECT, and for whatever DuckDB says against it; ExhaustedError
        for one that takes too much.
        """
        with self._relation(sql, tables) as relation:
            reader = relation.to_arrow_reader(_BATCH_ROWS)
            try:
                return self._read(reader)
            except (pa.ArrowException, OSError) as error:  # what fails after the first rows comes through Arrow
                raise self._failure(str(error)) from error

    def _read(self, reader: pa.RecordBatchReader) -> pa.Table:
        batches: list[pa.RecordBatch] = []
        size = 0
        for batch in reader:
            batches.append(batch)
            size += batch.nbytes
            if size > self._memory:
                raise ExhaustedError(f"the query returns more than {self._memory:,} bytes")
        return pa.Table.from_batches(batches, reader.schema)

    def _failure(self, message: str) -> SqlError:
        """What DuckDB says, as the error that it is."""
        if "INTERRUPT" in message:
            return ExhaustedError(f"the query takes longer than {self._seconds:g} seconds")
        exhausted = "Out of Memory" in message or "string buffers" in message
        return (ExhaustedError if exhausted else SqlError)(message.strip())

    def bound(self, sql: str, tables: Mapping[str, pa.Table]) -> dict[str, Any]:
        """The plan of one SELECT over tables of those schemas, bound and not optimised, as DuckDB writes it in JSON;
        SqlError as `query`, and for the few plans that cannot be written. Nothing is run."""
        with self._cursor() as cursor:
            for name, table in tables.items():
                cursor.register("of_arrow", widened(table.schema.empty_table()))
                cursor.execute(f"CREATE TEMP TABLE {quoted(name)} AS FROM of_arrow")
                cursor.unregister("of_arrow")
            row = cursor.execute("SELECT json_serialize_plan(CAST(? AS VARCHAR), optimize := false)", [sql]).fetchone()
        plan: dict[str, Any] = json.loads(row[0]) if row else {}
        if plan.get("error"):
            raise SqlError(str(plan.get("error_message")))
        return plan

    def types(self, sql: str, tables: Mapping[str, pa.Table]) -> list[str]:
        """The DuckDB types of the columns that `query` would return, without running it; SqlError as there."""
        with self._relation(sql, tables) as relation:
            return [str(kind) for kind in relation.types]

    def columns(self, sql: str, tables: Mapping[str, pa.Table]) -> dict[str, str]:
        """The names and DuckDB types of the columns that `query` would return, without running it; SqlError as there,
        and where two have one name."""
        with self._relation(sql, tables) as relation:
            names = [name.lower() for name in relation.columns]
            if len(set(names)) < len(names):
                twice = next(name for name in names if names.count(name) > 1)
                raise SqlError(f"two columns are called {twice!r}")
            return dict(zip(relation.columns, map(str, relation.types), strict=True))

    def parse(self, sql: str) -> list[dict[str, Any]]:
        """The syntax trees of the statements in `sql`, as DuckDB's own parser reads them; SqlError where it cannot.

        Only SELECT statements have a tree; others are an SqlError too. Nothing is bound or run.
        """
        with self._cursor() as cursor:
            row = cursor.execute("SELECT json_serialize_sql(CAST(? AS VARCHAR))", [sql]).fetchone()
        try:
            tree = json.loads(row[0]) if row else {}
        except RecursionError as error:
            raise SqlError("the SQL is nested too deeply") from error
        if tree.get("error"):
            raise SqlError(str(tree.get("error_message")))
        return list(tree["statements"])

    @contextmanager
    def _relation(self, sql: str, tables: Mapping[str, pa.Table]) -> Iterator[duckdb.DuckDBPyRelation]:
        with self._cursor() as cursor:
            statements = cursor.extract_statements(sql)
            if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
                raise SqlError("only one SELECT statement can be run", hint="CREATE, SET and the like are refused.")
            for name, table in tables.items():
                cursor.register(name, widened(table))
            with self._watch.over(cursor.interrupt):
                yield cursor.sql(statements[0])

    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of its own, so that threads neither share a result nor see each other's tables."""
        try:
            with self._opening:
                cursor = self._database.cursor()
            with cursor:
                yield cursor
        except MemoryError as error:
            raise ExhaustedError("the query needs more memory than there is") from error
        except duckdb.Error as error:
            raise self._failure(str(error)) from error


_shared: Sandbox | None = None
_sharing = Lock()


def shared_sandbox() -> Sandbox:
    """The sandbox of this process with the default settings, opened at its first use."""
    global _shared  # noqa: PLW0603  opened once, under its lock
    with _sharing:
        if _shared is None:
            _shared = Sandbox()
        return _shared
