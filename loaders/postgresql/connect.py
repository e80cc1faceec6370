"""Connecting to PostgreSQL: over turbodbc and psqlodbc, or over ADBC."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa

from loaders.database.address import DatabaseAddress, Secret, braced
from loaders.database.bulk import BulkConnection
from loaders.database.select import Selected, integers
from loaders.database.turbodbc_connection import (
    SharedSnapshot,
    TurbodbcConnection,
    TurbodbcOptions,
    turbodbc_is_there,
)
from loaders.errors import UsageError
from loaders.odbc_drivers import POSTGRESQL, driver_library
from loaders.postgresql.adbc_connection import AdbcConnection, AdbcOptions, adbc_is_there
from loaders.postgresql.conninfo import conninfo, conninfo_text
from loaders.postgresql.faults import POSTGRESQL_FAULTS
from loaders.postgresql.reading import POSTGRESQL_READING

READERS = ("turbodbc", "adbc")
# What texts of values depend on; and no compiling, which takes longer than our statements do.
SESSION = (
    "SET DateStyle = 'ISO, YMD'",
    "SET IntervalStyle = 'iso_8601'",
    "SET TimeZone = 'UTC'",
    "SET bytea_output = 'hex'",
    "SET extra_float_digits = 3",
    "SET standard_conforming_strings = on",
    "SET xmlbinary = 'base64'",
    "SET quote_all_identifiers = off",
    "SET statement_timeout = 0",
    "SET idle_in_transaction_session_timeout = 0",
    "SET lock_timeout = '10s'",  # then it is told that we wait
    "SET jit = off",
    "SET client_min_messages = 'warning'",
)
_SNAPSHOT = ("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",)
_SHARED = SharedSnapshot(
    Selected("snapshot", "CAST(pg_export_snapshot() AS text)", pa.string()),
    # In one statement: between two, the driver makes a query that the second one may not follow.
    lambda name: f"{_SNAPSHOT[0]}; SET TRANSACTION SNAPSHOT '" + name.replace("'", "''") + "'",
)
# Lengths of texts are in the database's encoding, and in UTF-8 what the driver makes of them.
_IN_UTF8 = integers([("is", "count(*)")], "FROM (SELECT current_setting('server_encoding') AS e) t WHERE e = 'UTF8'")
# Texts have no length of their own for the driver, so that turbodbc's limit is the buffer's size; rows come through a
# server's cursor.
FETCHING = {
    "MaxLongVarcharSize": "0",
    "MaxVarcharSize": "0",
    "TextAsLongVarchar": "1",
    "UnknownsAsLongVarchar": "1",
    "BoolsAsChar": "0",
    "UseDeclareFetch": "1",
    "Protocol": "7.4-1",
}
# How many rows the driver takes from the cursor at a time, and holds: as many as fit into a part of the memory.
FETCH = "Fetch"
_MOST_ROWS_AT_ONCE, _HELD = 1000, 4


def connect(
    address: DatabaseAddress, *, reader: str | None = None, memory: int = 64 << 20, parameter_rows: int = 1
) -> BulkConnection:
    """Connect. reader: `turbodbc` or `adbc`; None for what `reader_of` says.

    memory: bytes for buffers. parameter_rows: see loaders.database.bulk.Connect.
    """
    if reader_of(address, reader) == "adbc":
        return AdbcConnection(
            AdbcOptions(
                _adbc_conninfo(address), address.identity, POSTGRESQL_READING, POSTGRESQL_FAULTS, SESSION, _SNAPSHOT
            )
        )
    options = over_odbc(_connection_string(address), address.identity, memory=memory, parameter_rows=parameter_rows)
    if "fetch" in address.options:
        options = replace(options, sized=lambda _: f"{FETCH}={int(address.options['fetch'])}")
    connection = TurbodbcConnection(options)
    if not connection.table(_IN_UTF8)["is"][0].as_py():
        connection.close()
        hint = "reader: adbc in the job's source reads it"
        raise UsageError(
            f"{address.identity} is not in UTF8, so turbodbc cannot be told how long its texts are", hint=hint
        )
    return connection


def over_odbc(connection_string: Secret, name: str, *, memory: int, parameter_rows: int) -> TurbodbcOptions:
    """How to connect by a connection string that has FETCHING. name: what to call the database in messages."""
    return TurbodbcOptions(
        connection_string=connection_string,
        name=name,
        length=POSTGRESQL_READING.length,
        faults=POSTGRESQL_FAULTS,
        session=SESSION,
        snapshot=_SNAPSHOT,
        shared=_SHARED,
        sized=lambda size: f"{FETCH}={max(1, min(_MOST_ROWS_AT_ONCE, memory // _HELD // size))}",
        memory=memory,
        parameter_rows=parameter_rows,
    )


def reader_of(address: DatabaseAddress, reader: str | None = None) -> str:
    """Which driver would read: the one that is asked for, else ADBC, unless only turbodbc and psqlodbc are installed or
    the URL names a driver of ODBC. UsageError for one that there is not.

    ADBC reads the same two to three times as fast, and where the network breaks off inside a result it says so;
    psqlodbc ends the process (seen with 13.02).
    """
    if reader not in (None, *READERS):
        raise UsageError(f"postgresql has no reader {reader}", hint="there are " + " and ".join(READERS))
    named = bool(address.options.get("driver"))
    if reader or (adbc_is_there() and not named):
        return reader or "adbc"
    return "turbodbc" if turbodbc_is_there() and (named or driver_library(POSTGRESQL) is not None) else "adbc"


def _adbc_conninfo(address: DatabaseAddress) -> Secret:
    words = {"host": address.host or "localhost", "port": str(address.port or 5432), "client_encoding": "UTF8"}
    return Secret(conninfo_text(words | conninfo(address) | {"password": address.password.reveal()}))


def _connection_string(address: DatabaseAddress) -> Secret:
    library = address.options.get("driver") or driver_library(POSTGRESQL)
    if library is None:
        raise UsageError(f"{POSTGRESQL.name} is not there", hint=POSTGRESQL.install)
    parts = {
        "Driver": braced(str(library)),
        "Servername": address.host or "localhost",
        "Port": str(address.port or 5432),
        "Pwd": braced(address.password.reveal()),
        **FETCHING,
    }
    # psqlodbc takes the braces off a password and off what it hands to libpq, and off nothing else.
    parts["pqopt"] = braced(conninfo_text(conninfo(address)))
    return Secret(";".join(f"{name}={value}" for name, value in parts.items()))
