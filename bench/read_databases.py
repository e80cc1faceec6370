"""Reading documents out of PostgreSQL and MariaDB through the guard, by chunks, against the bare drivers in one go."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from bench.measure import interleaved, show
from loaders.database.address import parse_address
from loaders.database.database_source import DatabaseSource, DatabaseSourceOptions
from loaders.mariadb import connect as mariadb
from loaders.mariadb.dialect import MARIADB
from loaders.odbc_drivers import MARIADB as MARIADB_DRIVER
from loaders.odbc_drivers import POSTGRESQL as POSTGRESQL_DRIVER
from loaders.odbc_drivers import OdbcDriver, driver_library
from loaders.postgresql import connect as postgresql
from loaders.postgresql.dialect import POSTGRESQL
from loaders.source import EVERYTHING, KeyRange, ReadLimits
from tests.servers.account import Account
from tests.servers.mariadb import MariaDBServer
from tests.servers.postgresql import PostgreSQLServer

# Bytes of a document, and how many there are.
SIZES = {"documents of 230 KB": (230_000, 600), "documents of 1 KB": (1_000, 60_000)}
ROUNDS = 5
LIMITS = ReadLimits(batch_bytes=16_000_000, document_bytes=64 << 20)
MEMORY = 64 << 20


def main() -> None:
    """Measure and print."""
    with PostgreSQLServer.running("-c", "shared_buffers=512MB") as server:
        account = server.create_database("bench")
        for title, (size, count) in SIZES.items():
            server.execute(_POSTGRESQL.format(size=size // 32, count=count), database="bench")
            odbc, adbc = _opened(account, "turbodbc"), _opened(account, "adbc")
            cases: dict[str, Callable[[], object]] = {
                "bare turbodbc": partial(_bare_turbodbc, _odbc(account), size, count),
                "turbodbc": partial(_ours, odbc, 1),
                "turbodbc, two connections": partial(_ours, odbc, 2),
                "bare ADBC": partial(_bare_adbc, account),
                "ADBC": partial(_ours, adbc, 1),
                "ADBC, two connections": partial(_ours, adbc, 2),
            }
            _run(f"PostgreSQL, {title}", cases, size * count)
            odbc[0].close()
            adbc[0].close()
    with MariaDBServer.running("--innodb-buffer-pool-size=512M") as server:
        account = server.create_database("bench")
        for title, (size, count) in SIZES.items():
            server.execute(_MARIADB.format(size=size // 32, count=count), database="bench")
            odbc = _opened(account, None)
            cases = {
                "bare turbodbc": partial(_bare_turbodbc, _odbc(account), size, count),
                "turbodbc": partial(_ours, odbc, 1),
                "turbodbc, two connections": partial(_ours, odbc, 2),
            }
            _run(f"MariaDB, {title}", cases, size * count)
            odbc[0].close()


_POSTGRESQL = (
    "DROP TABLE IF EXISTS docs; CREATE TABLE docs (k bigint PRIMARY KEY, doc text);"
    " ALTER TABLE docs ALTER doc SET STORAGE EXTERNAL;"
    " INSERT INTO docs SELECT i, repeat(md5(CAST(i AS text)), {size}) FROM generate_series(1, {count}) i"
)
_MARIADB = (
    "DROP TABLE IF EXISTS docs; CREATE TABLE docs (k bigint PRIMARY KEY, doc longtext) CHARACTER SET utf8mb4;"
    " INSERT INTO docs SELECT seq, repeat(md5(seq), {size}) FROM seq_1_to_{count}"
)


def _run(title: str, cases: dict[str, Callable[[], object]], size: int) -> None:
    seconds = interleaved(cases, rounds=ROUNDS)
    show(title, seconds, "bare turbodbc", amount=size / 1e6, unit="MB/s")


def _odbc(account: Account) -> str:
    if account.backend == "mariadb":
        return account.odbc(_library(MARIADB_DRIVER), charset="utf8mb4")
    return account.odbc(_library(POSTGRESQL_DRIVER), **postgresql.FETCHING)


def _library(driver: OdbcDriver) -> Path:
    found = driver_library(driver)
    if found is None:
        raise SystemExit(f"{driver.name} is not there: {driver.install}")
    return found


def _bare_turbodbc(connection_string: str, size: int, count: int) -> None:
    """One SELECT of everything into Arrow batches, with buffers that are known to suffice, and nothing checked."""
    import turbodbc

    options = turbodbc.make_options(
        varchar_max_character_limit=size, limit_varchar_results_to_max=True, read_buffer_size=turbodbc.Megabytes(20)
    )
    connection = turbodbc.connect(connection_string=connection_string, turbodbc_options=options)
    cursor = connection.cursor()
    cursor.execute("SELECT k, doc FROM docs")
    got = 0
    for batch in cursor.fetcharrowbatches():
        got += len(batch)
        if got >= count:
            break
    assert got == count
    cursor.close()
    connection.close()


def _bare_adbc(account: Account) -> None:
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(account.url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT k, doc FROM docs")
        for _ in cursor.fetch_record_batch():
            pass


def _opened(account: Account, reader: str | None) -> tuple[DatabaseSource, list[KeyRange]]:
    """A source and its ranges, which a run cuts once."""
    backend = postgresql if account.backend == "postgresql" else mariadb
    dialect = POSTGRESQL if account.backend == "postgresql" else MARIADB
    connect = partial(backend.connect, parse_address(account.url), reader=reader, memory=MEMORY)
    options = DatabaseSourceOptions(dialect, connect, ("k",), "doc", "bench", MEMORY, table="docs")
    source = DatabaseSource(options)
    return source, [cut.range for cut in source.cut(EVERYTHING, rows=20_000, total_bytes=70_000_000)]


def _ours(opened: tuple[DatabaseSource, list[KeyRange]], connections: int) -> None:
    source, ranges = opened
    with ThreadPoolExecutor(connections) as threads:
        for _ in threads.map(partial(_read, source), ranges):
            pass


def _read(source: DatabaseSource, within: KeyRange) -> None:
    with source.read(within, LIMITS) as read:
        for _ in read.batches():
            pass
