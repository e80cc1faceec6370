"""The databases that sources are tested on, each with a client that puts the rows there and shares no code with what is
tested."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from loaders.database.address import parse_address
from loaders.database.bulk import BulkConnection
from loaders.database.database_source import DatabaseSource, DatabaseSourceOptions
from loaders.database.dialect import Dialect
from tests.servers.account import Account

READERS = ("sqlite", "postgresql", "postgresql by adbc", "mariadb")


@dataclass(frozen=True)
class Reader:
    """backend: as in URLs. long_text: a column type for documents. execute: by the other client."""

    backend: str
    dialect: Dialect
    connect: Callable[[], BulkConnection]
    execute: Callable[[str], object]
    long_text: str
    long_binary: str

    def insert(self, table: str, rows: Sequence[tuple[object, ...]]) -> None:
        """Rows of texts, numbers, bytes and NULLs."""
        for start in range(0, len(rows), 500):
            values = ", ".join(
                "(" + ", ".join(self.literal(value) for value in row) + ")" for row in rows[start : start + 500]
            )
            self.execute(f"INSERT INTO {table} VALUES {values}")

    def literal(self, value: object) -> str:
        """A value in SQL."""
        if value is None:
            return "NULL"
        if isinstance(value, bytes):
            return f"'\\x{value.hex()}'" if self.backend == "postgresql" else f"x'{value.hex()}'"
        if isinstance(value, str):
            text = value.replace("\\", "\\\\") if self.backend == "mariadb" else value
            return "'" + text.replace("'", "''") + "'"
        return str(value)

    def source(
        self,
        *,
        table: str | None = "docs",
        query: str | None = None,
        key: tuple[str, ...] = ("k",),
        document: str = "doc",
    ) -> DatabaseSource:
        """A source of this database."""
        return DatabaseSource(
            DatabaseSourceOptions(
                self.dialect, self.connect, key, document, "tests", 64 << 20, table=table, query=query
            )
        )


@pytest.fixture(params=READERS)
def reader(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Reader]:
    """An empty database."""
    backend, _, driver = request.param.partition(" by ")
    if backend == "sqlite":
        yield sqlite_reader(tmp_path / "docs.db")
        return
    account: Account = request.getfixturevalue(backend)
    server = request.getfixturevalue(f"{backend}_server")

    def execute(sql: str) -> object:
        return server.execute(sql, database=account.database)

    if backend == "postgresql":
        from loaders.postgresql.connect import connect as to_postgresql
        from loaders.postgresql.dialect import POSTGRESQL

        address = parse_address(account.url)
        yield Reader(
            backend,
            POSTGRESQL,
            lambda: to_postgresql(address, reader=driver or "turbodbc"),
            execute,
            "text",
            "bytea",
        )
    else:
        from loaders.mariadb.connect import connect as to_mariadb
        from loaders.mariadb.dialect import MARIADB

        address = parse_address(account.url)
        yield Reader(backend, MARIADB, lambda: to_mariadb(address), execute, "longtext", "longblob")


def sqlite_reader(file: Path) -> Reader:
    """A database in a file."""
    from loaders.sqlite.connect import connect as to_sqlite
    from loaders.sqlite.dialect import SQLITE

    def execute(sql: str) -> object:
        with sqlite3.connect(file) as connection:
            connection.execute(sql)
        connection.close()
        return None

    execute("PRAGMA user_version = 1")  # makes the file
    return Reader("sqlite", SQLITE, lambda: to_sqlite(parse_address(f"sqlite:{file}")), execute, "text", "blob")
