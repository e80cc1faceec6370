"""Connections that are opened when needed, reused, and never used again after an error."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from loaders.database.connection import Connection
from loaders.errors import TransientError


class ConnectionPool:
    """For any number of threads; each has a connection of its own while it uses one."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._idle: list[Connection] = []
        self._lock = threading.Lock()
        self._closed = False

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A connection, outside of any transaction. After an error it is closed: what state it is in, nobody knows."""
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        connection = connection or self._connect()
        try:
            yield connection
        except BaseException as error:
            connection.close()
            if isinstance(error, TransientError):  # what cut off one has mostly cut off all
                self._close_idle()
            raise
        with self._lock:
            keep = not self._closed
            if keep:
                self._idle.append(connection)
        if not keep:
            connection.close()

    def close(self) -> None:
        """Close those that nobody uses, and the others once they are given back; may be called twice."""
        self._closed = True
        self._close_idle()

    def _close_idle(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()
