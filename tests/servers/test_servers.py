"""The servers that other tests use: what they are set to, and that they outlive neither their tests nor a kill."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.servers.account import PASSWORD, Account
from tests.servers.postgresql import PostgreSQLServer
from tests.servers.server import Server

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(params=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest) -> Server:
    found = request.getfixturevalue(f"{request.param}_server")
    assert isinstance(found, Server)
    return found


def test_a_database_of_a_test_holds_every_character(server: Server) -> None:
    name = "a b`c\"d'é"
    server.create_database(name)
    server.execute("CREATE TABLE t (x varchar(10)); INSERT INTO t VALUES ('é€😀')", database=name)
    assert server.execute("SELECT x, 1 FROM t", database=name) == "é€😀\t1\n"
    server.drop_database(name)
    server.create_database(name)
    with pytest.raises(AssertionError, match=r"\bt\b"):
        server.execute("SELECT x FROM t", database=name)
    server.drop_database(name)


def test_a_wrong_password_is_refused(postgresql: Account, postgresql_server: PostgreSQLServer) -> None:
    command = ["psql", "-h", postgresql.host, "-p", str(postgresql.port), "-U", "postgres", "-c", "SELECT 1"]
    for password, code in ((PASSWORD, 0), ("wrong", 2)):
        environment = {**os.environ, "PGPASSWORD": password}
        assert subprocess.run(command, env=environment, capture_output=True, check=False).returncode == code


def test_a_user_has_what_is_granted(server: Server) -> None:
    server.create_database("granting")
    server.execute("CREATE TABLE t (x int); CREATE TABLE u (x int)", database="granting")
    user = server.create_user("granting", "reader", password="x'y\\z", grants=["SELECT ON t"])
    granted = {
        "postgresql": "= 'reader'",
        "mariadb": "= '''reader''@''%'''",
    }
    privileges = "SELECT privilege_type, table_name FROM information_schema.table_privileges WHERE grantee "
    assert server.execute(privileges + granted[server.backend], database="granting") == "SELECT\tt\n"
    assert user.url == f"{server.backend}://reader:x%27y%5Cz@127.0.0.1:{server.port}/granting"
    server.drop_database("granting")
    server.drop_user("reader")


def test_what_was_committed_is_there_after_a_kill(server: Server) -> None:
    with type(server).running() as own:
        own.create_database("kept")
        own.execute("CREATE TABLE t (x int); INSERT INTO t VALUES (1)", database="kept")
        port, pid = own.port, own.pid
        own.kill()
        assert not psutil.pid_exists(pid)
        own.start()
        assert own.execute("SELECT x FROM t", database="kept") == "1\n"
        own.restart()
        assert own.execute("SELECT x FROM t", database="kept") == "1\n"
        assert own.port == port
        folder, pid = own.folder, own.pid
    assert not folder.exists()
    assert not psutil.pid_exists(pid)


_STARTS_AND_WAITS = """
import importlib, sys
module, name = sys.argv[1:]
with getattr(importlib.import_module(module), name).running() as server:
    print(server.pid, server._guard.pid, server.folder, flush=True)
    sys.stdin.read()
"""


def test_a_server_ends_with_the_process_that_started_it(server: Server) -> None:
    kind = type(server)
    command = [sys.executable, "-c", _STARTS_AND_WAITS, kind.__module__, kind.__name__]
    with subprocess.Popen(command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        pid, guard, folder = starter.stdout.readline().split()
        running = [psutil.Process(int(pid)), psutil.Process(int(guard))]
        starter.kill()
    assert psutil.wait_procs(running, 60)[1] == []
    assert not Path(folder).exists()
