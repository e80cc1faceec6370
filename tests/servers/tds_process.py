"""The endpoint in a process of its own: mssql-python holds the interpreter while it waits for a long value, and a
server in another thread of the same interpreter could not send it."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any

from tests.servers.tds_endpoint import (
    ENCRYPT_NOT_SUPPORTED,
    Answer,
    Changed,
    Login,
    Refused,
    Rows,
    ServerError,
    TdsEndpoint,
)
from tests.servers.tds_tokens import Column


def nothing(sql: str, values: Sequence[Any]) -> Answer:
    """Every statement succeeds and returns nothing, but for SELECT 1; transactions say that they began and ended."""
    if sql.endswith("SELECT 1"):
        return Rows([Column("", "bigint")], [[1]])
    if sql.startswith("BEGIN TRAN"):
        return Changed(environment=8)
    if sql.startswith("COMMIT"):
        return Changed(environment=9)
    return Changed()


def everybody(login: Login) -> Refused:
    """Every login succeeds."""
    return None


@dataclass
class TdsProcess:
    """See TdsEndpoint; `answer` and `login` must be importable (functions of a module, or objects that pickle)."""

    answer: Callable[[str, Sequence[Any]], Answer] = nothing
    login: Callable[[Login], Refused] = everybody
    encryption: int = ENCRYPT_NOT_SUPPORTED
    undescribed: ServerError | None = None
    port: int = field(init=False, default=0)

    def __enter__(self) -> TdsProcess:
        context = multiprocessing.get_context("spawn")
        self._pipe, other = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(self.answer, self.login, self.encryption, self.undescribed, other), daemon=True
        )
        self._process.start()
        other.close()
        self.port = int(self._pipe.recv())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        failures = self._ask("stop")
        self._process.join(10)
        self._process.close()
        self._pipe.close()
        if failures and kind is None:
            raise AssertionError(f"the endpoint failed: {failures}")

    @property
    def statements(self) -> list[tuple[str, tuple[Any, ...]]]:
        """What was asked so far, with the values that were bound."""
        return list(self._ask("statements"))

    @property
    def logins(self) -> list[Login]:
        """Who came so far."""
        return list(self._ask("logins"))

    @property
    def bulk(self) -> list[bytes]:
        """What was bulk-copied so far, as it came."""
        return list(self._ask("bulk"))

    @property
    def declared(self) -> list[str]:
        """The types that parameters were declared with."""
        return list(self._ask("declared"))

    @property
    def described(self) -> list[str]:
        """The statements whose parameters were asked for."""
        return list(self._ask("described"))

    def cut(self) -> None:
        """Cut every connection."""
        self._ask("cut")

    def _ask(self, what: str) -> Any:
        self._pipe.send(what)
        return self._pipe.recv()


def _serve(
    answer: Callable[[str, Sequence[Any]], Answer],
    login: Callable[[Login], Refused],
    encryption: int,
    undescribed: ServerError | None,
    pipe: Connection,
) -> None:
    with TdsEndpoint(answer, login, encryption, undescribed) as endpoint:
        pipe.send(endpoint.port)
        while (what := pipe.recv()) != "stop":
            pipe.send(endpoint.cut() if what == "cut" else getattr(endpoint, what))
        pipe.send([repr(failure) for failure in endpoint.failures])
        endpoint.failures.clear()
