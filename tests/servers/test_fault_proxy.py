"""The proxy itself, over a server that answers each line with the same in capitals."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator

import pytest

from tests.servers.fault_proxy import FaultProxy, When
from tests.servers.server import HOST


class _Capitals(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        super().__init__((HOST, 0), _Answer)


class _Answer(socketserver.StreamRequestHandler):
    server: _Capitals

    def handle(self) -> None:
        try:
            for line in self.rfile:
                self.server.heard.append(line)
                self.wfile.write(line.upper())
        except ConnectionError:
            pass  # what the proxy is for


@pytest.fixture
def capitals() -> Iterator[_Capitals]:
    with _Capitals() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def proxy(capitals: _Capitals) -> Iterator[FaultProxy]:
    with FaultProxy(capitals.server_address[1]) as proxy:
        yield proxy


class _Client:
    def __init__(self, proxy: FaultProxy) -> None:
        self.socket = socket.create_connection((HOST, proxy.port), timeout=20)

    def __enter__(self) -> _Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def ask(self, line: bytes) -> bytes:
        self.socket.sendall(line)
        return self.answer(len(line))

    def answer(self, size: int) -> bytes:
        got = b""
        while len(got) < size and (part := self.socket.recv(size - len(got))):
            got += part
        return got


def test_forwards_until_told_otherwise(proxy: FaultProxy) -> None:
    large = b"x" * 3_000_000 + b"\n"
    with _Client(proxy) as one, _Client(proxy) as other:
        threading.Thread(target=one.socket.sendall, args=(large,)).start()
        assert one.answer(len(large)) == large.upper()
        assert other.ask(b"hello\n") == b"HELLO\n"
    assert proxy.connections == 2
    assert proxy.to_server == proxy.to_client == len(large) + 6


def test_an_end_of_one_side_leaves_the_answer_to_the_other(proxy: FaultProxy) -> None:
    with _Client(proxy) as client:
        client.socket.sendall(b"last\n")
        client.socket.shutdown(socket.SHUT_WR)
        assert client.answer(100) == b"LAST\n"


def test_before_the_server_hears_it(proxy: FaultProxy, capitals: _Capitals) -> None:
    fault = proxy.cut_at(b"COMMIT")
    with _Client(proxy) as client, _Client(proxy) as other:
        assert client.ask(b"INSERT\n") == b"INSERT\n"
        with pytest.raises(ConnectionError):
            client.ask(b"COMMIT\n")
        assert fault.happened.is_set()
        assert other.ask(b"COMMIT\n") == b"COMMIT\n", "a fault happens once"
    assert capitals.heard == [b"INSERT\n", b"COMMIT\n"]


def test_after_the_server_heard_it(proxy: FaultProxy, capitals: _Capitals) -> None:
    fault = proxy.cut_at(b"COMMIT", When.AFTER)
    with _Client(proxy) as client:
        with pytest.raises(ConnectionError):
            client.ask(b"COMMIT\n")
        assert fault.happened.is_set()
    assert capitals.heard == [b"COMMIT\n"]


def test_a_pattern_in_two_parts_and_skipped_ones(proxy: FaultProxy) -> None:
    proxy.cut_at(b"COMMIT", skip=2)
    with _Client(proxy) as client:
        assert client.ask(b"COMMIT COMMIT\n") == b"COMMIT COMMIT\n"
        assert client.ask(b"COM\n") == b"COM\n"
        client.socket.sendall(b"a\nCOM")
        assert client.answer(2) == b"A\n"
        with pytest.raises(ConnectionError):
            client.ask(b"MIT\n")


def test_after_so_many_bytes(proxy: FaultProxy) -> None:
    proxy.cut_after(12)
    with _Client(proxy) as client:
        assert client.ask(b"hello\n") == b"HELLO\n"
        with pytest.raises(ConnectionError):
            client.ask(b"hello\n")
    with _Client(proxy) as client:
        assert client.ask(b"again\n") == b"AGAIN\n"


def test_all_connections_on_command(proxy: FaultProxy) -> None:
    with _Client(proxy) as one, _Client(proxy) as other:
        assert one.ask(b"a\n") + other.ask(b"b\n") == b"A\nB\n"
        proxy.cut()
        for client in (one, other):
            with pytest.raises(ConnectionError):
                client.answer(1)


def test_held_back_bytes_arrive_later(proxy: FaultProxy) -> None:
    with _Client(proxy) as client:
        assert client.ask(b"a\n") == b"A\n"
        proxy.stall()
        client.socket.sendall(b"b\n")
        client.socket.settimeout(0.05)
        with pytest.raises(TimeoutError):
            client.answer(2)
        proxy.resume()
        client.socket.settimeout(20)
        assert client.answer(2) == b"B\n"


def test_new_connections_are_refused(proxy: FaultProxy) -> None:
    with _Client(proxy) as old:
        assert old.ask(b"a\n") == b"A\n"
        with proxy.refusing(), pytest.raises(ConnectionError), _Client(proxy) as client:
            client.answer(1)
        assert old.ask(b"b\n") == b"B\n"
