"""Connecting to a SQLite file, over its ODBC driver."""

from __future__ import annotations

from collections.abc import Sequence

from loaders.database.address import DatabaseAddress, Secret, braced
from loaders.database.bulk import BulkConnection
from loaders.database.turbodbc_connection import TurbodbcConnection, TurbodbcOptions
from loaders.errors import UsageError
from loaders.odbc_drivers import SQLITE, driver_library
from loaders.sqlite.faults import SQLITE_FAULTS
from loaders.sqlite.reading import SQLITE_READING

READERS = ("turbodbc",)
# Rows come as they are consumed, where the driver would hold the whole result; milliseconds to wait for another process
# that writes.
FETCHING = {"StepAPI": "1", "Timeout": "20000"}
# The driver goes by declared types, and calls an expression 255 long. What it is told here is longer than any limit.
_TYPES = "CREATE TEMP TABLE columnar_types (number bigint, text varchar(1000000000))"


def connect(
    address: DatabaseAddress, *, reader: str | None = None, memory: int = 64 << 20, parameter_rows: int = 1
) -> BulkConnection:
    """Connect; a file that is not there is made. reader: `turbodbc` or None.

    memory: bytes for buffers. parameter_rows: see loaders.database.bulk.Connect.
    """
    if reader not in (None, *READERS):
        raise UsageError(f"sqlite has no reader {reader}", hint="there is turbodbc")
    library = driver_library(SQLITE)
    if library is None:
        raise UsageError(f"{SQLITE.name} is not there", hint=SQLITE.install)
    parts = {"Driver": str(library), "Database": address.path, **FETCHING}
    if any(character in address.path for character in ";{}"):
        parts["Database"] = braced(address.path)
    connection_string = Secret(";".join(f"{name}={value}" for name, value in parts.items()))
    return TurbodbcConnection(
        over_odbc(connection_string, address.identity, memory=memory, parameter_rows=parameter_rows)
    )


def over_odbc(connection_string: Secret, name: str, *, memory: int, parameter_rows: int) -> TurbodbcOptions:
    """How to connect by a connection string that has FETCHING. name: what to call the database in messages."""
    return TurbodbcOptions(
        connection_string=connection_string,
        name=name,
        length=SQLITE_READING.length,
        framed=_framed,
        faults=SQLITE_FAULTS,
        session=("PRAGMA foreign_keys = ON", _TYPES),
        memory=memory,
        parameter_rows=parameter_rows,
    )


def _framed(sql: str, texts: Sequence[bool]) -> str:
    """A statement whose columns have the types of a table's: those of a compound are those of its first part."""
    names = ", ".join("text" if text else "number" for text in texts)
    return f"SELECT {names} FROM temp.columnar_types WHERE false UNION ALL SELECT * FROM ({sql})"
