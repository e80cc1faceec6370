"""A connection over turbodbc, for every database that has an ODBC driver. All that is read goes through the truncation
guard; there is no other way to fetch. Nothing else imports turbodbc.

How long a text may be is an option of turbodbc's connections, so a connection here is several: one for each size of
texts that was met, opened when needed.
"""

from __future__ import annotations

import contextlib
import importlib.util
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from loaders.database.address import Secret
from loaders.database.bulk import BulkTarget
from loaders.database.dialect import FaultDialect
from loaders.database.select import Select, Selected, Value
from loaders.database.truncation_guard import TooLongError, TruncationGuard
from loaders.database.value_text import typed_batch
from loaders.errors import LoaderError, TransientError, UsageError

_MB = 1 << 20
# Names, keys and numbers are shorter than this.
_SHORT = 4096
# Sizes between which there is no other: a buffer is at most four times too long, and twice where that is much memory.
_SIZES = (_SHORT, 16 << 10, 64 << 10, 256 << 10, _MB)
# Rows are fetched in blocks of so many bytes where memory allows: larger ones gained nothing, and every statement makes
# its buffers anew. Those of short texts stay in the processor's cache: 1 KB documents took a third less time.
_BLOCK, _BLOCK_OF_SHORT, _SHORT_TEXTS = 8 * _MB, 2 * _MB, 64 << 10
# Blocks are put together to batches of so many bytes, or half of what is asked for where that is less: what is copied
# beyond that costs more than the batches that it saves.
_TOGETHER = 4 * _MB


def turbodbc_is_there() -> bool:
    """Whether turbodbc is installed."""
    return importlib.util.find_spec("turbodbc") is not None


@dataclass(frozen=True)
class SharedSnapshot:
    """How a snapshot is handed to other connections. export: what names it. adopt: the statement that begins a
    transaction in it."""

    export: Selected
    adopt: Callable[[str], str]


@dataclass(frozen=True)
class TurbodbcOptions:
    """How to connect, and what differs between databases.

    name: what to call the database in messages. length, framed: see TruncationGuard. utf16: whether the driver's wide
    path is taken. session: statements that every new connection begins with. before: SQL that goes with every SELECT,
    in front of it, where settings do not outlive a statement. transactions: whether `begin` begins one; without, each
    SELECT is its own. snapshot: statements that begin a transaction for reading. shared: how other connections come to
    see the same snapshot; None where they cannot. sized: what stands behind the connection string for buffers of texts
    of so many bytes. memory: bytes for buffers. parameter_rows: rows that a bulk insert sends at once. whole_results:
    whether the driver holds a result as a whole before the first row; it then says how many rows there are, and may
    never say that there are no more. ends: whether the driver surely says when there are no more rows; where not, rows
    are counted before. lost_in_silence: whether the driver ends a result as if there were no more rows when the
    connection is lost. packet: what says how many bytes the server takes at once; None where that is no matter.
    """

    connection_string: Secret
    name: str
    length: Callable[[str], str]
    faults: FaultDialect
    utf16: bool = False
    framed: Callable[[str, Sequence[bool]], str] | None = None
    session: tuple[str, ...] = ()
    before: str = ""
    transactions: bool = True
    snapshot: tuple[str, ...] = ()
    shared: SharedSnapshot | None = None
    sized: Callable[[int], str] | None = None
    memory: int = 64 * _MB
    parameter_rows: int = 1
    whole_results: bool = False
    ends: bool = True
    lost_in_silence: bool = False
    packet: Selected | None = None


