"""Connections to SQL Server: what the URL says, in the words of Microsoft's driver, and which driver reads."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, replace

from loaders.database.address import DatabaseAddress, Secret, braced
from loaders.database.bulk import BulkConnection
from loaders.database.turbodbc_connection import TurbodbcConnection, TurbodbcOptions
from loaders.errors import UsageError
from loaders.mssql.faults import MSSQL_FAULTS
from loaders.mssql.reading import MSSQL_READING
from loaders.mssql.session import LOCK_TIMEOUT, before_select, session_sql
from loaders.names import nearest
from loaders.odbc_drivers import MICROSOFT, driver_library

TURBODBC, MSSQL_PYTHON = READERS = ("turbodbc", "mssql-python")

# Keywords of connection strings that both drivers know, by how a URL may write them (in any case, `_` or not).
_KEYWORDS = {
    "encrypt": "Encrypt",
    "trustservercertificate": "TrustServerCertificate",
    "hostnameincertificate": "HostnameInCertificate",
    "servercertificate": "ServerCertificate",
    "serverspn": "ServerSPN",
    "applicationintent": "ApplicationIntent",
    "multisubnetfailover": "MultiSubnetFailover",
    "authentication": "Authentication",
    "trustedconnection": "Trusted_Connection",
    "connectretrycount": "ConnectRetryCount",
    "connectretryinterval": "ConnectRetryInterval",
    "keepalive": "KeepAlive",
    "keepaliveinterval": "KeepAliveInterval",
    "ipaddresspreference": "IpAddressPreference",
    "packetsize": "PacketSize",
}
# The driver takes `yes` and `no` for them; other programs' URLs have `true` and `false`.
_SWITCHES = ("Encrypt", "TrustServerCertificate", "MultiSubnetFailover", "Trusted_Connection")
_OURS = ("instance", "integrated", "isolation", "lock_timeout", "login_timeout", "reader")
_ISOLATIONS = ("snapshot", "read_committed")
# Ways to log in that mssql-python adds to those of the driver, by azure-identity.
_BY_IDENTITY = ("activedirectorydefault", "activedirectorydevicecode")
# The database that every login of a server may use.
_EVERYBODYS = "master"
_TRUE = ("yes", "true", "1", "on", "sspi")
_FALSE = ("no", "false", "0", "off")
_LOGIN_TIMEOUT = 30


@dataclass(frozen=True)
class MssqlOptions:
    """What a URL says of how to connect.

    keywords: of the connection string, without the secrets. isolation: `snapshot`, `read_committed`, or '' for what the
    database allows. reader: '' for the one that is there.
    """

    keywords: Mapping[str, str]
    isolation: str = ""
    lock_timeout: int = LOCK_TIMEOUT
    login_timeout: int = _LOGIN_TIMEOUT
    reader: str = ""


def connect(
    address: DatabaseAddress, *, reader: str | None = None, memory: int, parameter_rows: int = 1
) -> BulkConnection:
    """Connect anew. reader: `turbodbc` or `mssql-python`, None for the address's or what `reader_of` says.

    memory: bytes for buffers. parameter_rows: see loaders.database.bulk.Connect. UsageError for options that are none,
    and for a driver that is not there.
    """
    options = options_of(address)
    if reader_of(address, reader) == TURBODBC:
        return _by_turbodbc(address, options, memory, parameter_rows)
    return connect_to_write(address)


def connect_to_write(address: DatabaseAddress) -> BulkConnection:
    """Connect by mssql-python, which alone has the bulk copy."""
    if importlib.util.find_spec("mssql_python") is None:
        raise UsageError("mssql needs mssql-python", hint="pip install 'columnar-backfill[mssql]'")
    from loaders.mssql.mssql_python_connection import MssqlPythonConnection

    options = options_of(address)
    named = address.database.lower() not in ("", _EVERYBODYS)
    return MssqlPythonConnection(
        _connection_string(address, options),
        MSSQL_FAULTS,
        session=session_sql(lock_timeout=options.lock_timeout),
        what=str(address),
        login_timeout=options.login_timeout,
        isolation=options.isolation,
        elsewhere=_connection_string(replace(address, database=_EVERYBODYS), options) if named else "",
    )


def reader_of(address: DatabaseAddress, reader: str | None = None) -> str:
    """Which driver would read: the one that the job or the URL names, else turbodbc where it and Microsoft's driver are
    installed and know the way to log in, else mssql-python."""
    options = options_of(address)
    wanted = reader or options.reader
    if wanted:
        if wanted not in READERS:
            raise UsageError(f"mssql has no reader {wanted!r}", hint=nearest(wanted, READERS, "reader"))
        return wanted
    by_identity = options.keywords.get("Authentication", "").lower() in _BY_IDENTITY
    there = importlib.util.find_spec("turbodbc") is not None and driver_library(MICROSOFT) is not None
    return TURBODBC if there and not by_identity else MSSQL_PYTHON


def options_of(address: DatabaseAddress) -> MssqlOptions:
    """The options of an address; UsageError for one that is not known."""
    keywords, ours = {}, {}
    for name, value in address.options.items():
        plain = name.replace("_", "").replace(" ", "")
        if plain in _KEYWORDS:
            keywords[_KEYWORDS[plain]] = _yes_or_no(value) if _KEYWORDS[plain] in _SWITCHES else value
        elif name in _OURS:
            ours[name] = value
        else:
            known = sorted((*(each.lower() for each in _KEYWORDS.values()), *_OURS))
            raise UsageError(f"mssql has no option {name!r}", hint=nearest(name, known, "option"))
    if ours.get("integrated", "").lower() in _TRUE or (not address.user and "Authentication" not in keywords):
        keywords.setdefault("Trusted_Connection", "yes")
    isolation = ours.get("isolation", "").lower()
    if isolation and isolation not in _ISOLATIONS:
        raise UsageError(f"isolation={isolation}", hint="it is snapshot or read_committed")
    return MssqlOptions(
        keywords,
        isolation,
        _seconds(ours, "lock_timeout", LOCK_TIMEOUT),
        _seconds(ours, "login_timeout", _LOGIN_TIMEOUT),
        ours.get("reader", ""),
    )


def _yes_or_no(value: str) -> str:
    """What says yes or no, in the driver's words; anything else as it is."""
    return "yes" if value.lower() in _TRUE else "no" if value.lower() in _FALSE else value


