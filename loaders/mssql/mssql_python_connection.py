"""SQL Server over mssql-python: the only module that imports it.

It reads text of any length exactly and brings Microsoft's driver with it, on Windows too. Its `arrow` turns VARCHAR
under a code page into something else, so every text is selected as NVARCHAR. Statements run in autocommit, and
transactions begin and end by T-SQL: under manual commit the driver would begin a new one behind a server that had just
undone ours, and commit its second half.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import mssql_python
import pyarrow as pa
import pyarrow.compute as pc
from mssql_python import ddbc_bindings

from loaders.database.bulk import BulkTarget
from loaders.database.dialect import FaultDialect
from loaders.database.select import Select, Value
from loaders.database.value_text import typed_batch
from loaders.database.written_columns import written
from loaders.errors import LoaderError, TransientError
from loaders.mssql.arrow_batches import arrow_batches
from loaders.mssql.bulk_copy import bulk_copy
from loaders.mssql.half_pairs import looks_replaced, second_look, without_halves
from loaders.mssql.nul_documents import without_nuls
from loaders.mssql.session import COMMIT, ROLLBACK, SNAPSHOT_STATE, begin_sql
from loaders.mssql.statement import select_sql
from loaders.mssql.told_number import told_number

# The driver pools nothing: a connection that failed must be gone, and settings of a session belong to it alone.
mssql_python.pooling(enabled=False)

_CHANGES = re.compile(r"\s*(INSERT|UPDATE|DELETE|MERGE)\b", re.IGNORECASE)
_COUNTED = ";\nSELECT ROWCOUNT_BIG();"
_SHORT = 4000  # characters of nvarchar(n); longer values are bound as nvarchar(max)
# "[42000] (208)": how the driver's records begin.
_RECORD = re.compile(r"\[(\w{5})\] \((-?\d+)\)")
_STATE = re.compile(r"^SQLSTATE:(\w{5}):")
# What mssql-python says instead of a SQLSTATE, where it matters.
_STATES = {
    "Integrity constraint violation": "23000",
    "Serialization failure": "40001",
    "Communication link failure": "08S01",
    "Client unable to establish connection": "08001",
    "Server rejected the connection": "08004",
    "Connection not open": "08003",
    "Connection failure during transaction": "08007",
    "Invalid authorization specification": "28000",
    "Timeout expired": "HYT00",
    "Connection timeout expired": "HYT01",
    "String data, right-truncated": "22001",
    "Numeric value out of range": "22003",
    "Invalid datetime format": "22007",
    "Datetime field overflow": "22008",
    "Invalid character value for cast specification": "22018",
    "Base table or view not found": "42S02",
}


class ToldError(Exception):
    """What the driver said, with what loaders.database.driver_error looks for."""

    def __init__(self, message: str, sqlstate: str, number: int) -> None:
        super().__init__(message)
        self.sqlstate = sqlstate
        self.vendor_code = number


class _TellingCursor(mssql_python.Cursor):  # type: ignore[misc]  # untyped
    """Keeps the records of an error, which have the server's number, before the driver forgets them."""

    records: Sequence[tuple[str, str]] = ()

    def _reset_cursor(self) -> None:
        self.records = self.told()
        super()._reset_cursor()

    def told(self) -> Sequence[tuple[str, str]]:
        """The records of the last error, where the statement still has them."""
        if not self.hstmt:
            return ()
        return tuple(ddbc_bindings.DDBCSQLGetAllDiagRecords(self.hstmt))


