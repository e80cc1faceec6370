"""Databases behind a connection string: known ones are found out, unknown ones are read by the standard."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from loaders.database.address import Secret, parse_address
from loaders.database.database_source import DatabaseSource, DatabaseSourceOptions
from loaders.database.turbodbc_connection import TurbodbcConnection, TurbodbcOptions
from loaders.errors import UnavailableError, UsageError
from loaders.odbc.asked_database import AskedDatabase, ask
from loaders.odbc.connect import connect
from loaders.odbc.dialect import dialect_of, odbc_dialect
from loaders.odbc.faults import ODBC_FAULTS
from loaders.odbc.reading import AnsiReading
from loaders.odbc_drivers import MARIADB, POSTGRESQL, SQLITE, driver_library
from loaders.postgresql.connect import FETCHING
from loaders.source import EVERYTHING
from tests.loaders.database.readers import Reader
from tests.loaders.database.test_read_source import document, fill
from tests.loaders.test_sources import LIMITS, check_cuts, read_all
from tests.servers.account import Account


def url(account: Account) -> str:
    driver = driver_library({"postgresql": POSTGRESQL, "mariadb": MARIADB}[account.backend])
    assert driver is not None
    return "odbc:" + account.odbc(driver)


@pytest.mark.parametrize("backend", ["sqlite", "postgresql", "mariadb"])
def test_a_known_database_is_found_out(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if backend == "sqlite":
        address = parse_address(f"odbc:Driver={driver_library(SQLITE)};Database={tmp_path}/docs.db")
    else:
        address = parse_address(url(request.getfixturevalue(backend)))
    dialect = odbc_dialect(lambda: connect(address))
    assert dialect.name == backend
    connection = connect(address)
    long = {"sqlite": "text", "postgresql": "text", "mariadb": "longtext"}[backend]
    connection.run(f"CREATE TABLE docs (k integer PRIMARY KEY, doc {long})")
    text = "é😀" * 40_000
    connection.run("INSERT INTO docs VALUES (1, ?)", [text])
    connection.close()
    source = DatabaseSource(
        DatabaseSourceOptions(dialect, lambda: connect(address), ("k",), "doc", "tests", 1 << 20, table="docs")
    )
    assert read_all(source, EVERYTHING) == [("1", None, len(text.encode()))]
    with source.read(EVERYTHING, replace(LIMITS, document_bytes=10**6)) as read:
        assert [row for batch in read.batches() for row in batch["document"].to_pylist()] == [text]
    source.close()


@pytest.mark.parametrize("reader", ["postgresql"], indirect=True)
def test_an_unknown_database_is_read_by_the_standard(reader: Reader, postgresql: Account) -> None:
    """PostgreSQL, taken for a database that nobody knows."""
    fill(reader, "varchar", nulls=False)
    driver = driver_library(POSTGRESQL)
    assert driver is not None
    asked = AskedDatabase("", '""', "OCTET_LENGTH({0})", "OFFSET {1} ROWS FETCH NEXT {0} ROWS ONLY")
    options = TurbodbcOptions(
        Secret(postgresql.odbc(driver, **FETCHING)), "tests", AnsiReading(asked).length, ODBC_FAULTS
    )
    source = DatabaseSource(
        DatabaseSourceOptions(
            dialect_of(asked), lambda: TurbodbcConnection(options), ("k",), "doc", "tests", 1 << 20, table="docs"
        )
    )
    ranges = check_cuts(source, 7, 60)
    every = [row[-2] for each in ranges for row in read_all(source, each)]
    assert sorted(map(str, every)) == sorted(document(i) for i in range(60))
    source.close()
    with pytest.raises(UsageError, match="there is no table doc"):
        DatabaseSource(
            DatabaseSourceOptions(
                dialect_of(asked), lambda: TurbodbcConnection(options), ("k",), "doc", "tests", 1 << 20, table="doc"
            )
        )


def test_what_an_unknown_database_says_of_itself(monkeypatch: pytest.MonkeyPatch, postgresql: Account) -> None:
    monkeypatch.setattr("loaders.odbc.asked_database._KNOWN", {})
    address = parse_address(url(postgresql))
    connection = connect(address)
    assert ask(connection) == AskedDatabase("", '""', "OCTET_LENGTH({0})", "OFFSET {1} ROWS FETCH NEXT {0} ROWS ONLY")
    connection.close()


def test_what_mariadb_would_say_of_itself(monkeypatch: pytest.MonkeyPatch, mariadb: Account) -> None:
    address = parse_address(url(mariadb))
    connection = connect(address)
    monkeypatch.setattr("loaders.odbc.asked_database._KNOWN", {})
    paging = "OFFSET {1} ROWS FETCH NEXT {0} ROWS ONLY"
    assert ask(connection) == AskedDatabase("", "``", "OCTET_LENGTH({0})", paging, integer="signed")
    connection.close()


def test_a_driver_that_is_not_there() -> None:
    with pytest.raises((UsageError, UnavailableError)) as caught:
        connect(parse_address("odbc:Driver=/nowhere/libnone.so;Server=localhost;PWD={secret;word}"))
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None
