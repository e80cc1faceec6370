"""What becomes of each error of a driver. The texts are what the drivers said, seen with PostgreSQL 15 (psqlodbc 13.02,
ADBC 1.13), MariaDB 10.11 (Connector/ODBC 3.1) and SQLite 3.40 (sqliteodbc 0.9998)."""

from __future__ import annotations

import pytest

from loaders.database.driver_error import driver_error
from loaders.database.fault_rules import RuledFaults
from loaders.errors import (
    DataError,
    LoaderError,
    MemoryLimitError,
    TransientError,
    UnavailableError,
    UsageError,
)
from loaders.mariadb.faults import MARIADB_FAULTS
from loaders.odbc.faults import ODBC_FAULTS
from loaders.postgresql.faults import POSTGRESQL_FAULTS
from loaders.sqlite.faults import SQLITE_FAULTS


def odbc(state: str, number: int, message: str) -> Exception:
    """As turbodbc says it."""
    return Exception(f"ODBC error\nstate: {state}\nnative error code: {number}\nmessage: {message}")


class AdbcError(Exception):
    """As adbc_driver_manager.Error has it."""

    def __init__(self, text: str, sqlstate: str | None = None, **details: str) -> None:
        super().__init__(text)
        self.sqlstate = sqlstate
        self.vendor_code = None
        self.details = [(f"PG_DIAG_{name}".encode(), value.encode()) for name, value in details.items()]


