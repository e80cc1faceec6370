"""What the tests of databases share: worlds on each server, and pauses that take no time."""

from __future__ import annotations

from pathlib import Path

import pytest

from columnar.running import patience
from tests.columnar.databases.database_world import EXHAUSTIVE, DatabaseWorld
from tests.servers.account import Account
from tests.servers.server import Server

# Each way to publish on each server.
WAYS = ["postgresql-direct", "postgresql-staged", "mariadb-direct"]
if EXHAUSTIVE:  # MariaDB 10.11 itself was seen to crash once, of a connection that was cut while it made tables
    WAYS.append("mariadb-staged")


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "_FIRST_PAUSE", 0.01)
    monkeypatch.setattr(patience, "_LONGEST_PAUSE", 0.1)


@pytest.fixture(params=["postgresql", "mariadb"])
def backend(request: pytest.FixtureRequest) -> str:
    """One server after the other."""
    return str(request.param)


@pytest.fixture
def server(backend: str, request: pytest.FixtureRequest) -> Server:
    """Shared by the tests of a process."""
    server: Server = request.getfixturevalue(f"{backend}_server")
    return server


@pytest.fixture
def account(backend: str, request: pytest.FixtureRequest) -> Account:
    """The administrator of an empty database."""
    account: Account = request.getfixturevalue(backend)
    return account


@pytest.fixture
def world(tmp_path: Path, server: Server, account: Account) -> DatabaseWorld:
    """Published as the database would by default."""
    return DatabaseWorld(tmp_path, server, account)


@pytest.fixture(params=WAYS if EXHAUSTIVE else WAYS[1:3])
def killed(request: pytest.FixtureRequest, tmp_path: Path) -> DatabaseWorld:
    """The same for tests that start many processes; not all of them where time is short."""
    return _world(str(request.param), request, tmp_path)


@pytest.fixture(params=WAYS if EXHAUSTIVE else WAYS[1:3])
def looked_at(request: pytest.FixtureRequest, tmp_path: Path) -> DatabaseWorld:
    """The same for a test of many commands, most of which only look at what was published."""
    return _world(str(request.param), request, tmp_path)


@pytest.fixture(params=WAYS)
def publishing(request: pytest.FixtureRequest, tmp_path: Path) -> DatabaseWorld:
    """Every way to publish on every server."""
    return _world(str(request.param), request, tmp_path)


def _world(name: str, request: pytest.FixtureRequest, folder: Path) -> DatabaseWorld:
    backend, _, way = name.partition("-")
    account: Account = request.getfixturevalue(backend)
    return DatabaseWorld(folder, request.getfixturevalue(f"{backend}_server"), account, {"publish": way})
