"""The bulk path of a driver: many Arrow rows into one table, inside the connection's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from loaders.database.connection import Connection


@dataclass(frozen=True, slots=True)
class BulkTarget:
    """Where rows go. columns: the names, in the order of the rows' columns. statement: the INSERT with a `?` (in an
    expression that gives it the column's type) for each column, for drivers that bind columns of parameters; drivers
    that copy go by the names."""

    schema: str
    table: str
    columns: tuple[str, ...]
    statement: str


class BulkConnection(Connection, Protocol):
    """A connection that can write."""

    def insert(self, target: BulkTarget, rows: pa.Table) -> int:
        """Add the rows, whose types are those of WritingDialect.written_as. How many the server took; whoever asked
        compares it with what was sent. An error leaves the transaction to be rolled back."""
        ...


class Connect(Protocol):
    """Opens a new connection at each call.

    parameter_rows: how many rows a driver that binds parameters sends at once; it holds as many of the longest value.
    """

    def __call__(self, parameter_rows: int, /) -> BulkConnection:
        """Connect."""
        ...
