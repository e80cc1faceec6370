"""A connection that is lost at one of its calls: before the server hears of it, or after it has done it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa

from loaders.database.bulk import BulkConnection, BulkTarget
from loaders.database.select import Select, Value
from loaders.errors import TransientError


@dataclass
class Cut:
    """Counts the calls of all connections that share it. at: the one that fails, from 1. before: whether the server
    never hears of it. armed: whether calls count at all. reached: whether that one came."""

    at: int
    before: bool
    armed: bool = False
    reached: bool = False
    calls: int = 0

    def comes(self) -> bool:
        """Whether this call is the one."""
        if not self.armed:
            return False
        self.calls += 1
        if self.calls == self.at:
            self.reached = True
            return True
        return False


class CuttingConnection:
    """See loaders.database.bulk.BulkConnection."""

    def __init__(self, connection: BulkConnection, cut: Cut) -> None:
        self._connection = connection
        self._cut = cut
        self.streams = connection.streams
        self.one_snapshot = connection.one_snapshot

    def run(self, sql: str, values: Sequence[Value] = ()) -> int:
        comes = self._comes()
        rows = self._connection.run(sql, values)
        self._after(comes)
        return rows

    def fetch(self, select: Select, *, batch_bytes: int = 8_000_000) -> Iterator[pa.RecordBatch]:
        comes = self._comes()
        yield from self._connection.fetch(select, batch_bytes=batch_bytes)
        self._after(comes)

    def table(self, select: Select) -> pa.Table:
        comes = self._comes()
        found = self._connection.table(select)
        self._after(comes)
        return found

    def insert(self, target: BulkTarget, rows: pa.Table) -> int:
        comes = self._comes()
        count = self._connection.insert(target, rows)
        self._after(comes)
        return count

    def begin(self, *, snapshot: bool = False, longest: int = 0) -> None:
        comes = self._comes()
        self._connection.begin(snapshot=snapshot, longest=longest)
        self._after(comes)

    def commit(self) -> None:
        comes = self._comes()
        self._connection.commit()
        self._after(comes)

    def rollback(self) -> None:
        self._connection.rollback()

    def close(self) -> None:
        self._connection.close()

    def _comes(self) -> bool:
        comes = self._cut.comes()
        if comes and self._cut.before:
            self._lose()
        return comes

    def _after(self, comes: bool) -> None:
        if comes:
            self._lose()

    def _lose(self) -> None:
        self._connection.close()
        raise TransientError(f"cut at call {self._cut.at}")
