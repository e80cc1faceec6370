"""What servers of the tests have in common: a folder, a port, a process that ends when the tests do."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Self, TypedDict

import psutil

from tests.servers.account import Account

HOST = "127.0.0.1"
_READY_SECONDS = 60
_BETWEEN_LOOKS = 0.02
# Runs the server until it is told to end it, or nobody can: then the tests' process is no more, and all is removed.
_GUARD = '"$@" & echo $!; read told; kill -{signal} $! 2>/dev/null; wait; [ "$told" = end ] || rm -rf "$PWD"'


class _User(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


class ServerMissingError(Exception):
    """The programs of a server are not installed."""


class Server(ABC):
    """One server. `start` and `stop` may be called in turn; `close` removes all of it."""

    backend: str
    account_of_programs: str
    stop_signal: signal.Signals

    def __init__(self, *options: str) -> None:
        """options: further arguments for the server's program."""
        self._require()
        self.options = options
        self.port = free_port()
        self._guard: subprocess.Popen[str] | None = None
        self.pid = 0
        # Not below pytest's folder: that is closed to other users.
        self.folder = Path(tempfile.mkdtemp(prefix=f"columnar-{self.backend}-"))
        self._own(self.folder)
        try:
            self._initialise()
        except BaseException:
            self.close()
            raise

    @classmethod
    @contextlib.contextmanager
    def running(cls, *options: str) -> Iterator[Self]:
        """A started server, removed at the end."""
        server = cls(*options)
        try:
            server.start()
            yield server
        finally:
            server.close()

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.folder / "server.log"

    @property
    @abstractmethod
    def administrator(self) -> Account:
        """Who may do everything."""

    @abstractmethod
    def execute(self, sql: str, *, database: str | None = None) -> str:
        """Run statements as the administrator with the server's own client; what it prints, a line a row, columns with
        tabs between. Shares no code with what is tested. Fails at the first error."""

    @abstractmethod
    def create_database(self, name: str) -> Account:
        """An empty database, and its administrator."""

    @abstractmethod
    def drop_database(self, name: str) -> None:
        """Remove it, whoever is connected."""

    @abstractmethod
    def create_user(self, database: str, name: str, *, password: str, grants: Sequence[str]) -> Account:
        """Someone who may connect to a database and nothing else but `grants`, each such as `SELECT ON docs`."""

    @abstractmethod
    def drop_user(self, name: str) -> None:
        """Remove whom create_user made, with all rights."""

    def start(self) -> None:
        """Returns when the server takes connections."""
        script = _GUARD.format(signal=self.stop_signal.name.removeprefix("SIG"))
        with self.log.open("ab") as log:
            self._guard = subprocess.Popen(
                ["/bin/sh", "-c", script, "sh", *map(str, self._command()), *self.options],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=self.folder,
                env=self._environment(),
                start_new_session=True,
                **self._as_user(),
            )
        assert self._guard.stdout is not None
        self.pid = int(self._guard.stdout.readline())
        self._await(self._ready)

    def stop(self) -> None:
        """In good order: connections are ended, everything is on the disk."""
        if self._guard is None:
            return
        self._guard.communicate("end\n", timeout=_READY_SECONDS)
        self._guard = None

    def kill(self) -> None:
        """As if the machine's power failed, but for what the operating system holds."""
        children = psutil.Process(self.pid).children(recursive=True)
        os.kill(self.pid, signal.SIGKILL)
        self.stop()
        psutil.wait_procs(children, _READY_SECONDS)  # PostgreSQL's end by themselves, and hold its memory until then

    def restart(self) -> None:
        """In good order, at the same port."""
        self.stop()
        self.start()

    def close(self) -> None:
        """Stop and remove."""
        self.stop()
        shutil.rmtree(self.folder)

    @classmethod
    @abstractmethod
    def _require(cls) -> None:
        """ServerMissingError where its programs are not there."""

    @abstractmethod
    def _initialise(self) -> None: ...

    @abstractmethod
    def _command(self) -> Sequence[str | Path]: ...

    @abstractmethod
    def _ready(self) -> bool: ...

    def _await(self, done: Callable[[], bool]) -> None:
        pause = threading.Event()
        deadline = time.monotonic() + _READY_SECONDS
        while not done():
            if not _runs(self.pid) or time.monotonic() > deadline:
                raise AssertionError(f"the server did not start:\n{self.log.read_text(encoding='utf-8')}")
            pause.wait(_BETWEEN_LOOKS)

    def _run(self, command: Sequence[str | Path], *, text: str = "", environment: dict[str, str] | None = None) -> str:
        """A program of the server, as the user it runs as."""
        done = subprocess.run(
            command,
            input=text,
            capture_output=True,
            text=True,
            encoding="utf-8",
            cwd=self.folder,
            env={**self._environment(), **(environment or {})},
            check=False,
            **self._as_user(),
        )
        assert done.returncode == 0, f"{command[0]}: {done.stdout}{done.stderr}"
        return done.stdout

    def _environment(self) -> dict[str, str]:
        # A folder of its own for what is temporary, too: a MariaDB that starts deletes what it takes for a dead one's.
        home = str(self.folder)
        return {"PATH": os.environ.get("PATH", os.defpath), "HOME": home, "TMPDIR": home, "LC_ALL": "C.UTF-8"}

    def _as_user(self) -> _User:
        """Servers refuse to run as root."""
        if os.geteuid() != 0:
            return {}
        account = pwd.getpwnam(self.account_of_programs)
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}

    def _own(self, path: Path) -> None:
        if os.geteuid() == 0:
            shutil.chown(path, self.account_of_programs)


def free_port() -> int:
    """One that nobody listens at; the system does not hand it out again at once."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        port: int = listener.getsockname()[1]
        return port


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
