"""An endpoint that speaks as much TDS as Microsoft's driver and mssql-python need to connect and to run what a test
answers: no SQL is understood, no TLS spoken.

It is here since SQL Server itself cannot run beside the tests: what the clients do with logins, errors and long values
is theirs alone, and can be seen against anything that speaks the protocol.
"""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from tests.servers import tds_parameters
from tests.servers import tds_tokens as tds
from tests.servers.tds_tokens import Column, Reader

ENCRYPT_OFF, ENCRYPT_ON, ENCRYPT_NOT_SUPPORTED, ENCRYPT_REQUIRED = range(4)
_PRELOGIN, _LOGIN, _BATCH, _RPC, _ATTENTION, _BULK, _TRANSACTION = 0x12, 0x10, 0x01, 0x03, 0x06, 0x07, 0x0E
_PACKET = 4096
_BATCH_FLAG = 0xFF
_PROCEDURES = {10: "sp_executesql", 11: "sp_prepare", 12: "sp_execute", 13: "sp_prepexec", 15: "sp_unprepare"}


@dataclass(frozen=True, slots=True)
class Login:
    """What a client said of itself."""

    user: str
    password: str
    database: str
    application: str
    language: str


@dataclass(frozen=True, slots=True)
class ServerError:
    """An error message, after which the batch ends."""

    number: int
    message: str
    severity: int = 16


