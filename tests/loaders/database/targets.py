"""Databases that tests write to, and an oracle for each that shares no code with what is tested."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from loaders.database.address import DatabaseAddress, parse_address
from loaders.database.bulk import BulkConnection
from loaders.database.database_sink import DatabaseSink, DatabaseSinkOptions
from loaders.database.dialect import Dialect
from loaders.mariadb.connect import connect as to_mariadb
from loaders.mariadb.dialect import MARIADB
from loaders.odbc.connect import connect as to_odbc
from loaders.odbc.dialect import odbc_dialect
from loaders.odbc_drivers import POSTGRESQL as POSTGRESQL_DRIVER
from loaders.odbc_drivers import driver_library
from loaders.postgresql.connect import connect as to_postgresql
from loaders.postgresql.dialect import POSTGRESQL
from loaders.sqlite.connect import connect as to_sqlite
from loaders.sqlite.dialect import SQLITE
from tests.servers.account import Account
from tests.servers.server import Server

# Each database with each way of publishing.
WAYS = (
    "postgresql-direct",
    "postgresql-staged",
    "mariadb-direct",
    "mariadb-staged",
    "sqlite-direct",
    "odbc-direct",  # PostgreSQL, behind a connection string
)
DIRECT = tuple(way for way in WAYS if way.endswith("direct"))
STAGED = tuple(way for way in WAYS if way.endswith("staged"))
# Those that another process, or another user, reaches by a URL.
SERVERS = tuple(way for way in WAYS if way.startswith(("postgresql", "mariadb")))


def on(*ways: str) -> pytest.MarkDecorator:
    """Run a test on these alone."""
    return pytest.mark.parametrize("target", ways, indirect=True)


@dataclass
class Target:
    """An empty database. execute: runs SQL by the database's own client; rows as lines, columns separated by tabs."""

    dialect: Dialect
    address: DatabaseAddress
    execute: Callable[[str], str]
    publish: str
    connect_to: Callable[..., BulkConnection]
    url: str = ""
    database: str = ""
    _sinks: list[DatabaseSink] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Of the backend."""
        return self.dialect.name

    def connect(self, parameter_rows: int = 1000) -> BulkConnection:
        """A connection that writes."""
        return self.connect_to(self.address, parameter_rows=parameter_rows)

    def sink(self, **options: object) -> DatabaseSink:
        """A new sink; closed with the test."""
        made = DatabaseSink(
            DatabaseSinkOptions(
                **{
                    "dialect": self.dialect,
                    "connect": self.connect,
                    "identity": self.address.identity,
                    "publish": self.publish,
                    **options,
                }  # type: ignore[arg-type]
            )
        )
        self._sinks.append(made)
        return made

    def one(self, sql: str) -> str:
        """The only value of the only row."""
        return self.execute(sql).strip("\n")

    def close(self) -> None:
        """Close every sink."""
        for sink in self._sinks:
            sink.close()


def server_target(backend: str, publish: str, account: Account, server: Server) -> Target:
    """On a server of the tests."""
    made = target_of(backend, account.url, publish)
    made.execute, made.database = partial(server.execute, database=account.database), account.database
    return made


def odbc_target(account: Account, server: Server) -> Target:
    """PostgreSQL behind a connection string of its ODBC driver."""
    library = driver_library(POSTGRESQL_DRIVER)
    assert library is not None
    address = parse_address("odbc:" + account.odbc(library, SSLmode="disable"))
    execute = partial(server.execute, database=account.database)
    return Target(odbc_dialect(partial(to_odbc, address)), address, execute, "direct", to_odbc, "", account.database)


def target_of(backend: str, url: str, publish: str) -> Target:
    """What another process can reach; without an oracle."""
    dialect, connect = {
        "postgresql": (POSTGRESQL, partial(to_postgresql, reader="adbc")),
        "mariadb": (MARIADB, to_mariadb),
        "sqlite": (SQLITE, to_sqlite),
    }[backend]
    return Target(dialect, parse_address(url), str, publish, connect, url)


def sqlite_target(file: Path) -> Target:
    """In a file."""

    def execute(sql: str) -> str:
        with sqlite3.connect(file) as connection:
            rows = connection.execute(sql).fetchall()
        connection.close()
        return "\n".join("\t".join("NULL" if value is None else str(value) for value in row) for row in rows)

    made = target_of("sqlite", f"sqlite:{file}", "direct")
    made.execute, made.url = execute, f"sqlite:{file}"
    return made
