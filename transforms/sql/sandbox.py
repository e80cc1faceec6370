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

# Arrow tables are scanned where they are and do not count; this bounds sorts and joins, and nothing is spilled to disk.
DEFAULT_MEMORY = 512 * 1024 * 1024

# No files or network, no extensions beyond the built-in ones, no Python variables read as tables, no spilling; times in
# UTC whatever the machine's zone. `lock_configuration` comes last: nothing can be changed after it.
_SETTINGS = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
    "temp_directory": "",
}
_LOCK = ("SET GLOBAL TimeZone = 'UTC'", "SET GLOBAL lock_configuration = true")  # GLOBAL: for every cursor


class SqlError(TransformError):
    """SQL of a contract that DuckDB refuses, or that fails on the values it meets."""

    code = "sql"


class Sandbox:
    """An in-memory DuckDB that reads the Arrow tables it is handed. Safe to use from several threads at once.

    memory: bytes that sorts and joins may take; a query that needs more fails rather than spill to disk.
    threads: most threads DuckDB uses for all queries together; None: as many as it sees processors.
    Opening one takes some 15 ms and a query 1 to 2 ms, so keep it: a context manager, or `close()`.
    """

    def __init__(self, *, memory: int = DEFAULT_MEMORY, threads: int | None = None) -> None:
        settings: dict[str, str | bool | int | float | list[str]] = {**_SETTINGS, "memory_limit": f"{memory}B"}
        if threads is not None:
            settings["threads"] = str(threads)
        self._database = duckdb.connect(":memory:", config=settings)
        for statement in _LOCK:
            self._database.execute(statement)
        self._opening = Lock()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Gives its memory back; queries after this fail."""
        self._database.close()

    def query(self, sql: str, tables: Mapping[str, pa.Table]) -> pa.Table:
        """The rows of one SELECT over `tables`, which it sees under their names.

        SqlError for anything that is not exactly one SELECT, and for whatever DuckDB says against it.
        """
        with self._relation(sql, tables) as relation:
            return relation.to_arrow_table()

    def types(self, sql: str, tables: Mapping[str, pa.Table]) -> list[str]:
        """The DuckDB types of the columns that `query` would return, without running it; SqlError as there."""
        with self._relation(sql, tables) as relation:
            return [str(kind) for kind in relation.types]

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
                cursor.register(name, table)
            yield cursor.sql(statements[0])

    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of its own, so that threads neither share a result nor see each other's tables."""
        try:
            with self._opening:
                cursor = self._database.cursor()
            with cursor:
                yield cursor
        except duckdb.Error as error:
            raise SqlError(str(error).strip()) from error


_shared: Sandbox | None = None
_sharing = Lock()


def shared_sandbox() -> Sandbox:
    """The sandbox of this process with the default settings, opened at its first use."""
    global _shared  # noqa: PLW0603  opened once, under its lock
    with _sharing:
        if _shared is None:
            _shared = Sandbox()
        return _shared