@dataclass(frozen=True, slots=True)
class Rows:
    """A result. error: what it ends with, instead of ending well; dropped: whether the connection is cut behind it."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    error: ServerError | None = None
    dropped: bool = False


@dataclass(frozen=True, slots=True)
class Changed:
    """A statement that returned no rows. environment: what BEGIN and COMMIT say beside it (8, 9 or 10)."""

    rows: int | None = None
    environment: int | None = None


@dataclass(frozen=True, slots=True)
class Called:
    """A procedure that a batch called, and that returned no rows: its return value."""

    status: int = 0


class Dropped(Exception):  # noqa: N818 - no error, an answer
    """The connection is cut instead of an answer."""


Answer = Rows | ServerError | Changed | Sequence[Rows | ServerError | Changed | Called]
Refused = ServerError | Sequence[ServerError] | None
_TRANSACTION_ID = b"\1\2\3\4\5\6\7\1"


@dataclass
class TdsEndpoint:
    """Listens on a free port of the loopback interface, a thread a connection.

    answer(sql, values): what a statement gets. login(login): the error or errors that refuse it, or None. encryption:
    what the endpoint says of TLS. undescribed: the error that questions about parameters get, instead of an answer.
    Statements, logins, bulk copies, declared parameters and questions about parameters are recorded as they come.
    """

    answer: Callable[[str, Sequence[Any]], Answer] = lambda sql, values: Changed()
    login: Callable[[Login], Refused] = lambda login: None
    encryption: int = ENCRYPT_NOT_SUPPORTED
    undescribed: ServerError | None = None
    statements: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)
    logins: list[Login] = field(default_factory=list)
    bulk: list[bytes] = field(default_factory=list)
    declared: list[str] = field(default_factory=list)
    described: list[str] = field(default_factory=list)
    failures: list[BaseException] = field(default_factory=list)

    def __enter__(self) -> TdsEndpoint:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._clients: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._acceptor.join()
        self.cut()
        for thread in self._threads:
            thread.join()
        if self.failures and kind is None:
            raise self.failures[0]

    def cut(self) -> None:
        """Cut every connection."""
        for client in self._clients:
            try:
                client.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # gone already

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._clients.append(client)
            thread = threading.Thread(target=self._serve, args=(client,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, client: socket.socket) -> None:
        with client:
            try:
                _Session(self, client).run()
            except (OSError, Dropped):
                return
            except BaseException as error:  # noqa: BLE001 - a test shall see it
                self.failures.append(error)


class _Session:
    """One connection."""

    def __init__(self, endpoint: TdsEndpoint, client: socket.socket) -> None:
        self._endpoint = endpoint
        self._client = client
        self._prepared: dict[int, str] = {}

    def run(self) -> None:
        while True:
            kind, data = self._message()
            if kind is None:
                return
            reply = self._reply(kind, data)
            self._send(reply)
            if kind == _LOGIN and reply[0] == 0xAA:
                return

    def _reply(self, kind: int, data: bytes) -> bytes:
        if kind == _PRELOGIN:
            return self._prelogin()
        if kind == _LOGIN:
            return self._log_in(data)
        if kind == _ATTENTION:
            return b"\xfd" + struct.pack("<HHQ", 0x20, 0, 0)
        if kind == _BULK:
            self._endpoint.bulk.append(data)
            rows = self._endpoint.answer("BULK", ())
            return self._answered(rows, done=0xFD)
        reader = Reader(data)
        reader.skip_headers()
        if kind == _TRANSACTION:
            return self._transaction(reader.number(2))
        if kind == _BATCH:
            return self._answer(data[reader.at :].decode("utf-16-le", "surrogatepass"), (), done=0xFD)
        if kind == _RPC:
            return self._procedures(reader)
        raise ValueError(f"a request of type {kind:#x}")

    def _prelogin(self) -> bytes:
        options = [
            (0x00, bytes([16, 0, 0x03, 0xE8, 0, 0])),
            (0x01, bytes([self._endpoint.encryption])),
            (0x02, b"\0"),
            (0x03, b""),
            (0x04, b"\0"),
        ]
        offset = 5 * len(options) + 1
        head, body = b"", b""
        for token, value in options:
            head += struct.pack(">BHH", token, offset + len(body), len(value))
            body += value
        return head + b"\xff" + body

    def _log_in(self, data: bytes) -> bytes:
        def field_at(place: int) -> bytes:
            offset, length = struct.unpack_from("<HH", data, place)
            return data[offset : offset + length * 2]

        hidden = field_at(44)
        password = bytes((((byte ^ 0xA5) << 4) & 0xF0) | ((byte ^ 0xA5) >> 4) for byte in hidden)
        texts = [field_at(place).decode("utf-16-le") for place in (40, 68, 48, 64)]
        login = Login(texts[0], password.decode("utf-16-le", "surrogatepass"), *texts[1:])
        self._endpoint.logins.append(login)
        refused = self._endpoint.login(login)
        if refused is not None:
            told = [refused] if isinstance(refused, ServerError) else refused
            errors = b"".join(tds.error(each.number, each.message, severity=each.severity) for each in told)
            return errors + tds.done(failed=True)
        return (
            tds.env_change(1, login.database or "master", "master")
            + tds.env_bytes(7, tds.COLLATION, b"")
            + tds.env_change(2, "us_english", "")
            + tds.env_change(4, str(_PACKET), str(_PACKET))
            + tds.login_ack()
            + tds.done()
        )

    def _transaction(self, request: int) -> bytes:
        names = {5: "TM_BEGIN", 7: "TM_COMMIT", 8: "TM_ROLLBACK"}
        return self._answer(names.get(request, f"TM_{request}"), (), done=0xFD)

    def _procedures(self, reader: Reader) -> bytes:
        """Calls of procedures, one or as many as rows are bound at once; DONEPROC of all but the last says so."""
        replies = [self._procedure(reader)]
        while reader.more:
            reader.take(1)  # the flag between two calls
            replies.append(self._procedure(reader))
        return b"".join(reply + tds.done(more=reply is not replies[-1], kind=0xFE) for reply in replies)

    def _procedure(self, reader: Reader) -> bytes:
        size = reader.number(2)
        name = _PROCEDURES.get(number := reader.number(2), str(number)) if size == 0xFFFF else reader.text(size)
        reader.take(2)
        values = []
        while reader.more and reader.data[reader.at] != _BATCH_FLAG:
            values.append(reader.parameter())
        handle = b""
        if name in ("sp_prepexec", "sp_prepare"):
            made = len(self._prepared) + 1
            self._prepared[made] = values[2]
            handle = b"\xac\0\0\0\x01" + struct.pack("<IH", 0, 0) + b"\x26\x04\x04" + struct.pack("<i", made)
        if name == "sp_prepare":
            return b"\x79\0\0\0\0" + handle
        if name == "sp_prepexec":
            self._endpoint.declared.append(values[1])
            sql, values = values[2], values[3:]
        elif name == "sp_execute":
            sql, values = self._prepared[values[0]], values[1:]
        elif name == "sp_executesql":
            self._endpoint.declared += values[1:2]
            sql, values = values[0], values[2:]
        elif name == "sp_unprepare":
            return b"\x79\0\0\0\0"
        elif name == "sp_describe_undeclared_parameters":
            return self._described(values[0])
        else:
            sql = name
        return self._answer(sql, tuple(values), done=0xFF) + b"\x79\0\0\0\0" + handle

    def _described(self, sql: str) -> bytes:
        """What parameters of a statement are, or that the server cannot tell."""
        self._endpoint.described.append(sql)
        refused = self._endpoint.undescribed
        answer = refused if refused is not None else Rows(tds_parameters.COLUMNS, tds_parameters.described(sql))
        return self._answered(answer, done=0xFF) + b"\x79\0\0\0\0"

    def _answer(self, sql: str, values: tuple[Any, ...], *, done: int) -> bytes:
        self._endpoint.statements.append((sql, values))
        return self._answered(self._endpoint.answer(sql, values), done=done)

    def _answered(self, answers: Answer, *, done: int) -> bytes:
        if isinstance(answers, Rows | ServerError | Changed):
            answers = [answers]
        body = b""
        for at, answer in enumerate(answers):
            more = done == 0xFF or at < len(answers) - 1
            if isinstance(answer, Rows) and answer.dropped:
                self._send(body + tds.result(answer.columns, answer.rows), whole=False)
                raise Dropped
            if isinstance(answer, Rows) and answer.error is not None:
                body += tds.result(answer.columns, answer.rows)
                body += tds.error(answer.error.number, answer.error.message, severity=answer.error.severity)
                return body + tds.done(failed=True, more=done == 0xFF, kind=done)
            if isinstance(answer, Rows):
                body += tds.result(answer.columns, answer.rows) + tds.done(len(answer.rows), more=more, kind=done)
            elif isinstance(answer, ServerError):
                body += tds.error(answer.number, answer.message, severity=answer.severity)
                return body + tds.done(failed=True, more=done == 0xFF, kind=done)
            elif isinstance(answer, Called):
                body += b"\x79" + struct.pack("<i", answer.status) + tds.done(more=True, kind=0xFE)
            else:
                if answer.environment == 8:
                    body += tds.env_bytes(8, _TRANSACTION_ID, b"")
                elif answer.environment is not None:
                    body += tds.env_bytes(answer.environment, b"", _TRANSACTION_ID)
                body += tds.done(answer.rows, more=more, kind=done)
        return body

    def _message(self) -> tuple[int | None, bytes]:
        data = b""
        while True:
            head = self._exactly(8)
            if head is None:
                return None, b""
            kind, status, size = struct.unpack_from(">BBH", head)
            data += self._exactly(size - 8) or b""
            if status & 1:
                return kind, data

    def _exactly(self, size: int) -> bytes | None:
        data = b""
        while len(data) < size:
            more = self._client.recv(size - len(data))
            if not more:
                return None
            data += more
        return data

    def _send(self, data: bytes, *, whole: bool = True) -> None:
        size = _PACKET - 8
        pieces = [data[at : at + size] for at in range(0, len(data), size)] or [b""]
        for number, piece in enumerate(pieces):
            last = whole and number == len(pieces) - 1
            head = struct.pack(">BBHHBB", 0x04, 1 if last else 0, len(piece) + 8, 0, (number + 1) % 256, 0)
            self._client.sendall(head + piece)
