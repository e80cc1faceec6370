"""Publishing chunks to PostgreSQL and MariaDB, with ledger row and checks, against the bare drivers' bulk inserts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import partial
from itertools import count

import pyarrow as pa

from bench.measure import interleaved, show
from loaders.database.address import parse_address
from loaders.database.bulk import BulkConnection
from loaders.database.database_sink import DatabaseSink, DatabaseSinkOptions
from loaders.database.dialect import Dialect
from loaders.database.written_columns import written_rows
from loaders.mariadb import connect as mariadb
from loaders.mariadb.dialect import MARIADB
from loaders.odbc_drivers import MARIADB as MARIADB_DRIVER
from loaders.odbc_drivers import driver_library
from loaders.postgresql import connect as postgresql
from loaders.postgresql.dialect import POSTGRESQL
from loaders.sink import Part, TableSpec
from tests.servers.account import Account
from tests.servers.mariadb import MariaDBServer
from tests.servers.postgresql import PostgreSQLServer

ROWS = 40_000
ROUNDS = 5
_VALUES = {
    "flag": (pa.bool_(), True),
    "small": (pa.int16(), 7),
    "number": (pa.int64(), 2**40),
    "ratio": (pa.float64(), 0.125),
    "amount": (pa.decimal128(12, 2), Decimal("1234.50")),
    "day": (pa.date32(), date(2024, 2, 29)),
    "at": (pa.timestamp("us"), datetime(2024, 2, 29, 1, 2, 3, 4)),
    "zoned": (pa.timestamp("us", "UTC"), datetime(2024, 2, 29, 1, 2, 3, 4, UTC)),
    "clock": (pa.time64("us"), time(23, 59, 59)),
    "text": (pa.string(), "some words of a contract"),
}
LEDGER = TableSpec(
    "ledger", pa.schema([pa.field("chunk", pa.int64(), nullable=False), ("run", pa.string())]), ("chunk",)
)


def main() -> None:
    """Measure and print."""
    rows = _rows()
    spec = TableSpec("wide", pa.schema([rows.schema.field(0).with_nullable(False), *list(rows.schema)[1:]]), ("id",))
    with PostgreSQLServer.running("-c", "shared_buffers=512MB", "-c", "max_wal_size=4GB") as server:
        account = server.create_database("bench")
        sinks = {way: _sink(POSTGRESQL, account, way) for way in ("direct", "staged")}
        sinks["direct"].prepare([LEDGER, spec], create=True)
        sinks["staged"].prepare([LEDGER, spec], create=False)
        empty = partial(server.execute, "TRUNCATE wide", database="bench")
        bare = partial(_bare_adbc, account, rows)
        _run("PostgreSQL", {"bare ADBC": bare, **_ours(sinks, rows)}, empty)
        for sink in sinks.values():
            sink.close()
    with MariaDBServer.running("--innodb-buffer-pool-size=512M") as maria:
        account = maria.create_database("bench")
        sinks = {way: _sink(MARIADB, account, way) for way in ("direct", "staged")}
        sinks["direct"].prepare([LEDGER, spec], create=True)
        sinks["staged"].prepare([LEDGER, spec], create=False)
        empty = partial(maria.execute, "TRUNCATE wide", database="bench")
        bare = partial(_bare_turbodbc, account, rows, sinks["direct"])
        _run("MariaDB", {"bare turbodbc": bare, **_ours(sinks, rows)}, empty)
        for sink in sinks.values():
            sink.close()


def _rows() -> pa.Table:
    columns = {
        f"{name}_{at}": pa.array([value] * ROWS, kind) for at in range(2) for name, (kind, value) in _VALUES.items()
    }
    return pa.table({"id": pa.array(range(ROWS), pa.int64()), **columns})


def _sink(dialect: Dialect, account: Account, way: str) -> DatabaseSink:
    address = parse_address(account.url)

    def connect(parameter_rows: int) -> BulkConnection:
        if dialect is POSTGRESQL:
            return postgresql.connect(address, reader="adbc")
        return mariadb.connect(address, parameter_rows=parameter_rows)

    return DatabaseSink(DatabaseSinkOptions(dialect=dialect, connect=connect, identity="bench", publish=way))


def _ours(sinks: dict[str, DatabaseSink], rows: pa.Table) -> dict[str, Callable[[], object]]:
    chunks = count()

    def publish(sink: DatabaseSink) -> None:
        chunk = next(chunks)
        ledger = pa.table({"chunk": pa.array([chunk], pa.int64()), "run": ["bench"]})
        sink.publish(f"bench-c{chunk}", [Part("ledger", ledger), Part("wide", rows)])

    return {way: partial(publish, sink) for way, sink in sinks.items()}


def _run(title: str, cases: dict[str, Callable[[], object]], empty: Callable[[], object]) -> None:
    """Before each, the table is emptied, which is not measured."""
    seconds = interleaved(cases, rounds=ROUNDS, before=empty)
    show(f"{title}, rows of 21 mixed columns", seconds, next(iter(cases)), amount=ROWS, unit="rows/s")


def _bare_adbc(account: Account, rows: pa.Table) -> None:
    """One COPY and a commit. The columns have the table's own types, without which COPY refuses them."""
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(account.url) as connection, connection.cursor() as cursor:
        cursor.adbc_ingest("wide", rows, mode="append")
        connection.commit()


def _bare_turbodbc(account: Account, rows: pa.Table, sink: DatabaseSink) -> None:
    """One INSERT of columns that are cast beforehand, as turbodbc needs them, and a commit."""
    import turbodbc

    table = sink._tables.stored("wide")
    kinds = [(column, MARIADB.writing.written_as(column)) for column in table.columns]
    columns = written_rows(rows, kinds, "wide").combine_chunks()
    library = driver_library(MARIADB_DRIVER)
    assert library is not None
    options = turbodbc.make_options(parameter_sets_to_buffer=1000)
    connection = turbodbc.connect(connection_string=account.odbc(library, charset="utf8mb4"), turbodbc_options=options)
    cursor = connection.cursor()
    marks = ", ".join("?" * len(table.columns))
    names = ", ".join(column.name for column in table.columns)
    cursor.executemanycolumns(f"INSERT INTO wide ({names}) VALUES ({marks})", columns)
    connection.commit()
    cursor.close()
    connection.close()