def _seconds(options: Mapping[str, str], name: str, default: int) -> int:
    text = options.get(name, str(default))
    if not text.isdecimal() or not 0 < int(text) <= 86_400:
        raise UsageError(f"{name}={text}", hint="it is a number of seconds, from 1 to 86400")
    return int(text)


def _server(address: DatabaseAddress) -> str:
    """`host`, `host,port`, or `host\\instance` for the SQL Server Browser to find; a port says which instance it is."""
    if not address.host:
        raise UsageError("the mssql URL names no server", hint="mssql://user:password@host:port/database")
    instance = address.options.get("instance", "")
    if address.port is not None:
        return f"{address.host},{address.port}"
    return f"{address.host}\\{instance}" if instance and "\\" not in address.host else address.host


def _connection_string(address: DatabaseAddress, options: MssqlOptions, **more: str) -> str:
    """For the driver alone: it holds the password. Every value is braced, so that none ends early or begins another."""
    pairs: dict[str, str] = {**more, "Server": _server(address)}
    if address.database:
        pairs["Database"] = address.database
    # A lost connection is ours to replace: the driver would do it without our settings, or between two statements.
    pairs |= {"ConnectRetryCount": "0", **options.keywords}
    if pairs.get("Trusted_Connection", "").lower() not in _TRUE:
        if address.user:
            pairs["UID"] = address.user
        if address.password:
            pairs["PWD"] = address.password.reveal()
    for name, value in pairs.items():
        if "\0" in value:
            raise UsageError(f"{name} of the mssql URL has a NUL character")
    return ";".join(f"{name}={braced(value)}" for name, value in pairs.items() if value)


def _by_turbodbc(address: DatabaseAddress, options: MssqlOptions, memory: int, parameter_rows: int) -> BulkConnection:
    """For reading: each SELECT sees one state of its own, since a transaction cannot begin as a snapshot this way."""
    library = driver_library(MICROSOFT)
    if library is None:
        raise UsageError(f"{MICROSOFT.name} is not there", hint=MICROSOFT.install)
    return TurbodbcConnection(
        over_odbc(
            Secret(_connection_string(address, options, Driver=str(library), APP="columnar")),
            str(address),
            before=before_select(lock_timeout=options.lock_timeout, isolation=options.isolation),
            memory=memory,
            parameter_rows=parameter_rows,
        )
    )


def over_odbc(
    connection_string: Secret, name: str, *, memory: int, parameter_rows: int, before: str = before_select()
) -> TurbodbcOptions:
    """How to connect by a connection string. name: what to call the database. before: see TurbodbcOptions."""
    return TurbodbcOptions(
        connection_string=connection_string,
        name=name,
        length=MSSQL_READING.length,
        faults=MSSQL_FAULTS,
        utf16=True,
        before=before,
        transactions=False,
        lost_in_silence=True,
        memory=memory,
        parameter_rows=parameter_rows,
    )