_FAILED = 'connection to server at "127.0.0.1", port 55441 failed: '
POSTGRESQL = [
    (TransientError, odbc("08001", 101, _FAILED + "Connection refused\n\tIs the server running on that host?\n")),
    (
        TransientError,
        odbc("08001", 101, 'could not translate host name "no.such" to address: Name or service not known'),
    ),
    (TransientError, odbc("57P01", 35, "FATAL: terminating connection due to administrator command;\nThe connection")),
    (TransientError, odbc("08S01", 35, "SQLExecDirectW unable due to the connection lost")),
    (TransientError, odbc("08001", 101, _FAILED + "FATAL:  sorry, too many clients already\n")),
    (TransientError, odbc("08001", 101, _FAILED + "FATAL:  the database system is starting up\n")),
    (TransientError, odbc("40P01", 1, "ERROR: deadlock detected\nDETAIL: Process 1 waits for ShareLock")),
    (TransientError, odbc("40001", 1, "ERROR: could not serialize access due to concurrent update")),
    (TransientError, odbc("55P03", 1, "ERROR: canceling statement due to lock timeout;\nError while executing")),
    (TransientError, odbc("57014", 1, "ERROR: canceling statement due to user request;\nError while executing")),
    (TransientError, AdbcError("IO: [libpq] Failed to begin transaction: no connection to the server\n")),
    (TransientError, AdbcError("IO: [libpq] Failed to connect: " + _FAILED + "Connection refused\n\tIs the server")),
    (
        TransientError,
        AdbcError("IO: Failed to prepare query: FATAL:  terminating connection due to administrator command\nserver"),
    ),
    (UsageError, odbc("08001", 101, _FAILED + 'FATAL:  database "nope" does not exist\n')),
    (UsageError, AdbcError("IO: [libpq] Failed to connect: " + _FAILED + 'FATAL:  database "nope" does not exist\n')),
    (UsageError, odbc("42P01", 1, 'ERROR: relation "nope" does not exist;\nError while executing the query')),
    (UsageError, AdbcError("INVALID_ARGUMENT: Failed to prepare query: ERROR:  syntax error", "42601")),
    (UsageError, odbc("01000", 0, "[unixODBC][Driver Manager]Can't open lib 'PostgreSQL Nope' : file not found")),
    (UnavailableError, odbc("08001", 101, _FAILED + 'FATAL:  password authentication failed for user "u"\n')),
    (UnavailableError, odbc("08001", 101, _FAILED + "server does not support SSL, but SSL was required\n")),
    (UnavailableError, odbc("08001", 101, _FAILED + 'FATAL:  no pg_hba.conf entry for host "1.2.3.4", user "u"')),
    (UnavailableError, odbc("25006", 1, "ERROR: cannot execute INSERT in a read-only transaction")),
    (UnavailableError, odbc("42501", 1, "ERROR: permission denied for table t")),
    (UnavailableError, odbc("53100", 1, 'ERROR: could not extend file "base/1": No space left on device')),
    (UnavailableError, odbc("57014", 1, "ERROR: canceling statement due to statement timeout;\nError while")),
    (
        DataError,
        odbc("23505", 1, 'ERROR: duplicate key value violates unique constraint "certificate"\nDETAIL: Key (i)'),
    ),
    (DataError, odbc("23514", 1, 'ERROR: new row for relation "SSL error" violates check constraint "c"')),
    (DataError, odbc("22001", 1, "ERROR: value too long for type character varying(3)")),
    (DataError, odbc("P0001", 1, "ERROR: not on a Sunday")),
    (DataError, odbc("54000", 1, 'ERROR: index row size 2720 exceeds btree version 4 maximum 2704 for index "i"')),
    (DataError, AdbcError("INTEGRITY: [libpq] Failed to execute COPY statement: …", "23505", MESSAGE_PRIMARY="dup")),
]
_MA = "[ma-3.1.15][10.11.19-MariaDB-0+deb12u1]"
MARIADB = [
    (TransientError, odbc("HY000", 2002, "[ma-3.1.15]Can't connect to server on '127.0.0.1' (115)")),
    (TransientError, odbc("HY000", 2005, "[ma-3.1.15]Unknown server host 'no.such' (-2)")),
    (TransientError, odbc("08S01", 2013, _MA + "Lost connection to server during query")),
    (TransientError, odbc("08S01", 2006, "[ma-3.1.15]Server has gone away")),
    (TransientError, odbc("08003", 0, "[ma-3.1.15]Connection not open")),
    (TransientError, odbc("HY000", 1205, _MA + "Lock wait timeout exceeded; try restarting transaction")),
    (TransientError, odbc("40001", 1213, _MA + "Deadlock found when trying to get lock; try restarting transaction")),
    (TransientError, odbc("HY000", 1040, "[ma-3.1.15]Too many connections")),
    (UsageError, odbc("42000", 1049, "[ma-3.1.15]Unknown database 'nope'")),
    (UsageError, odbc("42S02", 1146, _MA + "Table 'd.nope' doesn't exist")),
    (UsageError, odbc("42S22", 1054, _MA + "Unknown column 'nope' in 'SELECT'")),
    (UsageError, odbc("42000", 1064, _MA + "You have an error in your SQL syntax")),
    (UnavailableError, odbc("28000", 1045, "[ma-3.1.15]Access denied for user 'u'@'localhost' (using password: YES)")),
    (UnavailableError, odbc("42000", 1142, _MA + "INSERT command denied to user 'u'@'localhost' for table `d`.`t`")),
    (UnavailableError, odbc("HY000", 1290, _MA + "The MariaDB server is running with the --read-only option")),
    (UnavailableError, odbc("HY000", 1820, _MA + "You must SET PASSWORD before executing this statement")),
    (UnavailableError, odbc("HY000", 4151, "[ma-3.1.15]Access denied, this account is locked")),
    (UnavailableError, odbc("HY000", 2026, "[ma-3.1.15]TLS/SSL error: self-signed certificate")),
    (UnavailableError, odbc("HY018", 1969, _MA + "Query execution was interrupted (max_statement_time exceeded)")),
    (UnavailableError, odbc("HY000", 1030, _MA + 'Got error 28 "No space left on device" from storage engine InnoDB')),
    (UnavailableError, odbc("HY000", 1030, _MA + "Got error 1 from storage engine")),
    (DataError, odbc("23000", 1062, _MA + "Duplicate entry '1' for key 'PRIMARY'")),
    (DataError, odbc("23000", 4025, _MA + "CONSTRAINT `t.n` failed for `d`.`t`")),
    (DataError, odbc("22001", 1406, _MA + "Data too long for column 'v' at row 1")),
    (DataError, odbc("HY000", 1364, _MA + "Field 'tls' doesn't have a default value")),
    (DataError, odbc("45000", 1644, _MA + "not on a Sunday")),
    (DataError, odbc("08S01", 1153, _MA + "Got a packet bigger than 'max_allowed_packet' bytes")),
]
SQLITE = [
    (TransientError, odbc("HY000", 5, "[SQLite]database is locked (5)")),
    (TransientError, odbc("HY000", 5 + 2 * 256, "[SQLite]database is locked (517)")),
    (UsageError, odbc("HY000", 1, "[SQLite]no such table: nope (1)")),
    (UnavailableError, odbc("HY000", 8, "[SQLite]attempt to write a readonly database (8)")),
    (UnavailableError, odbc("HY000", 13, "[SQLite]database or disk is full (13)")),
    (UnavailableError, odbc("HY000", 14, "[SQLite]connect failed")),
    (UnavailableError, odbc("HY000", 26, "[SQLite]file is not a database (26)")),
    (DataError, odbc("HY000", 19, "[SQLite]UNIQUE constraint failed: t.database is locked (19)")),
    (DataError, odbc("HY000", 20, "[SQLite]datatype mismatch (20)")),
]
ODBC = [
    (TransientError, odbc("08S01", 0, "Communication link failure")),
    (TransientError, odbc("40001", 0, "Serialization failure")),
    (TransientError, odbc("HYT00", 0, "Timeout expired")),
    (UsageError, odbc("IM002", 0, "[unixODBC][Driver Manager]Data source name not found, and no default driver")),
    (UsageError, odbc("42S02", 0, "Base table or view not found")),
    (UnavailableError, odbc("28000", 0, "Invalid authorization specification")),
    (UnavailableError, odbc("08004", 0, "Server rejected the connection")),
    (UnavailableError, odbc("HY000", 99, "General error")),
    (DataError, odbc("23000", 0, "Integrity constraint violation")),
    (DataError, odbc("22003", 0, "Numeric value out of range")),
]
CASES = [
    (faults, kind, error)
    for faults, cases in (
        (POSTGRESQL_FAULTS, POSTGRESQL),
        (MARIADB_FAULTS, MARIADB),
        (SQLITE_FAULTS, SQLITE),
        (ODBC_FAULTS, ODBC),
    )
    for kind, error in cases
]


