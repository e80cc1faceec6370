"""PostgreSQL, as apt installs it."""

from __future__ import annotations

import functools
import shutil
import signal
from collections.abc import Sequence
from pathlib import Path

from tests.servers.account import PASSWORD, Account
from tests.servers.server import HOST, Server, ServerMissingError

# Nothing waits for the disk, but a committed transaction survives a kill; the rest is for a small machine.
_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "60",
    "autovacuum": "off",
    "listen_addresses": HOST,
    "ssl": "off",
}


class PostgreSQLServer(Server):
    """UTF8 and the collation C.UTF-8, passwords by SCRAM; without TLS, so that a proxy sees statements."""

    backend = "postgresql"
    account_of_programs = "postgres"
    stop_signal = signal.SIGINT  # "fast": connections are ended

    @property
    def administrator(self) -> Account:
        return Account(self.backend, HOST, self.port, "postgres", PASSWORD, "postgres")

    def execute(self, sql: str, *, database: str | None = None) -> str:
        command = [_program("psql"), "-XAtq", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-h", HOST, "-p", str(self.port)]
        command += ["-U", "postgres", "-d", database or "postgres", "-f", "-"]
        return self._run(command, text=sql, environment={"PGPASSWORD": PASSWORD, "PGCLIENTENCODING": "UTF8"})

    def create_database(self, name: str) -> Account:
        self.execute(f"CREATE DATABASE {_quoted(name)} TEMPLATE template0")
        return Account(self.backend, HOST, self.port, "postgres", PASSWORD, name)

    def drop_database(self, name: str) -> None:
        self.execute(f"DROP DATABASE {_quoted(name)} WITH (FORCE)")

    def create_user(self, database: str, name: str, *, password: str = PASSWORD, grants: Sequence[str] = ()) -> Account:
        user, literal = _quoted(name), "'" + password.replace("'", "''") + "'"
        lines = [
            f"CREATE ROLE {user} LOGIN PASSWORD {literal}",
            "REVOKE ALL ON SCHEMA public FROM PUBLIC",
            f"GRANT CONNECT ON DATABASE {_quoted(database)} TO {user}",
            *(f"GRANT {grant} TO {user}" for grant in grants),
        ]
        self.execute(";\n".join(lines), database=database)
        return Account(self.backend, HOST, self.port, name, password, database)

    def drop_user(self, name: str) -> None:
        self.execute(f"DROP ROLE {_quoted(name)}")

    @classmethod
    def _require(cls) -> None:
        for name in ("initdb", "postgres", "psql"):
            _program(name)

    def _initialise(self) -> None:
        secret = self.folder / "password"
        secret.write_text(PASSWORD + "\n", encoding="utf-8")
        self._own(secret)
        how = ["-U", "postgres", "-A", "scram-sha-256", "--pwfile", secret, "-E", "UTF8", "--locale=C.UTF-8"]
        self._run([_program("initdb"), "-D", self.folder / "data", "--no-sync", *how])

    def _command(self) -> Sequence[str | Path]:
        settings = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        where = ["-D", self.folder / "data", "-k", self.folder, "-p", str(self.port)]
        return [_program("postgres"), *where, *settings]

    def _ready(self) -> bool:
        """By the last line of the file that it keeps for pg_ctl."""
        try:
            lines = (self.folder / "data" / "postmaster.pid").read_text(encoding="utf-8").split()
        except FileNotFoundError:
            return False
        return lines[:1] == [str(self.pid)] and lines[-1] == "ready"


@functools.cache
def _program(name: str) -> str:
    """Debian keeps a server's programs in a folder of its version; the newest serves."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    found = shutil.which(name, path=":".join(map(str, reversed(folders)))) or shutil.which(name)
    if found is None:
        raise ServerMissingError("no PostgreSQL server: apt-get install postgresql")
    return found


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
