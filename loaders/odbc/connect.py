"""Connecting by an ODBC connection string. What is behind it is asked once; a database that is known is spoken to as by
its own URL, with the options that its driver needs to be read from safely."""

from __future__ import annotations

from functools import lru_cache

from loaders.database.address import DatabaseAddress, Secret, pairs_of
from loaders.database.bulk import BulkConnection
from loaders.database.turbodbc_connection import TurbodbcConnection, TurbodbcOptions
from loaders.errors import UsageError
from loaders.odbc.asked_database import AskedDatabase, ask
from loaders.odbc.faults import ODBC_FAULTS
from loaders.odbc.reading import AnsiReading

READERS = ("turbodbc",)


def connect(
    address: DatabaseAddress, *, reader: str | None = None, memory: int = 64 << 20, parameter_rows: int = 1
) -> BulkConnection:
    """Connect. reader: `turbodbc` or None.

    memory: bytes for buffers. parameter_rows: see loaders.database.bulk.Connect.
    """
    if reader not in (None, *READERS):
        raise UsageError(f"odbc has no reader {reader}", hint="there is turbodbc")
    asked = _asked(address.odbc, address.identity)
    return TurbodbcConnection(_options(asked, address.odbc, address.identity, memory, parameter_rows))


@lru_cache(maxsize=16)
def _asked(connection_string: Secret, name: str) -> AskedDatabase:
    """What is behind a connection string; asked for integers only."""
    connection = TurbodbcConnection(TurbodbcOptions(connection_string, name, lambda sql: sql, ODBC_FAULTS, ends=False))
    try:
        return ask(connection)
    finally:
        connection.close()


def _options(asked: AskedDatabase, given: Secret, name: str, memory: int, parameter_rows: int) -> TurbodbcOptions:
    match asked.name:
        case "postgresql":
            from loaders.postgresql import connect as postgresql

            given = _with(given, postgresql.FETCHING, without=postgresql.FETCH)
            return postgresql.over_odbc(given, name, memory=memory, parameter_rows=parameter_rows)
        case "mariadb":
            from loaders.mariadb import connect as mariadb

            given = _with(given, mariadb.FETCHING)
            return mariadb.over_odbc(given, name, memory=memory, parameter_rows=parameter_rows)
        case "sqlite":
            from loaders.sqlite import connect as sqlite

            given = _with(given, sqlite.FETCHING)
            return sqlite.over_odbc(given, name, memory=memory, parameter_rows=parameter_rows)
        case "mssql":
            from loaders.mssql import connect as mssql

            return mssql.over_odbc(given, name, memory=memory, parameter_rows=parameter_rows)
    return TurbodbcOptions(
        connection_string=given,
        name=name,
        length=AnsiReading(asked).length,
        faults=ODBC_FAULTS,
        memory=memory,
        parameter_rows=parameter_rows,
        ends=False,
    )


def _with(given: Secret, options: dict[str, str], *, without: str = "") -> Secret:
    """A connection string with options that safe reading needs, whatever it says of them itself, and without one that
    each connection gets by itself."""
    left_out = {each.lower() for each in (*options, without)}
    kept = [(key, value) for key, value in pairs_of(given.reveal()) if key.lower() not in left_out]
    return Secret(";".join(f"{key}={value}" for key, value in [*kept, *options.items()]))
