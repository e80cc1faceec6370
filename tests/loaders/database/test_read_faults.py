"""Connections that break while something is read: an error that passes, no row lost, and no secret told."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import replace

import pytest

from loaders.database.address import parse_address
from loaders.database.bulk import BulkConnection
from loaders.database.database_source import DatabaseSource, DatabaseSourceOptions
from loaders.database.dialect import Dialect
from loaders.errors import LoaderError, TransientError
from loaders.mariadb.connect import connect as to_mariadb
from loaders.mariadb.dialect import MARIADB
from loaders.postgresql.connect import connect as to_postgresql
from loaders.postgresql.dialect import POSTGRESQL
from loaders.source import EVERYTHING, ReadLimits
from tests.servers.account import PASSWORD, Account
from tests.servers.fault_proxy import FaultProxy
from tests.servers.server import Server, free_port

READERS = ("postgresql", "postgresql by adbc", "mariadb")
LIMITS = ReadLimits(200_000, 1 << 20)


def to(account: Account, driver: str) -> tuple[Dialect, Callable[[], BulkConnection]]:
    address = parse_address(account.url)
    if account.backend == "mariadb":
        return MARIADB, lambda: to_mariadb(address)
    return POSTGRESQL, lambda: to_postgresql(address, reader=driver or "turbodbc")


@pytest.fixture(params=READERS)
def account(request: pytest.FixtureRequest) -> tuple[Account, str]:
    backend, _, driver = request.param.partition(" by ")
    return request.getfixturevalue(backend), driver


def fill(account: Account, driver: str) -> None:
    connection = to(account, driver)[1]()
    connection.run("CREATE TABLE docs (k integer PRIMARY KEY, doc text)")
    text = "repeat('x', 50000)"
    connection.run("INSERT INTO docs VALUES " + ", ".join(f"({at}, {text})" for at in range(60)))
    connection.close()


def end_connections(who: Account, server: Server) -> None:
    """As an administrator would."""
    if who.backend == "mariadb":
        listed = server.execute(f"SELECT id FROM information_schema.processlist WHERE db = '{who.database}'").split()
        server.execute("".join(f"KILL {number};" for number in listed))
    else:
        where = f"datname = '{who.database}' AND pid <> pg_backend_pid()"
        server.execute(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {where}")


def opened(who: Account, driver: str) -> DatabaseSource:
    dialect, connect = to(who, driver)
    return DatabaseSource(DatabaseSourceOptions(dialect, connect, ("k",), "doc", "tests", 1 << 20, table="docs"))


def test_connections_that_the_server_ends_while_reading(
    account: tuple[Account, str], request: pytest.FixtureRequest
) -> None:
    who, driver = account
    fill(who, driver)
    source = opened(who, driver)
    server = request.getfixturevalue(f"{who.backend}_server")

    def read_until_it_ends() -> None:
        with source.read(EVERYTHING, LIMITS) as read:
            for number, _ in enumerate(read.batches()):
                if number == 0:
                    end_connections(who, server)

    with pytest.raises(TransientError):
        read_until_it_ends()
    assert rows_of(source) == list(range(60))
    source.close()


def rows_of(source: DatabaseSource) -> list[int]:
    with source.read(EVERYTHING, LIMITS) as read:
        rows = [row for batch in read.batches() for row in batch.to_pylist()]
    assert all(row["document"] == "x" * 50_000 for row in rows)
    return sorted(int(row["k"]) for row in rows)


@pytest.mark.parametrize("account", ["postgresql", "postgresql by adbc"], indirect=True)
def test_a_network_that_breaks_while_reading(account: tuple[Account, str]) -> None:
    """Wherever in the protocol. Not for MariaDB: turbodbc holds the GIL while it says goodbye through the proxy."""
    who, driver = account
    fill(who, driver)
    with FaultProxy(who.port) as proxy:
        source = opened(who.at(proxy.port), driver)
        for bytes_until_cut in (1, 100_000, 1_000_000):
            proxy.cut_after(bytes_until_cut)
            with pytest.raises(TransientError):
                rows_of(source)
            assert rows_of(source) == list(range(60))
        source.close()


def test_connections_that_broke_while_nobody_used_them(
    account: tuple[Account, str], request: pytest.FixtureRequest
) -> None:
    who, driver = account
    fill(who, driver)
    source = opened(who, driver)
    with source.read(EVERYTHING, LIMITS), source.read(EVERYTHING, LIMITS):
        assert source.count([EVERYTHING]) == [60]  # three connections by now
    calls: list[Callable[[], object]] = [
        lambda: source.count([EVERYTHING]),
        lambda: source.measure([EVERYTHING]),
        lambda: source.rank([("1",), ("2",)]),
        lambda: source.key_at(EVERYTHING, 1),
        lambda: list(source.cut(EVERYTHING, rows=10, total_bytes=10**9)),
    ]
    for call in calls:
        expected = call()
        end_connections(who, request.getfixturevalue(f"{who.backend}_server"))
        with pytest.raises(TransientError):
            call()
        assert call() == expected
    source.close()


def told(error: BaseException) -> str:
    """All that a log could show of it."""
    return "".join(traceback.format_exception(error)) + repr(error.__dict__)


def test_no_password_is_told(account: tuple[Account, str]) -> None:
    who, driver = account
    wrong = PASSWORD + "}wrong;'x"
    for broken in (replace(who, password=wrong), replace(who, database="no where"), who.at(free_port())):
        _, connect = to(broken, driver)
        with pytest.raises(LoaderError) as caught:
            connect()
        text = told(caught.value)
        for secret in (PASSWORD, wrong, "}wrong", "p%40ss", "p@ss"):
            assert secret not in text
        assert caught.value.message


def test_a_wrong_password_is_no_fault_that_passes(account: tuple[Account, str]) -> None:
    who, driver = account
    _, connect = to(replace(who, password="wrong"), driver)
    with pytest.raises(LoaderError) as caught:
        connect()
    assert not isinstance(caught.value, TransientError)
    assert "password" in caught.value.message.lower()
