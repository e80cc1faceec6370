"""What sources and sinks ask of a driver. One class a driver implements it; nothing else imports the driver."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import pyarrow as pa

from loaders.database.select import Select, Value


class Connection(Protocol):
    """One connection to a database, for one thread at a time.

    Every method raises the errors of loaders.errors, as the dialect classifies the driver's. Outside of `begin` and
    `commit` each statement is its own transaction. After TransientError or UnavailableError a connection is of no more
    use: close it and connect again.

    streams: whether rows arrive while they are consumed; where not, a result is held by the driver as a whole, and
    whoever reads much asks for it in parts. one_snapshot: whether a snapshot is that of texts of any length, and not
    only of those that `begin` was told of.
    """

    streams: bool
    one_snapshot: bool

    def run(self, sql: str, values: Sequence[Value] = ()) -> int:
        """Run a statement that returns no rows. The rows it changed; -1 where the driver does not know."""
        ...

    def fetch(self, select: Select, *, batch_bytes: int = 8_000_000) -> Iterator[pa.RecordBatch]:
        """The rows, in batches of about so many bytes, each exactly as the server has it or an error; never other
        bytes, whatever the length of a text."""
        ...

    def table(self, select: Select) -> pa.Table:
        """The same, whole: for small results."""
        ...

    def begin(self, *, snapshot: bool = False, longest: int = 0) -> None:
        """Begin a transaction. snapshot: one for reading, which sees one state of the database where that can do so
        without locking out writers. longest: of the texts that will be read in it, in the unit of
        ReadingDialect.length; a longer one is read too, but may be read from another state."""
        ...

    def commit(self) -> None:
        """Make it visible. An error leaves in doubt whether it is: read back what tells."""
        ...

    def rollback(self) -> None:
        """Undo it; never raises: where it cannot, the server does once the connection is closed."""
        ...

    def close(self) -> None:
        """Let go of it, which undoes a transaction; may be called twice."""
        ...
