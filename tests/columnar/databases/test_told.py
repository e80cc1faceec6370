"""What is told where a database cannot be used, and that the run stops with it: nothing in quarantine, nothing lost."""

from __future__ import annotations

import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from columnar.checking.samples import sample_documents
from columnar.dedupe.analyze import analyze
from columnar.errors import TOLD, ExitCode, exit_code
from columnar.jobs.job_file import read_plan
from columnar.jobs.options import RunOptions
from loaders.errors import LoaderError, TargetMismatchError, TransientError, UnavailableError, UsageError
from loaders.mariadb import connect as to_mariadb
from loaders.postgresql import connect as to_postgresql
from tests.columnar.databases.database_world import DatabaseWorld
from tests.loaders.database.targets import target_of
from tests.servers.account import PASSWORD, Account
from tests.servers.mariadb import MariaDBServer
from tests.servers.postgresql import PostgreSQLServer
from tests.servers.proxy_process import ProxyProcess
from tests.servers.server import Server, free_port

SERVERS: dict[str, type[Server]] = {"postgresql": PostgreSQLServer, "mariadb": MariaDBServer}


def told(run: Callable[[], object], kind: type[LoaderError], *words: str) -> LoaderError:
    """The error of a run, which says all of the words and no password."""
    with pytest.raises(TOLD) as caught:
        run()
    error = caught.value
    assert type(error) is kind, error
    text = f"{error} {error.hint} {error!r} " + "".join(traceback.format_exception(error))
    for secret in (PASSWORD, quote(PASSWORD, safe=""), "wr0ng"):
        assert secret not in text
    for word in words:
        assert word in f"{error.message} {error.hint}", error.message
    assert error.hint
    assert exit_code(error) is (ExitCode.USAGE if issubclass(kind, UsageError) else ExitCode.ENVIRONMENT)
    return error


@pytest.fixture(params=["source", "target"])
def end(request: pytest.FixtureRequest) -> str:
    """Which end of the job is wrong."""
    return str(request.param)


def settings_of(world: DatabaseWorld, end: str, account: Account, **options: str) -> dict[str, Any]:
    """Settings of a job one end of which is that account."""
    url = account.with_options(options)
    if end == "target":
        return {"target": {"url": url, "create": True}}
    return {"source": {"url": url, "table": "docs", "key": "k", "document": "doc"}}


def changed(account: Account, **changes: Any) -> Account:
    from dataclasses import replace

    return replace(account, **changes)


def test_a_wrong_password(world: DatabaseWorld, account: Account, end: str) -> None:
    """It is told at once, however patient the job is."""
    settings = settings_of(world, end, changed(account, password="wr0ng"))
    told(lambda: world.run(patience=10_000, **settings), UnavailableError, account.user, "password")


def test_nobody_of_that_name(world: DatabaseWorld, account: Account, end: str) -> None:
    settings = settings_of(world, end, changed(account, user="nobody at all"))
    told(lambda: world.run(**settings), UnavailableError, "nobody at all", "password")


def test_no_such_database(world: DatabaseWorld, account: Account, end: str) -> None:
    settings = settings_of(world, end, changed(account, database="no such"))
    told(lambda: world.run(**settings), UsageError, "no such", "correct the database in the URL")


def test_no_server_at_that_port(world: DatabaseWorld, account: Account, end: str) -> None:
    """As it may come: it is told at once that the run waits, and when the job's patience is over."""
    settings = settings_of(world, end, account.at(free_port()))
    waits: list[str] = []
    options = RunOptions(on_wait=waits.append)
    told(lambda: world.run(options, patience=1, **settings), TransientError, "check host and port", "(tried for 1 s")
    assert waits[0] in told(lambda: world.run(patience=0, **settings), TransientError).message


def test_no_such_host(world: DatabaseWorld, account: Account, end: str) -> None:
    settings = settings_of(world, end, changed(account, host="no-such-host.invalid"))
    told(lambda: world.run(patience=0, **settings), TransientError, "no-such-host.invalid", "check host and port")


@pytest.mark.parametrize("backend", ["postgresql"])
def test_what_needs_no_target_asks_for_none(world: DatabaseWorld, account: Account, tmp_path: Path) -> None:
    file = world.write_job(target={"url": account.at(free_port()).url, "create": True})
    job = world.job(target={"url": account.at(free_port()).url, "create": True})
    assert len(sample_documents(job, read_plan(job), 3).documents) == 3
    assert analyze(file, tmp_path / "found.duckdb").clusters == 3


