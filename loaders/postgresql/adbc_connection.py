"""A connection to PostgreSQL over ADBC: COPY in both directions, no limits of length. Only this imports its driver."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from loaders.database.address import Secret
from loaders.database.bulk import BulkTarget
from loaders.database.dialect import FaultDialect, ReadingDialect
from loaders.database.select import Select, Value, select_sql
from loaders.database.value_text import typed_batch
from loaders.errors import LoaderError, TransientError, UnavailableError, UsageError
from loaders.postgresql.placeholders import from_settings, numbered, set_settings

_TABLE_BYTES = 8_000_000
_BATCH_BYTES = "adbc.postgresql.batch_size_hint_bytes"


def adbc_is_there() -> bool:
    """Whether ADBC's driver for PostgreSQL is installed."""
    return importlib.util.find_spec("adbc_driver_postgresql") is not None


@dataclass(frozen=True)
class AdbcOptions:
    """How to connect. conninfo: libpq's, with the password. name: what to call the database in messages. session:
    statements that the connection begins with. snapshot: those that begin a transaction for reading."""

    conninfo: Secret
    name: str
    reading: ReadingDialect
    faults: FaultDialect
    session: tuple[str, ...] = ()
    snapshot: tuple[str, ...] = ()


class AdbcConnection:
    """See loaders.database.connection.Connection and loaders.database.bulk.BulkConnection."""

    streams = True
    one_snapshot = True

    def __init__(self, options: AdbcOptions) -> None:
        self._options = options
        self._failed = False
        self._connection: Any = self._opened()  # ADBC's cursors are untyped
        for statement in options.session:
            self.run(statement)

    def run(self, sql: str, values: Sequence[Value] = ()) -> int:
        """See Connection.run."""
        with self._errors(), self._cursor() as cursor:
            cursor.execute(numbered(sql), _row(values) if values else None)
            return int(cursor.rowcount)

    def fetch(self, select: Select, *, batch_bytes: int = 8_000_000) -> Iterator[pa.RecordBatch]:
        """See Connection.fetch: by COPY, since the driver holds all of a result that it binds values for."""
        return self._fetched(select, batch_bytes, copied=True)

    def _fetched(self, select: Select, batch_bytes: int, *, copied: bool) -> Iterator[pa.RecordBatch]:
        got, sql, values = 0, select_sql(select, self._options.reading.length), select.values
        if copied and values and all(isinstance(value, str) for value in values):
            self.run(set_settings(len(values)), values)
            sql, values = from_settings(sql), ()
        with self._errors(), self._cursor() as cursor:
            cursor.adbc_statement.set_options(**{_BATCH_BYTES: str(batch_bytes)})
            cursor.execute(numbered(sql), _row(values) if values else None)
            for batch in cursor.fetch_record_batch():
                got += len(batch)
                if len(batch):
                    yield typed_batch(batch.columns, select)
        if select.rows is not None and got != select.rows:
            raise TransientError(f"{self._options.name}: {select.rows:,} rows became {got:,} while they were read")

    def table(self, select: Select) -> pa.Table:
        """See Connection.table."""
        batches = self._fetched(select, _TABLE_BYTES, copied=select.document is not None)
        return pa.Table.from_batches(list(batches), select.schema)

    def insert(self, target: BulkTarget, rows: pa.Table) -> int:
        """See BulkConnection.insert: by COPY, which takes nothing but the exact types of the columns."""
        with self._errors(), self._cursor() as cursor:
            schema = target.schema or None
            return int(cursor.adbc_ingest(target.table, rows, mode="append", db_schema_name=schema))

    def begin(self, *, snapshot: bool = False, longest: int = 0) -> None:
        """See Connection.begin."""
        self._failed = False
        with self._errors():
            self._connection.adbc_connection.set_autocommit(False)
        for statement in self._options.snapshot if snapshot else ():
            self.run(statement)

    def commit(self) -> None:
        """See Connection.commit. The driver's own returns as if it had succeeded after a statement that failed."""
        if self._failed:
            raise UnavailableError(f"{self._options.name}: a statement failed, so nothing can be committed")
        with self._errors():
            self._connection.adbc_connection.commit()
            self._connection.adbc_connection.set_autocommit(True)

    def rollback(self) -> None:
        """See Connection.rollback."""
        import adbc_driver_manager

        try:
            self._connection.adbc_connection.rollback()  # dbapi's does nothing once autocommit was on
            self._connection.adbc_connection.set_autocommit(True)
        except adbc_driver_manager.Error:
            self.close()

    def close(self) -> None:
        """See Connection.close."""
        import adbc_driver_manager

        with suppress(adbc_driver_manager.Error):
            self._connection.close()

    def _opened(self) -> Any:
        try:
            from adbc_driver_postgresql import dbapi
        except ImportError:
            hint = "pip install 'columnar-backfill[postgres]'"
            raise UsageError(f"{self._options.name} needs ADBC, which is not installed", hint=hint) from None
        with self._errors(secret=True):
            return dbapi.connect(self._options.conninfo.reveal(), autocommit=True)

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        cursor = self._connection.cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    @contextmanager
    def _errors(self, *, secret: bool = False) -> Iterator[None]:
        """The driver's errors as ours. secret: where its own could hold the password, which stays out of the chain."""
        import adbc_driver_manager

        try:
            yield
        except LoaderError:
            raise
        except (adbc_driver_manager.Error, pa.ArrowException, OSError, MemoryError) as error:
            self._failed = True
            told = self._options.faults.error(self._options.name, error)
            raise told from (None if secret else error)


def _row(values: Sequence[Value]) -> pa.RecordBatch:
    """Bound values as the driver takes them: text, or a 64-bit integer."""
    arrays = [pa.array([value], pa.int64() if isinstance(value, int) else pa.string()) for value in values]
    return pa.RecordBatch.from_arrays(arrays, [str(at) for at in range(len(arrays))])
