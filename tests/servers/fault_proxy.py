"""A port that forwards to a server until it is told to fail: the network between a program and its database."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Self

from tests.servers.server import HOST

_AT_ONCE = 65_536
# Kept of what each client said, for patterns that come in two parts; none is longer.
_TAIL = 256
# Closing with it resets the connection, as a crashed machine does; data on the way is lost.
_RESET = struct.pack("ii", 1, 0)


class When(Enum):
    """Whether the server still hears what a fault waits for."""

    BEFORE = "before"  # it does not
    AFTER = "after"  # it does and acts; the client never hears the answer


@dataclass(slots=True)
class Fault:
    """Cuts a connection when bytes pass from the client to the server; happens once.

    pattern: the bytes. skip: so many of them, over all connections, pass unharmed. happened: for who waits.
    """

    pattern: bytes
    when: When = When.BEFORE
    skip: int = 0
    happened: threading.Event = field(default_factory=threading.Event)


class FaultProxy:
    """Forwards every connection to `port` of this machine. Statements are seen only where the connection has no TLS."""

    def __init__(self, port: int) -> None:
        self._server_port = port
        self._lock = threading.Lock()
        self._faults: list[Fault] = []
        self._left: int | None = None
        self._flowing = threading.Event()
        self._flowing.set()
        self._open: set[_Pair] = set()
        self.connections = 0
        self.to_server = 0
        self.to_client = 0
        self._refuses = False
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self._acceptor = threading.Thread(target=self._accept, daemon=True, name="fault-proxy")

    def __enter__(self) -> Self:
        self._acceptor.start()
        return self

    def __exit__(self, *_: object) -> None:
        # A listener in another thread's accept() wakes up by shutdown, not by close.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._acceptor.join()
        self.cut()
        self._flowing.set()

    def cut(self) -> None:
        """Reset every open connection, now."""
        with self._lock:
            pairs = list(self._open)
        for pair in pairs:
            pair.reset()

    def cut_after(self, count: int) -> None:
        """Reset the connection over which the `count`-th byte from now on would go, in either direction; once."""
        with self._lock:
            self._left = count

    def cut_at(self, pattern: bytes, when: When = When.BEFORE, *, skip: int = 0) -> Fault:
        """See Fault. Its connection alone is reset."""
        assert 0 < len(pattern) <= _TAIL
        fault = Fault(pattern, when, skip)
        with self._lock:
            self._faults.append(fault)
        return fault

    def forget(self, fault: Fault) -> None:
        """It will not happen any more."""
        with self._lock:
            self._faults = [each for each in self._faults if each is not fault]

    def stall(self) -> None:
        """Hold all bytes back, with the connections open, until resume()."""
        self._flowing.clear()

    def resume(self) -> None:
        """Let bytes flow again, those held back first."""
        self._flowing.set()

    @contextlib.contextmanager
    def refusing(self) -> Iterator[None]:
        """Reset new connections meanwhile, as where no server listens."""
        self._refuses = True
        try:
            yield
        finally:
            self._refuses = False

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._refuses:
                _reset(client)
                continue
            try:
                server = socket.create_connection((HOST, self._server_port))
            except OSError:
                _reset(client)
                continue
            pair = _Pair(self, client, server)
            with self._lock:
                self.connections += 1
                self._open.add(pair)
            pair.start()

    def _passes(self, pair: _Pair, part: bytes, *, to_server: bool) -> bytes | None:
        """What of these bytes goes on; None: nothing, and the connection is reset."""
        self._flowing.wait()
        with self._lock:
            fault = self._found(pair, part) if to_server else pair.deaf
            if fault is not None and to_server and fault.when is When.AFTER:
                pair.deaf = fault  # the first bytes of the answer show that the server has acted
            elif fault is not None:
                fault.happened.set()
                return None
            if self._left is not None:
                pair.last = self._left < len(part)
                part, self._left = part[: self._left], None if pair.last else self._left - len(part)
            if to_server:
                self.to_server += len(part)
            else:
                self.to_client += len(part)
            return part

    def _found(self, pair: _Pair, part: bytes) -> Fault | None:
        """The fault that these bytes set off, with those before them on the same connection."""
        known = pair.tail + part
        for fault in self._faults:
            # Only occurrences that end within the part; others were met when theirs passed.
            at = known.find(fault.pattern, max(0, len(pair.tail) - len(fault.pattern) + 1))
            while at >= 0 and fault.skip:
                fault.skip -= 1
                at = known.find(fault.pattern, at + len(fault.pattern))
            if at >= 0:
                self._faults.remove(fault)
                return fault
        pair.tail = known[-_TAIL:]
        return None

    def _closed(self, pair: _Pair) -> None:
        with self._lock:
            self._open.discard(pair)


class _Pair:
    """One connection: a thread for each direction."""

    def __init__(self, proxy: FaultProxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy = proxy
        self._ends = (client, server)
        self._lock = threading.Lock()
        self._flowing = 2
        self._reset = False
        self.tail = b""
        self.deaf: Fault | None = None
        self.last = False

    def start(self) -> None:
        client, server = self._ends
        for source, target, to_server in ((client, server, True), (server, client, False)):
            threading.Thread(target=self._pump, args=(source, target, to_server), daemon=True).start()

    def reset(self) -> None:
        """Both ends at once; may be called twice, from any thread."""
        self._reset = True  # a thread that this wakes must not end the other side in order before it is reset
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                end.shutdown(socket.SHUT_RD)  # wakes the thread that waits in recv()
            end.close()
        self._proxy._closed(self)

    def _pump(self, source: socket.socket, target: socket.socket, to_server: bool) -> None:
        try:
            while part := source.recv(_AT_ONCE):
                passed = self._proxy._passes(self, part, to_server=to_server)
                if passed is not None:
                    target.sendall(passed)
                if passed is None or self.last:
                    self.reset()
                    return
            if self._reset:
                return
            target.shutdown(socket.SHUT_WR)
        except OSError:
            self.reset()  # the other direction ended both, or a peer vanished: so does the other
            return
        with self._lock:
            self._flowing -= 1
            ended = not self._flowing
        if ended:
            for end in self._ends:
                end.close()
            self._proxy._closed(self)


def _reset(end: socket.socket) -> None:
    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    end.close()