def test_a_server_that_comes(world: DatabaseWorld, account: Account, end: str) -> None:
    """It is waited for from the first connection on, of the target that of looking for purges."""
    with ProxyProcess(account.port) as proxy:
        through = account.at(proxy.port)
        settings = world.on_server(account, url=through.url) if end == "source" else {}
        world.url = through.url if end == "target" else ""
        waits: list[str] = []

        def wait(reason: str) -> None:
            waits.append(reason)
            if len(waits) < 3:
                proxy.cut_after(1)

        proxy.cut_after(1)
        assert world.run(RunOptions(on_wait=wait), **settings).proof.holds
        assert len(waits) == 3


@pytest.mark.parametrize("target", ["duckdb:made.duckdb", "sqlite:made.sqlite", "parquet:made"])
def test_nothing_is_made_before_the_source_answers(world: DatabaseWorld, account: Account, target: str) -> None:
    source = {"url": account.at(free_port()).url, "table": "docs", "key": "k", "document": "doc"}
    settings = {"target": {"url": target, "create": True}, "source": source}
    told(lambda: world.run(patience=0, **settings), TransientError)
    settings["source"] = {**source, "url": account.url}
    told(lambda: world.run(**settings), UsageError, "docs")
    assert list(world.folder.glob("made*")) == []


def test_the_server_has_no_tls(world: DatabaseWorld, account: Account, end: str) -> None:
    options = {"sslmode": "require"} if account.backend == "postgresql" else {"ssl": "true"}
    settings = settings_of(world, end, account, **options)
    told(lambda: world.run(**settings), UnavailableError, "TLS")


def test_no_table_to_read(world: DatabaseWorld, account: Account) -> None:
    settings = settings_of(world, "source", account)
    told(lambda: world.run(**settings), UsageError, "docs")


def test_no_column_to_read(world: DatabaseWorld, account: Account) -> None:
    settings = world.on_server(account, document="dok")
    told(lambda: world.run(**settings), UsageError, "dok", "doc")


def test_an_expired_password(world: DatabaseWorld, server: Server, account: Account, end: str) -> None:
    expired = {
        "postgresql": "ALTER ROLE late VALID UNTIL '2001-01-01'",
        "mariadb": "ALTER USER late@'%' PASSWORD EXPIRE",
    }
    grants = [] if account.backend == "postgresql" else [f"SELECT ON {account.database}.*"]
    late = server.create_user(account.database, "late", password=PASSWORD, grants=grants)
    try:
        server.execute(expired[account.backend])
        settings = settings_of(world, end, late)
        told(lambda: world.run(**settings), UnavailableError, "expired")
    finally:
        server.execute(DROP[account.backend].format("late"), database=account.database)


# Whom `create_user` made, with what they were granted.
DROP = {"postgresql": "DROP OWNED BY {0}; DROP ROLE {0}", "mariadb": "DROP USER {0}@'%'"}
READ_ONLY = {
    "postgresql": "ALTER DATABASE {} SET default_transaction_read_only = on",
    "mariadb": "SET GLOBAL read_only = 1",
}


@pytest.mark.parametrize("backend", ["postgresql", "mariadb"])
def test_a_replica_that_cannot_be_written_to(tmp_path: Path, backend: str) -> None:
    """Before the first run, and in the middle of one: no document is to blame."""
    with SERVERS[backend].running() as server:
        account = server.create_database("d")
        grants = ["ALL ON SCHEMA public"] if backend == "postgresql" else ["ALL ON d.*"]
        user = server.create_user("d", "loader", password=PASSWORD, grants=grants)
        world = DatabaseWorld(tmp_path, server, account, url=user.url)

        def fail_over(step: str) -> None:
            if step == "published":
                server.execute(READ_ONLY[backend].format("d"))
                end_connections(server)

        told(lambda: world.run(RunOptions(on_step=fail_over)), UnavailableError, "replica")
        assert world.query("SELECT count(*), sum(quarantined) FROM columnar_ledger") == [["1", "0"]]
        told(world.run, UnavailableError, "replica")
        back = {
            "postgresql": "ALTER DATABASE d RESET default_transaction_read_only",
            "mariadb": "SET GLOBAL read_only = 0",
        }
        server.execute(back[backend])
        world.check()


def end_connections(server: Server) -> None:
    """Those of everybody else, as a failover does."""
    if server.backend == "postgresql":
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'd' AND pid <> pg_backend_pid()"
        )
        return
    ids = server.execute("SELECT id FROM information_schema.processlist WHERE user = 'loader'").split()
    for each in ids:
        server.execute(f"KILL {each}")