class TurbodbcConnection:
    """See loaders.database.connection.Connection and loaders.database.bulk.BulkConnection."""

    def __init__(self, options: TurbodbcOptions) -> None:
        self._options = options
        self._guard = TruncationGuard(options.length, options.utf16, options.name, options.framed)
        self._by_size: dict[int, Any] = {}  # turbodbc has no types
        self._begun: list[int] = []  # the sizes whose connections are in the transaction, the first one first
        self._adopt: tuple[str, ...] = ()
        self._packet_bytes: int | None = None
        self.streams = not options.whole_results
        self.one_snapshot = options.shared is not None
        self._of_size(_SHORT)

    def run(self, sql: str, values: Sequence[Value] = ()) -> int:
        """See Connection.run: with values, turbodbc does not know how many rows were changed."""
        with self._errors(), self._cursor(self._connection()) as cursor:
            cursor.execute(sql, list(values))
            return -1 if values else int(cursor.rowcount)

    def fetch(self, select: Select, *, batch_bytes: int = 8_000_000) -> Iterator[pa.RecordBatch]:
        """See Connection.fetch. Without `rows` and `longest`, the server is asked for them before."""
        rows, longest = select.rows, select.longest
        if rows is None or longest is None:
            if select.order:
                yield from self.table(select).to_batches()
                return
            rows, found = self._probe(select)
            longest = found if longest is None else min(longest, found)
        yield from self._fetched(select, self._size(longest), rows, min(batch_bytes // 2, _TOGETHER))

    def table(self, select: Select) -> pa.Table:
        """See Connection.table: with the buffers at hand, and again with longer ones where a text needs them."""
        size = self._size(0)
        while True:
            try:
                batches = list(self._fetched(select, size, select.rows, _TOGETHER))
            except TooLongError as error:
                size = self._size(error.longest)
            else:
                return pa.Table.from_batches(batches, select.schema)

    def insert(self, target: BulkTarget, rows: pa.Table) -> int:
        """See BulkConnection.insert."""
        from loaders.database.write_gate import insert

        with self._errors(), self._cursor(self._connection()) as cursor:
            return insert(cursor, target.statement, rows, self._options.parameter_rows, self._packet())

    def _packet(self) -> int | None:
        """Bytes that the server takes at once; asked once."""
        asked = self._options.packet
        if asked is not None and self._packet_bytes is None:
            self._packet_bytes = self.table(Select((asked,), ""))[asked.name][0].as_py()
        return self._packet_bytes

    def begin(self, *, snapshot: bool = False, longest: int = 0) -> None:
        """See Connection.begin. A snapshot that cannot be shared is of the one connection whose buffers suffice."""
        shared = self._options.shared if snapshot else None
        self._begin_on(_SHORT if shared else self._size(longest), self._options.snapshot if snapshot else ())
        if shared is not None:
            name = self.table(Select((shared.export,), ""))[shared.export.name][0].as_py()
            self._adopt = (shared.adopt(name),)

    def _begin_on(self, size: int, statements: Sequence[str]) -> None:
        connection = self._of_size(size)
        with self._errors():
            connection.autocommit = not self._options.transactions
            self._begun.append(size)
            for statement in statements:
                with self._cursor(connection) as cursor:
                    cursor.execute(statement)

    def commit(self) -> None:
        """See Connection.commit. Of several, only the first can have written."""
        with self._errors():
            for size in self._begun:
                self._by_size[size].commit()
                self._by_size[size].autocommit = True
        self._begun, self._adopt = [], ()

    def rollback(self) -> None:
        """See Connection.rollback."""
        if not self._begun:
            return
        import turbodbc

        begun, self._begun, self._adopt = self._begun, [], ()
        try:
            for size in begun:
                self._by_size[size].rollback()
                self._by_size[size].autocommit = True
        except (turbodbc.Error, *_untranslated()):
            self.close()

    def close(self) -> None:
        """See Connection.close."""
        self._begun, self._adopt = [], ()
        while self._by_size:
            _, connection = self._by_size.popitem()
            connection.close()

    def _probe(self, select: Select) -> tuple[int, int]:
        """How many rows a SELECT has, and the length of its longest text."""
        counted = self._integers(self._connection(), self._guard.probe(select), select.values)
        return counted[0], max(counted[1:], default=0)

    def _integers(self, connection: Any, sql: str, values: Sequence[Value] = ()) -> list[int]:
        """The one row of a statement that gives nothing but integers. Not row by row: that holds the GIL."""
        with self._errors(), self._cursor(connection) as cursor:
            cursor.execute(self._options.before + sql, list(values))
            block = next(iter(cursor.fetcharrowbatches()), None)
            if block is None or not len(block):  # lost in silence
                raise TransientError(f"{self._options.name}: the connection gave no answer")
            return [int(column[0].as_py() or 0) for column in block.columns]

    def _fetched(self, select: Select, size: int, rows: int | None, enough: int) -> Iterator[pa.RecordBatch]:
        """The rows, in batches of the driver's blocks that have `enough` bytes together. rows: that there must be."""
        if rows is None and not self._options.ends:
            numbers = [column for column in select.columns if not column.is_text]
            some = tuple(numbers[:1] or select.columns[:1])
            rows = self._probe(Select(some, select.tail, select.values, select.paging))[0]
        if self._adopt and size not in self._begun:
            self._begin_on(size, self._adopt)
        with self._errors(), self._cursor(self._of_size(size)) as cursor:
            cursor.execute(self._options.before + self._guard.select(select, size), list(select.values))
            # Where the driver surely says the end, it shows rows beyond those that there must be, too.
            expected = None if self._options.ends else rows
            if self._options.whole_results:
                expected = int(cursor.rowcount)
                if expected < 0:
                    raise TransientError(f"{self._options.name}: the connection does not say how many rows there are")
            got, held, held_bytes = 0, list[pa.Table](), 0
            for block in cursor.fetcharrowbatches() if expected != 0 else ():
                if not len(block):
                    break
                got += len(block)
                held.append(block)
                held_bytes += block.nbytes
                if held_bytes >= enough:
                    yield typed_batch(self._guard.checked(pa.concat_tables(held), select, size), select)
                    held, held_bytes = [], 0
                if expected is not None and got >= expected:  # the driver may give the last block again, for ever
                    break
            if held:
                yield typed_batch(self._guard.checked(pa.concat_tables(held), select, size), select)
        if rows is not None and got != rows:
            raise TransientError(f"{self._options.name}: {rows:,} rows became {got:,} while they were read")
        if rows is None and self._options.lost_in_silence:
            self._integers(self._of_size(size), "SELECT 1")  # does not get through then

    def _connection(self) -> Any:
        return self._of_size(self._size(0))

    def _size(self, longest: int) -> int:
        """The smallest size of buffers that holds so many bytes, not below that of the transaction."""
        at_least = max(longest, self._begun[0] if self._begun else 0)
        for size in _SIZES:
            if at_least <= size:
                return size
        size = _SIZES[-1]
        while size < at_least:
            size *= 2
        return size

    def _of_size(self, size: int) -> Any:
        """The connection whose buffers hold texts of so many bytes."""
        if size not in self._by_size:
            self._by_size[size] = self._opened(size)
        return self._by_size[size]

    def _opened(self, size: int) -> Any:
        try:
            import turbodbc
        except ImportError:
            hint = "`make turbodbc` builds it for this Python and pyarrow; `columnar doctor` says more"
            raise UsageError(f"{self._options.name} needs turbodbc, which is not installed", hint=hint) from None
        options = self._options
        block = min(_BLOCK_OF_SHORT if size <= _SHORT_TEXTS else _BLOCK, options.memory // 3)
        with self._errors(secret=True):
            connection = turbodbc.connect(
                connection_string=self._connection_string(size).reveal(),
                turbodbc_options=turbodbc.make_options(
                    read_buffer_size=turbodbc.Megabytes(max(1, block // _MB)),
                    parameter_sets_to_buffer=options.parameter_rows,
                    # Four bytes a character on either path: drivers tell the length of a column in characters.
                    varchar_max_character_limit=size // 4,
                    force_extra_capacity_for_unicode=True,
                    limit_varchar_results_to_max=True,
                    prefer_unicode=options.utf16,
                    # Executing a statement would hold the GIL until its first rows are there.
                    use_async_io=False,
                    autocommit=True,
                ),
            )
        with self._errors():
            for statement in options.session:
                with self._cursor(connection) as cursor:
                    cursor.execute(statement)
        return connection

    def _connection_string(self, size: int) -> Secret:
        options = self._options
        if options.sized is None:
            return options.connection_string
        return Secret(f"{options.connection_string.reveal()};{options.sized(size)}")

    @contextmanager
    def _cursor(self, connection: Any) -> Iterator[Any]:
        cursor = connection.cursor()
        try:
            yield cursor
        finally:
            with contextlib.suppress(RuntimeError):  # of a connection that is lost; what matters was raised before
                cursor.close()

    @contextmanager
    def _errors(self, *, secret: bool = False) -> Iterator[None]:
        """The driver's errors as ours. secret: where its own could hold the connection string, which stays out of the
        chain."""
        import turbodbc

        try:
            yield
        except LoaderError:
            raise
        except (turbodbc.Error, *_untranslated(), RuntimeError, ValueError, pa.ArrowException, MemoryError) as error:
            told = self._options.faults.error(self._options.name, error)
            raise told from (None if secret else error)


def _untranslated() -> tuple[type[Exception], ...]:
    """What turbodbc raises where it forgets to make its own errors of it: on setting autocommit."""
    from turbodbc import exceptions

    return exceptions.InternError, exceptions.InternInterfaceError
