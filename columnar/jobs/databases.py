"""From a job's URL to a source or target over a driver: the one place that knows which module a database is in."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from columnar.jobs.job import Job, SourceSpec, TargetSpec
from columnar.jobs.url import with_environment
from loaders.database.address import DatabaseAddress, parse_address
from loaders.database.bulk import BulkConnection
from loaders.database.dialect import Dialect
from loaders.errors import UsageError

if TYPE_CHECKING:
    from loaders.database.database_sink import DatabaseSink
    from loaders.database.database_source import DatabaseSource

ConnectTo: TypeAlias = Callable[..., BulkConnection]


def address_of(spec: SourceSpec | TargetSpec, job: Job) -> DatabaseAddress:
    """Where a source or target is; the path of a file is made absolute."""
    address = parse_address(with_environment(spec.url))
    if address.backend != "sqlite":
        return address
    return DatabaseAddress("sqlite", path=str(job.path(address.path)), options=address.options)


def reader_of(job: Job) -> tuple[str, str]:
    """The driver that would read the job's source, and one that reads it faster, '' where there is none."""
    address, reader = address_of(job.source, job), None if job.source.reader == "auto" else job.source.reader
    with _installed(address):
        match address.backend:
            case "postgresql":
                from loaders.postgresql.connect import reader_of as of_postgresql

                serves, fastest = of_postgresql(address, reader), "adbc"
            case "mssql":
                from loaders.mssql.connect import reader_of as of_mssql

                serves, fastest = of_mssql(address, reader), "mssql-python"
            case _:
                serves, fastest = "turbodbc", "turbodbc"
        return serves, "" if serves == fastest else fastest


def open_database_source(job: Job, *, memory: int) -> DatabaseSource:
    """The job's source. memory: bytes that all its connections may take for buffers together."""
    spec = job.source
    address = address_of(spec, job)
    with _installed(address):
        from loaders.database.database_source import DatabaseSource, DatabaseSourceOptions
    reader = None if spec.reader == "auto" else spec.reader
    connect = partial(_connect_to(address), address, reader=reader, memory=memory // spec.connections)
    what = spec.table or "query:" + hashlib.sha256((spec.query or "").encode()).hexdigest()[:16]
    return DatabaseSource(
        DatabaseSourceOptions(
            dialect=dialect_of(address),
            connect=connect,
            table=spec.table,
            query=spec.query,
            key=spec.key,
            document=spec.document,
            memory=memory // spec.connections,
            identity=f"{address.identity}#{what}({','.join(spec.key)})->{spec.document}",
        )
    )


def open_database_sink(job: Job, *, memory: int) -> DatabaseSink:
    """The job's target. memory: bytes for the buffers of its connections."""
    spec = job.target
    address = address_of(spec, job)
    with _installed(address):
        from loaders.database.database_sink import DatabaseSink, DatabaseSinkOptions
    dialect = dialect_of(address)
    if address.backend == "odbc" and dialect.name == "mssql":
        raise UsageError(
            "odbc: reads SQL Server, and does not write into it",
            hint="write the target's URL as mssql://user:${PASSWORD}@host/database: rows go by bulk copy",
        )
    connect_to = _connect_to(address, writing=True)

    def connect(parameter_rows: int) -> BulkConnection:
        return connect_to(address, memory=memory, parameter_rows=parameter_rows)

    return DatabaseSink(
        DatabaseSinkOptions(
            dialect=dialect,
            connect=connect,
            identity=address.identity,
            schema=spec.db_schema,
            publish=None if spec.publish == "auto" else spec.publish,
            staging_schema=spec.staging_schema or "",
            ddl=spec.ddl,
            memory=memory,
        )
    )


_EXTRAS = {"postgresql": "postgres", "mssql": "mssql", "mariadb": "mariadb"}


@contextmanager
def _installed(address: DatabaseAddress) -> Iterator[None]:
    """Tell what has to be installed where numpy is missing, which every extra for a database brings."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name != "numpy":
            raise
        extra = _EXTRAS.get(address.backend, "odbc")
        raise UsageError(
            f"{address.backend}: what reads and writes databases is not installed",
            hint=f"pip install 'columnar-backfill[{extra}]'; `columnar doctor` says more",
        ) from error


def dialect_of(address: DatabaseAddress) -> Dialect:
    """What is particular to the database; of one that is known by its driver alone, the driver is asked."""
    with _installed(address):
        match address.backend:
            case "postgresql":
                from loaders.postgresql.dialect import POSTGRESQL

                return POSTGRESQL
            case "mariadb":
                from loaders.mariadb.dialect import MARIADB

                return MARIADB
            case "mssql":
                from loaders.mssql.dialect import MSSQL

                return MSSQL
            case "sqlite":
                from loaders.sqlite.dialect import SQLITE

                return SQLITE
            case _:
                from loaders.odbc.dialect import odbc_dialect

                return odbc_dialect(partial(_connect_to(address), address, memory=1_000_000))


def _connect_to(address: DatabaseAddress, *, writing: bool = False) -> ConnectTo:
    with _installed(address):
        match address.backend:
            case "postgresql":
                from loaders.postgresql.connect import connect as to_postgresql

                return partial(to_postgresql, reader="adbc") if writing else to_postgresql
            case "mariadb":
                from loaders.mariadb.connect import connect as to_mariadb

                return to_mariadb
            case "mssql":
                from loaders.mssql.connect import connect as to_mssql

                return partial(to_mssql, reader="mssql-python") if writing else to_mssql
            case "sqlite":
                from loaders.sqlite.connect import connect as to_sqlite

                return to_sqlite
            case _:
                from loaders.odbc.connect import connect as to_odbc

                return to_odbc