class MssqlPythonConnection:
    """See loaders.database.bulk.BulkConnection.

    connection_string: with its secrets, for the driver alone. elsewhere: the same for another database, '' for none:
    see _logged_in. session: SET statements that every session begins with. what: the database as errors name it.
    isolation: `snapshot`, `read_committed`, or '' for what the database allows.
    """

    streams = True

    def __init__(
        self,
        connection_string: str,
        faults: FaultDialect,
        *,
        session: str,
        what: str,
        login_timeout: int,
        isolation: str = "",
        elsewhere: str = "",
    ) -> None:
        self._faults = faults
        self._what = what
        self._isolation = isolation
        self._snapshot: bool | None = None
        self._open: list[_TellingCursor] = []
        self._raw: Any = None  # the driver's own types say little
        with self._told():
            self._raw = self._logged_in(connection_string, elsewhere, login_timeout)
        try:
            self._execute(session, ())
        except LoaderError:
            self.close()
            raise

    def _logged_in(self, connection_string: str, elsewhere: str, timeout: int) -> Any:
        """The driver's connection. Of a database that is not there, or not for this login, the server says so first and
        then that the login failed; this driver tells the second alone. Whoever may log in elsewhere gave the right
        password."""
        try:
            return mssql_python.connect(connection_string, autocommit=True, timeout=timeout)
        except mssql_python.Error as error:
            refused = _STATES.get(error.driver_error, "") == "28000" and told_number(str(error))[0] in (0, 18456)
            if not refused or not elsewhere:
                raise
            try:
                mssql_python.connect(elsewhere, autocommit=True, timeout=timeout).close()
            except mssql_python.Error:
                raise error from None
        told = "Cannot open the database for this login: it is not there, or has no user for it"
        raise self._faults.error(self._what, ToldError(told, "42000", 4060))

    def run(self, sql: str, values: Sequence[Value] = ()) -> int:
        """See Connection.run."""
        counted = _CHANGES.match(sql) is not None
        with self._cursor() as cursor, self._told(cursor):
            self._bind(cursor, sql + _COUNTED if counted else sql, values)
            rows = -1
            # Triggers may return rows of their own; an error may stand behind any result.
            while True:
                if counted and cursor.description:
                    found = cursor.fetchone()
                    rows = int(found[0]) if found else rows
                if not cursor.nextset():
                    return rows

    def fetch(self, select: Select, *, batch_bytes: int = 8_000_000) -> Iterator[pa.RecordBatch]:
        """See Connection.fetch: of any length. Documents with U+FFFD come last; see loaders.mssql.half_pairs."""
        got = suspects = 0
        document = select.document if _is_text(select) else None
        for batch in self._selected(limited(select), batch_bytes):
            got += len(batch)
            if document:
                batch = _with(batch, document, without_nuls(batch[document]))
                suspect = looks_replaced(batch[document])
                if suspect is not None:
                    suspects += pc.sum(suspect).as_py()
                    batch = batch.filter(pc.invert(suspect))
            if len(batch):
                yield typed_batch(batch.columns, select)
        if suspects and document:
            for batch in self._selected(second_look(limited(select)), batch_bytes):
                suspects -= len(batch)
                yield typed_batch(without_halves(batch, document).columns, select)
        if suspects or select.rows not in (None, got):
            raise TransientError(f"{self._what}: rows changed while they were read")

    def table(self, select: Select) -> pa.Table:
        """See Connection.table."""
        return pa.Table.from_batches(list(self.fetch(select)), select.schema)

    def begin(self, *, snapshot: bool = False, longest: int = 0) -> None:
        """See Connection.begin."""
        self._execute(begin_sql(snapshot=snapshot and self._has_snapshots()), ())

    def commit(self) -> None:
        """See Connection.commit."""
        self._execute(COMMIT, ())

    def rollback(self) -> None:
        """See Connection.rollback. A result that is not read to its end is all that the connection can do, until it is
        let go of; where it cannot be undone, closing does it."""
        for cursor in [*self._open]:
            self._let_go(cursor)
        try:
            self._execute(ROLLBACK, ())
        except LoaderError:
            self.close()

    def insert(self, target: BulkTarget, rows: pa.Table) -> int:
        """See BulkConnection.insert: outside of the transaction, by a connection of its own; into a temporary table,
        which only this session sees, row by row."""
        if target.table.startswith("#"):
            return self._insert_here(target, rows)
        with self._cursor() as cursor, self._told():
            return bulk_copy(cursor.bulkcopy_arrow, target, rows)

    def close(self) -> None:
        """See Connection.close."""
        raw, self._raw = self._raw, None
        if raw is not None:
            with contextlib.suppress(mssql_python.Error, RuntimeError):  # lost already
                raw.close()

    def _selected(self, select: Select, batch_bytes: int) -> Iterator[pa.RecordBatch]:
        """The rows in the driver's types, text as `string`."""
        with self._cursor() as cursor, self._told(cursor):
            self._bind(cursor, select_sql(select), select.values)
            for batch in arrow_batches(cursor.arrow_batch, batch_bytes, documents=select.document is not None):
                yield _named(batch, select)

    def _has_snapshots(self) -> bool:
        if self._isolation:
            return self._isolation == "snapshot"
        if self._snapshot is None:
            with self._cursor() as cursor, self._told(cursor):
                cursor.execute(f"SELECT {SNAPSHOT_STATE}")
                found = cursor.fetchone()
            self._snapshot = bool(found) and found[0] == 1
        return self._snapshot

    def _insert_here(self, target: BulkTarget, rows: pa.Table) -> int:
        columns = [each if pa.types.is_integer(each.type) else written(each, pa.string()) for each in rows.columns]
        values = list(zip(*(column.to_pylist() for column in columns), strict=True))
        short = [row for row in values if not _is_long(row)]
        if short:
            with self._cursor() as cursor, self._told(cursor):
                cursor.setinputsizes([_size_of(column) for column in columns])
                cursor.executemany(target.statement, short)
        for row in values if len(short) < len(values) else ():
            if _is_long(row):  # the driver binds nvarchar(max) for one row at a time
                self._execute(target.statement, row)
        return len(values)

    def _execute(self, sql: str, values: Sequence[Value]) -> None:
        with self._cursor() as cursor, self._told(cursor):
            self._bind(cursor, sql, values)
            while cursor.nextset():
                pass

    @staticmethod
    def _bind(cursor: _TellingCursor, sql: str, values: Sequence[Value]) -> None:
        """Every value with a type of its own: what the driver takes NULL or plain ASCII for depends on the value."""
        if not values:
            cursor.execute(sql)
            return
        cursor.setinputsizes([_size(value) for value in values])
        cursor.execute(sql, list(values))

    @contextlib.contextmanager
    def _cursor(self) -> Iterator[_TellingCursor]:
        if self._raw is None:
            raise TransientError(f"{self._what}: the connection is closed")
        with self._told():
            cursor = _TellingCursor(self._raw)
        self._open.append(cursor)
        try:
            yield cursor
        finally:
            self._let_go(cursor)

    def _let_go(self, cursor: _TellingCursor) -> None:
        if cursor in self._open:
            self._open.remove(cursor)
            with contextlib.suppress(mssql_python.Error, RuntimeError):  # with a lost connection it is lost, too
                cursor.close()

    @contextlib.contextmanager
    def _told(self, cursor: _TellingCursor | None = None) -> Iterator[None]:
        """Errors of the driver as those of loaders.errors, never chained: it may quote the connection string."""
        try:
            yield
        except LoaderError:
            raise
        except (
            mssql_python.Error,
            mssql_python.Warning,
            mssql_python.ConnectionStringParseError,
            RuntimeError,
            OSError,
        ) as error:
            raise self._faults.error(self._what, _told_error(error, cursor)) from None
        except (ValueError, TypeError, MemoryError) as error:
            raise self._faults.error(self._what, error) from None
        except BaseException as error:
            # A panic of the bulk copy's core is no Exception; what it had copied is in doubt.
            if type(error).__name__ != "PanicException":
                raise
            raise self._faults.error(self._what, ToldError(f"panic: {error}", "", 0)) from None


