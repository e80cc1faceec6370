"""A fault proxy in a process of its own: turbodbc holds the interpreter while it writes, and with it every thread of a
proxy in the same process, which would wait for ever."""

from __future__ import annotations

import multiprocessing
from dataclasses import dataclass
from multiprocessing.managers import BaseManager
from typing import Any, Self

from tests.servers.fault_proxy import Fault, FaultProxy, When


class _Service:
    """The proxy as the other process asks it: faults go by number."""

    def __init__(self, port: int) -> None:
        self._proxy = FaultProxy(port).__enter__()
        self._faults: list[Fault] = []

    def port(self) -> int:
        return self._proxy.port

    def cut_at(self, pattern: bytes, when: str, skip: int) -> int:
        self._faults.append(self._proxy.cut_at(pattern, When(when), skip=skip))
        return len(self._faults) - 1

    def happened(self, number: int) -> bool:
        return self._faults[number].happened.is_set()

    def forget(self, number: int) -> None:
        self._proxy.forget(self._faults[number])

    def to_skip(self, number: int) -> int:
        return self._faults[number].skip

    def cut(self) -> None:
        self._proxy.cut()

    def cut_after(self, count: int) -> None:
        self._proxy.cut_after(count)

    def connections(self) -> int:
        return self._proxy.connections


class _Manager(BaseManager):
    service: Any


_Manager.register("service", _Service)


@dataclass(frozen=True)
class RemoteFault:
    """See tests.servers.fault_proxy.Fault."""

    service: Any
    number: int

    @property
    def happened(self) -> bool:
        return bool(self.service.happened(self.number))

    def forget(self) -> None:
        """It will not happen any more."""
        self.service.forget(self.number)

    @property
    def to_skip(self) -> int:
        """How many more pass unharmed."""
        return int(self.service.to_skip(self.number))


class ProxyProcess:
    """See tests.servers.fault_proxy.FaultProxy."""

    def __init__(self, port: int) -> None:
        self._manager = _Manager(ctx=multiprocessing.get_context("spawn"))
        self._server_port = port

    def __enter__(self) -> Self:
        self._manager.start()
        self._service = self._manager.service(self._server_port)
        self.port = int(self._service.port())
        return self

    def __exit__(self, *_: object) -> None:
        self._manager.shutdown()

    def cut_at(self, pattern: bytes, when: When = When.BEFORE, *, skip: int = 0) -> RemoteFault:
        """See FaultProxy.cut_at."""
        return RemoteFault(self._service, self._service.cut_at(pattern, when.value, skip))

    def cut(self) -> None:
        """See FaultProxy.cut."""
        self._service.cut()

    def cut_after(self, count: int) -> None:
        """See FaultProxy.cut_after."""
        self._service.cut_after(count)

    @property
    def connections(self) -> int:
        """See FaultProxy.connections."""
        return int(self._service.connections())
