"""Runs whose connections are cut, and whose server restarts: they wait and go on; nothing is lost or there twice."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from columnar.jobs.options import RunOptions
from columnar.running.retry_selection import RetryOptions
from loaders.errors import TransientError
from tests.columnar.databases.database_world import EXHAUSTIVE, DatabaseWorld
from tests.servers.account import Account
from tests.servers.fault_proxy import When
from tests.servers.mariadb import MariaDBServer
from tests.servers.postgresql import PostgreSQLServer
from tests.servers.proxy_process import ProxyProcess, RemoteFault
from tests.servers.server import Server

SERVERS: dict[str, type[Server]] = {"postgresql": PostgreSQLServer, "mariadb": MariaDBServer}
# Ever further apart, so that whatever is tried again comes to its end.
PLACES = [number * (number + 1) // 2 for number in range(14)]


class CutHereAndThere:
    """Cuts at some of the occurrences of statements, once it is begun; what is left of it is forgotten at the end."""

    def __init__(self, proxy: ProxyProcess, *statements: bytes) -> None:
        self._proxy = proxy
        self._statements = statements
        self._faults: list[RemoteFault] = []

    def begin(self, step: str = "prepared") -> None:
        """Called with the steps of a run: once it has begun."""
        if step != "prepared" or self._faults:
            return
        for statement in self._statements:
            for place, when in zip(PLACES, itertools.cycle(When), strict=False):
                self._faults.append(self._proxy.cut_at(statement, when, skip=place))

    def end(self) -> int:
        """How many cuts there were."""
        happened = 0
        for fault in self._faults:
            happened += fault.happened
            fault.forget()
        return happened


def test_every_commit_of_a_run_is_cut(publishing: DatabaseWorld) -> None:
    """Before the server hears of it, and after it is done and nobody heard."""
    with ProxyProcess(publishing.server.port) as proxy:
        publishing.url = publishing.target.at(proxy.port).url
        faults: list[RemoteFault] = []

        def begin(step: str) -> None:
            if step == "prepared" and not faults:
                faults.extend(proxy.cut_at(b"COMMIT", when) for _ in range(30) for when in (When.AFTER, When.BEFORE))

        run = publishing.run(RunOptions(on_step=begin))
        assert sum(fault.happened for fault in faults) >= 8
    publishing.url = ""
    publishing.check(run)
    assert publishing.query("SELECT count(*) FROM columnar_run") == [["2"]]
    assert publishing.query("SELECT count(*) FROM columnar_range") == [["3"]]


STATEMENTS = (b"SELECT", b"INSERT", b"COPY")
# MariaDB has no COPY, and PostgreSQL inserts only what it has staged.
NEVER_SAID = {("postgresql", "direct"): b"INSERT", ("mariadb", "direct"): b"COPY", ("mariadb", "staged"): b"COPY"}


@pytest.mark.parametrize("statements", [[each] for each in STATEMENTS] if EXHAUSTIVE else [STATEMENTS])
def test_statements_of_a_run_are_cut_here_and_there(publishing: DatabaseWorld, statements: Sequence[bytes]) -> None:
    with ProxyProcess(publishing.server.port) as proxy:
        publishing.url = publishing.target.at(proxy.port).url
        cuts = CutHereAndThere(proxy, *statements)
        run = publishing.run(RunOptions(on_step=cuts.begin))
        never = NEVER_SAID.get((publishing.target.backend, str(publishing.options["publish"])))
        assert (cuts.end() == 0) == (statements == [never])
    publishing.url = ""
    publishing.check(run)


def test_making_tables_is_cut(publishing: DatabaseWorld) -> None:
    with ProxyProcess(publishing.server.port) as proxy:
        publishing.url = publishing.target.at(proxy.port).url
        cuts = CutHereAndThere(proxy, b"CREATE")
        cuts.begin()
        run = publishing.run()
        assert cuts.end() > 2
    publishing.url = ""
    publishing.check(run)


@pytest.mark.parametrize(
    ("backend", "reader"), [("postgresql", "turbodbc"), ("postgresql", "adbc"), ("mariadb", "turbodbc")]
)
def test_reading_is_cut(world: DatabaseWorld, account: Account, reader: str) -> None:
    """Nothing that was read before counts twice."""
    waits: list[str] = []
    with ProxyProcess(world.server.port) as proxy:
        settings = world.on_server(account.at(proxy.port), reader=reader)
        cuts = CutHereAndThere(proxy, b"SELECT")
        run = world.run(RunOptions(on_step=cuts.begin, on_wait=waits.append), **settings)
        assert cuts.end() > 5
        assert len(waits) > 5
        world.check(run, **settings)


def test_a_retry_of_the_quarantine_is_cut(publishing: DatabaseWorld) -> None:
    publishing.run()
    publishing.mend()
    with ProxyProcess(publishing.server.port) as proxy:
        publishing.url = publishing.target.at(proxy.port).url
        faults: list[RemoteFault] = []

        def begin(step: str) -> None:
            if step == "prepared" and not faults:
                faults.extend(proxy.cut_at(b"COMMIT", when) for _ in range(9) for when in (When.AFTER, When.BEFORE))

        proof = publishing.retry(RetryOptions(on_step=begin)).run.proof
        assert faults[1].happened
    assert (proof.quarantined, proof.loaded) == (0, 9)
    assert publishing.query("SELECT count(*), count(DISTINCT id) FROM app") == [["9", "9"]]


@pytest.mark.parametrize("how", ["restart", "kill"])
@pytest.mark.parametrize("backend", ["postgresql", "mariadb"])
@pytest.mark.slow
def test_the_server_restarts_during_a_run(tmp_path: Path, backend: str, how: str) -> None:
    """The one that is read from and loaded into: it is down until the run waits for it."""
    with SERVERS[backend].running() as server:
        world = DatabaseWorld(tmp_path, server, server.create_database("target"))
        settings = world.on_server(server.create_database("source"))
        steps, down, lock = itertools.count(1), threading.Event(), threading.Lock()

        def step(name: str) -> None:
            if name == "before_publish" and next(steps) == 2:
                with lock:
                    (server.kill if how == "kill" else server.stop)()
                    down.set()

        def wait(_: str) -> None:
            with lock:
                if down.is_set():
                    down.clear()
                    server.start()

        run = world.run(RunOptions(on_step=step, on_wait=wait), **settings)
        world.check(run, **settings)


def test_patience_has_an_end(world: DatabaseWorld) -> None:
    """A server that does not come back stops the run; once it does, the same command continues."""
    with ProxyProcess(world.server.port) as proxy:
        world.url = world.target.at(proxy.port).url
        for _ in range(1000):
            proxy.cut_at(b"columnar_ledger")
        with pytest.raises(TransientError, match=r"\(tried for 2 seconds\)"):
            world.run(patience=2)
    world.url = ""
    world.check()
