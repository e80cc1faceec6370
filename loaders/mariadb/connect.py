"""Connecting to MariaDB (or MySQL), over turbodbc and MariaDB's ODBC driver."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa

from loaders.database.address import DatabaseAddress, Secret, braced
from loaders.database.bulk import BulkConnection
from loaders.database.select import Selected
from loaders.database.turbodbc_connection import TurbodbcConnection, TurbodbcOptions
from loaders.errors import UsageError
from loaders.mariadb.faults import MARIADB_FAULTS
from loaders.mariadb.reading import MARIADB_READING
from loaders.odbc_drivers import MARIADB, driver_library

READERS = ("turbodbc",)
# What texts of values depend on, and what a snapshot does.
_SESSION = (
    "SET SESSION time_zone = '+00:00'",
    "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO'",
    "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
    "SET SESSION net_write_timeout = 3600",
    "SET SESSION sql_select_limit = 18446744073709551615",
    "SET SESSION lock_wait_timeout = least(@@lock_wait_timeout, 10)",  # then it is told that we wait; else for a day
)
_SNAPSHOT = ("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",)
# What the driver does not do: with FORCETLS alone it connects in the clear to a server that has no TLS.
_ENCRYPTED = (
    "BEGIN NOT ATOMIC IF (SELECT VARIABLE_VALUE FROM information_schema.SESSION_STATUS"
    " WHERE VARIABLE_NAME = 'Ssl_cipher') = '' THEN SIGNAL SQLSTATE '08004' SET MYSQL_ERRNO = 3159,"
    " MESSAGE_TEXT = 'the URL asks for TLS, and the server has none'; END IF; END"
)
# Of what is longer the server closes the connection.
_PACKET = Selected("packet", "CAST(@@max_allowed_packet AS SIGNED)", pa.int64())
FETCHING = {"CHARSET": "utf8mb4"}
# Options of URLs, as the clients of MariaDB name them, and what the driver calls them.
_NAMES = {
    "ssl-ca": "SSLCA",
    "ssl-capath": "SSLCAPATH",
    "ssl-cert": "SSLCERT",
    "ssl-key": "SSLKEY",
    "ssl-cipher": "SSLCIPHER",
    "ssl-crl": "SSLCRL",
    "ssl-verify-server-cert": "SSLVERIFY",
    "tls-version": "TLSVERSION",
    "ssl": "FORCETLS",
    "connect-timeout": "CONN_TIMEOUT",
    "socket": "SOCKET",
}
_TIMEOUT = "30"


def connect(
    address: DatabaseAddress, *, reader: str | None = None, memory: int = 64 << 20, parameter_rows: int = 1
) -> BulkConnection:
    """Connect. reader: `turbodbc` or None.

    memory: bytes for buffers. parameter_rows: see loaders.database.bulk.Connect.
    """
    if reader not in (None, *READERS):
        raise UsageError(f"mariadb has no reader {reader}", hint="there is turbodbc")
    options = over_odbc(_connection_string(address), address.identity, memory=memory, parameter_rows=parameter_rows)
    if address.options.get("ssl", "").lower() in ("1", "true"):
        options = replace(options, session=(_ENCRYPTED, *options.session))
    return TurbodbcConnection(options)


def over_odbc(connection_string: Secret, name: str, *, memory: int, parameter_rows: int) -> TurbodbcOptions:
    """How to connect by a connection string that has FETCHING. name: what to call the database in messages."""
    return TurbodbcOptions(
        connection_string=connection_string,
        name=name,
        length=MARIADB_READING.length,
        faults=MARIADB_FAULTS,
        session=_SESSION,
        snapshot=_SNAPSHOT,
        memory=memory,
        parameter_rows=parameter_rows,
        whole_results=True,
        packet=_PACKET,
    )


def _connection_string(address: DatabaseAddress) -> Secret:
    library = address.options.get("driver") or driver_library(MARIADB)
    if library is None:
        raise UsageError(f"{MARIADB.name} is not there", hint=MARIADB.install)
    parts = {
        "Driver": braced(str(library)),
        "Server": braced(address.host or "localhost"),
        "Port": str(address.port or 3306),
        "Database": braced(address.database),
        "UID": braced(address.user),
        "PWD": braced(address.password.reveal()),
        **FETCHING,
        "CONN_TIMEOUT": _TIMEOUT,
    }
    for name, value in address.options.items():
        if name == "driver":
            continue
        if name not in _NAMES:
            hint = "there are driver, " + ", ".join(sorted(_NAMES))
            raise UsageError(f"a mariadb URL has no option {name}", hint=hint)
        told = {"true": "1", "false": "0"}.get(value.lower(), value)
        parts[_NAMES[name]] = told if told in ("0", "1") else braced(told)
    return Secret(";".join(f"{name}={value}" for name, value in parts.items()))