@pytest.mark.parametrize("backend", ["postgresql", "mariadb"])
def test_too_many_connections(tmp_path: Path, backend: str) -> None:
    options = {
        "postgresql": ("-c", "max_connections=6", "-c", "superuser_reserved_connections=3"),
        "mariadb": ("--max-connections=10", "--max-user-connections=2"),
    }
    with SERVERS[backend].running(*options[backend]) as server:
        account = server.create_database("d")
        grants = ["ALL ON SCHEMA public"] if backend == "postgresql" else ["ALL ON d.*"]
        user = server.create_user("d", "loader", password=PASSWORD, grants=grants)
        world = DatabaseWorld(tmp_path, server, account, url=user.url)
        settings = world.on_server(account)
        settings["source"]["url"] = user.url
        server.execute("GRANT SELECT ON docs TO loader" + ("" if backend == "postgresql" else "@'%'"), database="d")
        told(lambda: world.run(patience=0, **settings), TransientError, "max_connections")


def test_a_permission_that_is_missing(world: DatabaseWorld, server: Server, account: Account) -> None:
    """Told with where the grants are listed, before anything is loaded and in the middle of it."""
    world.run(RunOptions(limit=4))
    tables = {"postgresql": "ALL TABLES IN SCHEMA public", "mariadb": f"{account.database}.*"}[account.backend]
    user = server.create_user(account.database, "guest", password=PASSWORD, grants=[f"SELECT ON {tables}"])
    try:
        if account.backend == "postgresql":
            server.execute("GRANT USAGE ON SCHEMA public TO guest", database=account.database)
        world.url = user.url
        told(world.run, UnavailableError, "docs/databases.md")
        assert world.query("SELECT count(*), sum(quarantined) FROM columnar_ledger") == [["1", "0"]]
    finally:
        server.execute(DROP[account.backend].format("guest"), database=account.database)
    world.url = ""
    world.check()


def test_a_table_that_somebody_locks(world: DatabaseWorld, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is waited for aloud, and never for longer than the job's patience."""
    for module, name in ((to_postgresql, "SESSION"), (to_mariadb, "_SESSION")):
        short = tuple(each.replace("10s", "50ms").replace(", 10)", ", 1)") for each in getattr(module, name))
        monkeypatch.setattr(module, name, short)
    world.run(RunOptions(limit=4))
    waits: list[str] = []
    other = target_of(account.backend, account.url, "direct").connect()
    lock, free = {
        "postgresql": (("BEGIN", "LOCK TABLE app IN ACCESS EXCLUSIVE MODE"), "COMMIT"),
        "mariadb": (("LOCK TABLES app WRITE",), "UNLOCK TABLES"),
    }[account.backend]
    for statement in lock:
        other.run(statement)

    def wait(reason: str) -> None:
        waits.append(reason)
        if len(waits) == 2:
            other.run(free)

    with pytest.raises(TransientError, match="ock"):
        world.run(patience=0)
    assert world.run(RunOptions(on_wait=wait)).proof.holds
    assert len(waits) == 2
    other.close()


def test_no_ddl(world: DatabaseWorld, account: Account) -> None:
    """The run refuses to make anything and says what to run; once that is done it loads."""
    settings = {"target": {"url": account.url, "ddl": False, "publish": "direct"}}
    with pytest.raises(TargetMismatchError) as caught:
        world.run(**settings)
    assert world.tables() == []
    assert "app" in str(caught.value)
    from columnar.looking.look import look_at_session  # noqa: F401 - the way of `columnar plan`
    from columnar.running.plan_run import plan_run

    planned = plan_run(world.job(**settings))
    assert planned.exit_code is ExitCode.USAGE
    world.server.execute(";\n".join(planned.ddl) + ";", database=account.database)
    world.check(world.run(**settings), **settings)


def test_the_command_line_says_the_same(world: DatabaseWorld, account: Account) -> None:
    """As text and as JSON, with its exit code and without the password."""
    job = world.write_job(target={"url": changed(account, password="wr0ng").url, "create": True})
    done = subprocess.run(
        [sys.executable, "-m", "columnar", "run", str(job), "--json"], capture_output=True, text=True, check=False
    )
    assert done.returncode == ExitCode.ENVIRONMENT
    assert '"code": "unavailable"' in done.stdout
    assert "wr0ng" not in done.stdout + done.stderr
    assert "error: " in done.stderr
    assert "Traceback" not in done.stderr
