"""The dialect of whatever is behind an ODBC connection string."""

from __future__ import annotations

from collections.abc import Callable

from loaders.database.connection import Connection
from loaders.database.dialect import Dialect
from loaders.odbc.asked_database import AskedDatabase, ask
from loaders.odbc.faults import ODBC_FAULTS
from loaders.odbc.reading import AnsiReading
from loaders.odbc.tables import AnsiTables
from loaders.odbc.writing import AnsiWriting


def odbc_dialect(connect: Callable[[], Connection]) -> Dialect:
    """Ask the database which it is: one that is known has its own dialect, any other that of the SQL standard."""
    connection = connect()
    try:
        return dialect_of(ask(connection))
    finally:
        connection.close()


def dialect_of(asked: AskedDatabase) -> Dialect:
    """The dialect of a database that was asked."""
    match asked.name:
        case "postgresql":
            from loaders.postgresql.dialect import POSTGRESQL_OVER_ODBC

            return POSTGRESQL_OVER_ODBC
        case "mariadb":
            from loaders.mariadb.dialect import MARIADB

            return MARIADB
        case "sqlite":
            from loaders.sqlite.dialect import SQLITE

            return SQLITE
        case "mssql":
            from loaders.mssql.dialect import MSSQL

            return MSSQL
    reading = AnsiReading(asked)
    return Dialect("odbc", reading, AnsiTables(reading), AnsiWriting(reading), ODBC_FAULTS)