@pytest.mark.parametrize(("faults", "kind", "error"), CASES)
def test_what_is_done_about_an_error(faults: RuledFaults, kind: type[LoaderError], error: Exception) -> None:
    told = faults.error("app", error)
    assert type(told) is kind, told
    assert told.message.startswith("app: ")
    assert not any(word in told.message for word in ("[ma-", "[unixODBC]", "ODBC error", "SQLSTATE", "\n"))


@pytest.mark.parametrize(("faults", "kind", "error"), CASES)
def test_what_a_user_can_do_something_about_has_a_hint(
    faults: RuledFaults, kind: type[LoaderError], error: Exception
) -> None:
    if kind is UnavailableError and "eneral error" not in str(error) and "error 1 from" not in str(error):
        assert faults.error("app", error).hint


def test_the_key_is_told_and_the_row_is_not() -> None:
    said = driver_error(odbc("23505", 1, "ERROR: duplicate key\nDETAIL: Key (id)=(1) already exists.;\nError while"))
    assert said.message == "duplicate key; Key (id)=(1) already exists."
    said = driver_error(odbc("23502", 1, "ERROR: null value\nDETAIL: Failing row contains (2, 123-45-6789).;\nError"))
    assert said.message == "null value"
    fields = {"MESSAGE_PRIMARY": "null value", "MESSAGE_DETAIL": "Failing row contains (2, 123-45-6789)."}
    assert driver_error(AdbcError("INTEGRITY: …", "23502", **fields)).message == "null value"


@pytest.mark.parametrize(
    "text",
    [
        "cannot parse Driver={x};UID=u;PWD={s3cret;}}x};",
        "cannot parse password=s3cret",
        'invalid URI "postgresql://u:s3cret@host/db"',
    ],
)
def test_no_password_is_told(text: str) -> None:
    for faults in (POSTGRESQL_FAULTS, MARIADB_FAULTS, SQLITE_FAULTS, ODBC_FAULTS):
        for error in (Exception(text), odbc("08001", 1, text)):
            assert "s3cret" not in faults.error("target", error).message


def test_errors_that_are_not_the_driver_s() -> None:
    mine = DataError("x")
    assert POSTGRESQL_FAULTS.error("app", mine) is mine
    assert type(POSTGRESQL_FAULTS.error("app", MemoryError())) is MemoryLimitError
