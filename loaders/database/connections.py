"""The connections of a sink: one that reads, one that writes, each replaced after it failed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from loaders.database.bulk import BulkConnection, Connect
from loaders.errors import TransientError, UnavailableError

# Rows that a driver binds at once, the first one whose buffers fit the memory: few steps, so that a connection serves
# many chunks.
PARAMETER_ROWS = (1000, 200, 40, 8, 1)


class Connections:
    """Opens connections when they are needed and keeps them.

    settings: run on each new one. For one thread at a time.
    """

    def __init__(self, connect: Connect, settings: Sequence[str]) -> None:
        self._connect = connect
        self._settings = settings
        self._reader: BulkConnection | None = None
        self._writer: tuple[int, BulkConnection] | None = None

    def new(self, parameter_rows: int = PARAMETER_ROWS[0]) -> BulkConnection:
        """A connection that its caller closes."""
        connection = self._connect(parameter_rows)
        try:
            for statement in self._settings:
                connection.run(statement)
        except BaseException:
            connection.close()
            raise
        return connection

    @contextmanager
    def reading(self) -> Iterator[BulkConnection]:
        """The one that reads, outside of transactions: it never saw what the writer has not committed."""
        if self._reader is None:
            self._reader = self.new()
        try:
            yield self._reader
        except (TransientError, UnavailableError):
            self._reader.close()
            self._reader = None
            raise

    @contextmanager
    def writing(self, parameter_rows: int) -> Iterator[BulkConnection]:
        """The one that writes. After any error it is closed, which undoes its transaction."""
        if self._writer is not None and self._writer[0] != parameter_rows:
            self._close_writer()
        if self._writer is None:
            self._writer = parameter_rows, self.new(parameter_rows)
        connection = self._writer[1]
        try:
            yield connection
        except BaseException:
            connection.rollback()
            self._close_writer()
            raise

    def close(self) -> None:
        """Close what is open; may be called twice."""
        self._close_writer()
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _close_writer(self) -> None:
        if self._writer is not None:
            self._writer[1].close()
            self._writer = None
