"""Fixtures: a server for all tests of a process, and for each test a database of its own."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TypeVar

import pytest

from tests.servers.account import Account
from tests.servers.mariadb import MariaDBServer
from tests.servers.postgresql import PostgreSQLServer
from tests.servers.server import Server, ServerMissingError

ServerT = TypeVar("ServerT", bound=Server)
_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgreSQLServer]:
    """Shared: a test that stops it, or changes its settings, starts one of its own."""
    yield from _running(PostgreSQLServer)


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[MariaDBServer]:
    """Shared: a test that stops it, or changes its settings, starts one of its own."""
    yield from _running(MariaDBServer)


@pytest.fixture
def postgresql(postgresql_server: PostgreSQLServer) -> Iterator[Account]:
    """The administrator of an empty database."""
    yield from _database(postgresql_server)


@pytest.fixture
def mariadb(mariadb_server: MariaDBServer) -> Iterator[Account]:
    """The administrator of an empty database."""
    yield from _database(mariadb_server)


def _running(kind: type[ServerT]) -> Iterator[ServerT]:
    try:
        server = kind()
    except ServerMissingError as error:
        pytest.skip(str(error))
    try:
        server.start()
        yield server
    finally:
        server.close()


def _database(server: Server) -> Iterator[Account]:
    name = f"test_{next(_NUMBERS)}"
    yield server.create_database(name)
    server.drop_database(name)
