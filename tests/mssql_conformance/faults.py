"""What goes wrong on purpose: deadlocks, locks, logins, permissions; each as the error that the run knows."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from dataclasses import replace

from loaders.database.address import DatabaseAddress, Secret
from loaders.database.bulk import BulkConnection
from loaders.errors import DataError, LoaderError, TransientError, UnavailableError, UsageError
from loaders.mssql.connect import connect
from tests.mssql_conformance.checking import Check, equal, raises
from tests.mssql_conformance.server import MEMORY, Server, Skipped


def checks(server: Server) -> Iterator[tuple[str, Check]]:
    """Those of this module."""
    yield "an error undoes the whole transaction", _whole
    yield "a deadlock passes by itself", _deadlock
    yield "a lock that is held too long", _lock
    yield "locks of staging areas", _session_locks
    yield "a connection that the server kills", _killed
    yield "a permission that is missing", _permission
    yield "names that are none", _names
    for reader in server.readers:
        yield f"{reader}: wrong password", _password(reader)
        yield f"{reader}: wrong database", _database(reader)


def _whole(server: Server) -> None:
    table = server.named("whole")
    server.run(f"CREATE TABLE {table} (id int NOT NULL PRIMARY KEY)")
    with server.writing() as connection:
        connection.begin()
        equal(connection.run(f"INSERT INTO {table} SELECT 1"), 1, "rows of the first INSERT")
        raises(DataError, lambda: connection.run(f"INSERT INTO {table} SELECT 1"), "PRIMARY KEY")
        # XACT_ABORT has undone it: there is nothing to commit, and no success either.
        raises(UnavailableError, connection.commit)
        connection.rollback()
    equal(server.number("COUNT_BIG(*)", f"FROM {table}"), 0, "rows")


def _deadlock(server: Server) -> None:
    table = server.named("crossing")
    server.run(
        f"CREATE TABLE {table} (id int NOT NULL PRIMARY KEY, n int NOT NULL)",
        f"INSERT INTO {table} VALUES (1, 0), (2, 0)",
    )
    told: list[LoaderError] = []
    both = threading.Barrier(2, timeout=60)

    def cross(connection: BulkConnection, first: int, second: int) -> None:
        connection.begin()
        connection.run(f"UPDATE {table} SET n = n + 1 WHERE id = {first}")
        both.wait()
        try:
            connection.run(f"UPDATE {table} SET n = n + 1 WHERE id = {second}")
            connection.commit()
        except LoaderError as error:
            told.append(error)
            connection.rollback()

    with server.writing() as one, server.writing() as other:
        threads = [threading.Thread(target=cross, args=(one, 1, 2)), threading.Thread(target=cross, args=(other, 2, 1))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    equal([type(error) for error in told], [TransientError], "errors")
    assert "deadlock" in told[0].message, told[0].message
    equal(server.number("SUM(n)", f"FROM {table}"), 2, "updates of the one that went on")


def _lock(server: Server) -> None:
    table = server.named("held")
    server.run(f"CREATE TABLE {table} (id int NOT NULL PRIMARY KEY)")
    impatient = replace(server.address, options={**server.address.options, "lock_timeout": "1"})
    with server.writing() as holder:
        holder.begin()
        holder.run(f"INSERT INTO {table} SELECT 1")
        waiter = connect(impatient, reader="mssql-python", memory=MEMORY)
        try:
            raises(TransientError, lambda: waiter.run(f"INSERT INTO {table} SELECT 1"), "lock")
        finally:
            waiter.close()
        holder.rollback()


def _session_locks(server: Server) -> None:
    from loaders.database.select import Select
    from loaders.mssql.dialect import MSSQL

    name = f"columnar_{secrets.token_hex(6)}"
    ask = Select((MSSQL.writing.lock(name),), "")
    free = Select((MSSQL.writing.unlock(name),), "")
    with server.writing() as one:
        with server.writing() as other:
            equal(other.table(ask)["locked"].to_pylist(), [1], "the first who asks")
            equal(one.table(ask)["locked"].to_pylist(), [0], "the second")
        equal(one.table(ask)["locked"].to_pylist(), [1], "once the first is gone")
        equal(one.table(free)["unlocked"].to_pylist(), [1])


def _killed(server: Server) -> None:
    with server.writing() as victim, server.writing() as killer:
        number = victim.table(_spid())["a"][0].as_py()
        try:
            killer.run(f"KILL {int(number)}")
        except LoaderError as error:
            raise Skipped(f"KILL needs ALTER ANY CONNECTION: {error.message}") from error
        # Long enough for the server to get to it.
        raises(TransientError, lambda: victim.run("WAITFOR DELAY '00:00:20'"))


def _spid() -> object:
    from loaders.database.select import integers

    return integers([("a", "CAST(@@SPID AS bigint)")], "")


def _permission(server: Server) -> None:
    table, user = server.named("forbidden"), server.another_schema()
    server.run(f"CREATE TABLE {table} (id int NOT NULL)")
    try:
        server.run(f"CREATE USER [{user}] WITHOUT LOGIN")
    except LoaderError as error:
        raise Skipped(f"CREATE USER needs ALTER ANY USER: {error.message}") from error
    try:
        with server.writing() as connection:
            try:
                connection.run(f"EXECUTE AS USER = '{user}'")
            except LoaderError as error:
                raise Skipped(f"EXECUTE AS needs IMPERSONATE: {error.message}") from error
            told = raises(UnavailableError, lambda: connection.run(f"INSERT INTO {table} SELECT 1"), "permission")
            assert "granted" in told.hint, told.hint
    finally:
        server.run(f"DROP USER [{user}]")


def _names(server: Server) -> None:
    with server.writing() as connection:
        raises(UsageError, lambda: connection.run(f"INSERT INTO {server.named('nobody')} SELECT 1"), "nobody")
    for reader in server.readers:
        raises(UsageError, lambda reader=reader: _open(server, reader), "no table")


def _open(server: Server, reader: str) -> None:
    with server.source(reader, "nobody", "id"):
        pass


def _password(reader: str) -> Check:
    def check(server: Server) -> None:
        if not server.address.password:
            raise Skipped("the URL has no password")
        wrong = replace(server.address, password=Secret("wr}o;n=g{ '\""))
        told = raises(UnavailableError, lambda: _connect(wrong, reader), "login failed")
        assert "wr}o" not in told.message

    return check


def _database(reader: str) -> Check:
    def check(server: Server) -> None:
        try:
            _connect(replace(server.address, database="master"), reader)
        except LoaderError as error:
            raise Skipped(f"the login is one of its database alone: {error.message}") from error
        wrong = replace(server.address, database=f"nowhere_{secrets.token_hex(4)}")
        raises(UsageError, lambda: _connect(wrong, reader), "cannot open")

    return check


def _connect(address: DatabaseAddress, reader: str) -> None:
    connect(address, reader=reader, memory=MEMORY).close()
