"""MariaDB, as apt installs it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
from collections.abc import Sequence
from pathlib import Path

from tests.servers.account import PASSWORD, Account
from tests.servers.server import HOST, Server, ServerMissingError

# Nothing waits for the disk, but a committed transaction survives a kill; the rest is for a small machine and documents
# of 20 MB.
_SETTINGS = {
    "bind-address": HOST,
    "skip-name-resolve": "1",
    "character-set-server": "utf8mb4",
    "sql-mode": "STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO",
    "default-storage-engine": "InnoDB",
    "max-allowed-packet": "256M",
    "max-connections": "60",
    "innodb-buffer-pool-size": "128M",
    "innodb-log-file-size": "96M",
    "innodb-flush-log-at-trx-commit": "2",
    "innodb-doublewrite": "0",
    "innodb-use-native-aio": "0",
    "innodb-lock-wait-timeout": "5",
    "performance-schema": "0",
    "skip-ssl": "1",
}
_ADMINISTRATOR = "administrator"


class MariaDBServer(Server):
    """utf8mb4, strict mode, InnoDB; without TLS, so that a proxy sees statements."""

    backend = "mariadb"
    account_of_programs = "mysql"
    stop_signal = signal.SIGTERM

    @property
    def administrator(self) -> Account:
        return Account(self.backend, HOST, self.port, _ADMINISTRATOR, PASSWORD, "mysql")

    def execute(self, sql: str, *, database: str | None = None) -> str:
        command = [
            _program("mariadb"),
            "--no-defaults",
            "--batch",
            "--skip-column-names",
            "--default-character-set=utf8mb4",
        ]
        command += ["-h", HOST, "-P", str(self.port), "-u", _ADMINISTRATOR, *([database] if database else [])]
        return self._run(command, text=sql, environment={"MYSQL_PWD": PASSWORD})

    def create_database(self, name: str) -> Account:
        self.execute(f"CREATE DATABASE {_quoted(name)} CHARACTER SET utf8mb4")
        return Account(self.backend, HOST, self.port, _ADMINISTRATOR, PASSWORD, name)

    def drop_database(self, name: str) -> None:
        self.execute(f"DROP DATABASE {_quoted(name)}")

    def create_user(self, database: str, name: str, *, password: str = PASSWORD, grants: Sequence[str] = ()) -> Account:
        user = f"{_quoted(name)}@'%'"
        lines = [
            f"CREATE USER {user} IDENTIFIED BY {_literal(password)}",
            *(f"GRANT {grant} TO {user}" for grant in grants),
        ]
        self.execute(";\n".join(lines), database=database)
        return Account(self.backend, HOST, self.port, name, password, database)

    def drop_user(self, name: str) -> None:
        self.execute(f"DROP USER {_quoted(name)}@'%'")

    @classmethod
    def _require(cls) -> None:
        for name in ("mariadbd", "mariadb-install-db", "mariadb"):
            _program(name)

    def _initialise(self) -> None:
        how = ["--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"]
        where = [f"--datadir={self.folder / 'data'}", "--innodb-use-native-aio=0", "--innodb-log-file-size=96M"]
        self._run([_program("mariadb-install-db"), "--no-defaults", *where, *how])
        user = f"{_quoted(_ADMINISTRATOR)}@'%'"
        first = self.folder / "first.sql"
        first.write_text(
            f"CREATE USER IF NOT EXISTS {user} IDENTIFIED BY {_literal(PASSWORD)};\n"
            f"GRANT ALL ON *.* TO {user} WITH GRANT OPTION;\nDELETE FROM mysql.global_priv WHERE User = '';\n"
            "FLUSH PRIVILEGES;\n",
            encoding="utf-8",
        )
        self._own(first)

    def _command(self) -> Sequence[str | Path]:
        where = {
            "datadir": self.folder / "data",
            "socket": self.folder / "socket",
            "pid-file": self.folder / "pid",
            "init-file": self.folder / "first.sql",
            "port": self.port,
        }
        return [
            _program("mariadbd"),
            "--no-defaults",
            *(f"--{name}={value}" for name, value in {**where, **_SETTINGS}.items()),
        ]

    def _ready(self) -> bool:
        """By the first byte that it says to who connects: the version of its protocol."""
        try:
            with socket.create_connection((HOST, self.port), timeout=5) as connection:
                greeting = connection.recv(5)
        except OSError:
            return False
        return greeting[4:5] == b"\x0a"


def _program(name: str) -> str:
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"))
    found = shutil.which(name, path=path)
    if found is None:
        raise ServerMissingError("no MariaDB server: apt-get install mariadb-server")
    return found


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _literal(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