def limited(select: Select) -> Select:
    """The SELECT with NULL for documents that are longer than it wants."""
    if select.longest is None:
        return select
    most = int(select.longest)
    columns = [
        replace(column, sql=f"CASE WHEN DATALENGTH({column.sql}) <= {most} THEN {column.sql} END")
        if column.name == select.document
        else column
        for column in select.columns
    ]
    return replace(select, columns=tuple(columns), longest=None)


def _is_text(select: Select) -> bool:
    kinds = {column.name: column.type for column in select.columns}
    kind = kinds.get(select.document or "")
    return kind is not None and (pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _named(batch: pa.RecordBatch, select: Select) -> pa.RecordBatch:
    """With the names of the SELECT; texts with 32-bit offsets, as every other driver has them."""
    arrays = [values.cast(pa.string()) if pa.types.is_large_string(values.type) else values for values in batch.columns]
    return pa.RecordBatch.from_arrays(arrays, names=[column.name for column in select.columns])


def _with(batch: pa.RecordBatch, name: str, values: pa.Array) -> pa.RecordBatch:
    at = batch.schema.get_field_index(name)
    return batch.set_column(at, batch.schema.field(at), values)


def _size(value: Value) -> tuple[int, int, int]:
    if isinstance(value, int):
        return mssql_python.SQL_BIGINT, 0, 0
    units = 0 if value is None else len(value.encode("utf-16-le", "surrogatepass")) // 2
    return mssql_python.SQL_WVARCHAR, _SHORT if units <= _SHORT else 0, 0


def _is_long(row: Sequence[Value]) -> bool:
    return any(isinstance(value, str) and not _size(value)[1] for value in row)


def _size_of(column: pa.ChunkedArray) -> tuple[int, int, int]:
    if pa.types.is_integer(column.type):
        return mssql_python.SQL_BIGINT, 0, 0
    return mssql_python.SQL_WVARCHAR, _SHORT, 0


def _told_error(error: BaseException, cursor: _TellingCursor | None) -> ToldError:
    """The first record that tells the server's number, else what the exception's text gives away."""
    message: Any = getattr(error, "ddbc_error", "") or str(error)
    state = _STATES.get(getattr(error, "driver_error", ""), "")
    if found := _STATE.match(message):
        state, message = found[1], message[found.end() :]
    number = 0
    records = (cursor.records or cursor.told()) if cursor is not None else ()
    for head, text in records:
        record = _RECORD.match(head)
        if record and int(record[2]) and not record[1].startswith("01"):  # which is no more than information
            state, number, message = record[1], int(record[2]), text
            break
    if not number:
        number, message = told_number(str(message))
    return ToldError(str(message), state, number)
