"""The server that is tried, and what the checks ask of it."""

from __future__ import annotations

import importlib.util
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import pyarrow as pa

from loaders.database.address import DatabaseAddress
from loaders.database.bulk import BulkConnection, BulkTarget
from loaders.database.database_sink import DatabaseSink, DatabaseSinkOptions
from loaders.database.database_source import DatabaseSource, DatabaseSourceOptions
from loaders.database.select import Select, Selected, Value
from loaders.mssql.connect import MSSQL_PYTHON, TURBODBC, connect, connect_to_write
from loaders.mssql.dialect import MSSQL
from loaders.mssql.statement import quote
from loaders.odbc_drivers import MICROSOFT, driver_library
from loaders.source import EVERYTHING, ReadLimits

MEMORY = 64_000_000
LIMITS = ReadLimits(batch_bytes=16_000_000, document_bytes=64 << 20)


class Skipped(Exception):  # noqa: N818 - no error
    """This server or this login cannot do what a check needs."""


# The environment variable with the URL, which job files name.
VARIABLE = "COLUMNAR_MSSQL_URL"
_PREFIX = "columnar_test_"
_MADE_BY_A_RUN = re.compile(_PREFIX + "[0-9a-f]{8}")


@dataclass
class Server:
    """A server. schema, staging: of this run alone. url: with its password, for jobs."""

    address: DatabaseAddress
    url: str
    schema: str = field(default_factory=lambda: f"{_PREFIX}{secrets.token_hex(4)}")
    _guard: BulkConnection | None = field(init=False, default=None, repr=False)

    @property
    def staging(self) -> str:
        return f"{self.schema}_staging"

    def make(self) -> list[str]:
        """Make the schemas; nothing else of the database is touched. Returns the schemas of runs that were killed,
        which are dropped: a run that goes on holds a lock of its schema's name."""
        guard = self._guard = connect_to_write(self.address)
        swept: list[str] = []
        runs = {found[0]: name for name in _schemas(guard) if (found := _MADE_BY_A_RUN.match(name))}
        for run in runs:
            if _asked(guard, MSSQL.writing.lock(run)):
                swept += self.drop_schemas(run)
                self.drop_users(run)
                _asked(guard, MSSQL.writing.unlock(run))
        _asked(guard, MSSQL.writing.lock(self.schema))
        for schema in (self.schema, self.staging):
            self.run(*MSSQL.tables.schema_statements(schema))
        return swept

    def drop(self) -> None:
        """Drop the schemas with all that is in them."""
        try:
            self.drop_schemas(self.schema)
            self.drop_users(self.schema)
        finally:
            if self._guard is not None:
                self._guard.close()

    def drop_schemas(self, run: str) -> list[str]:
        """Drop the schemas whose names begin so, foreign keys first."""
        with self.writing() as connection:
            schemas = [name for name in _schemas(connection) if is_of(run, name)]
            for kind, statement in _DROPS:
                for schema in schemas:
                    for name in _names(connection, kind.format(quoted="'" + schema + "'")):
                        connection.run(statement.format(schema=quote(schema), name=name))
            for schema in schemas:
                connection.run(f"DROP SCHEMA {quote(schema)}")
        return schemas

    def drop_users(self, run: str) -> None:
        """Drop the users and logins whose names begin so; nothing is theirs any more."""
        azure = self.number("CAST(SERVERPROPERTY('EngineEdition') AS int)") == _AZURE_SQL
        with self.writing() as connection:
            for kind in ("USER",) if azure else _PRINCIPALS:
                for name in _names(connection, _PRINCIPALS[kind]):
                    if is_of(run, name):
                        connection.run(f"DROP {kind} {quote(name)}")

    def another_schema(self) -> str:
        """A name of a schema, or of somebody, that is dropped with those of this run."""
        return f"{self.schema}_{secrets.token_hex(2)}"

    @property
    def readers(self) -> list[str]:
        """Those that are installed here."""
        there = importlib.util.find_spec("turbodbc") is not None and driver_library(MICROSOFT) is not None
        return [MSSQL_PYTHON, *([TURBODBC] if there else [])]

    @contextmanager
    def writing(self) -> Iterator[BulkConnection]:
        """A connection of mssql-python."""
        connection = connect_to_write(self.address)
        try:
            yield connection
        finally:
            connection.close()

    @contextmanager
    def reading(self, reader: str) -> Iterator[BulkConnection]:
        """A connection of a reader."""
        connection = connect(self.address, reader=reader, memory=MEMORY)
        try:
            yield connection
        finally:
            connection.close()

    def run(self, *statements: str) -> None:
        """Run statements, each in a batch and a transaction of its own."""
        with self.writing() as connection:
            for statement in statements:
                connection.run(statement)

    def named(self, table: str) -> str:
        """A table of this run's schema, quoted."""
        return f"{quote(self.schema)}.{quote(table)}"

    def texts(self, sql: str, tail: str, values: Sequence[Value] = ()) -> list[str | None]:
        """One column of text."""
        with self.writing() as connection:
            found = connection.table(Select((Selected("a", sql, pa.string()),), tail, tuple(values)))
        return list(found["a"].to_pylist())

    def number(self, sql: str, tail: str = "") -> int:
        """One number."""
        with self.writing() as connection:
            found = connection.table(Select((Selected("a", f"CAST({sql} AS bigint)", pa.int64()),), tail))
        return int(found["a"][0].as_py())

    def copy(self, table: str, rows: pa.Table) -> None:
        """Bulk-copy rows into a table, which nothing else does but to fill staging tables."""
        with self.writing() as connection:
            names = tuple(rows.column_names)
            connection.insert(BulkTarget(self.schema, table, names, ""), rows)

    def sink(self, connect_with: Callable[[int], BulkConnection] | None = None) -> DatabaseSink:
        """A target whose tables are in this run's schema."""
        return DatabaseSink(
            DatabaseSinkOptions(
                dialect=MSSQL,
                connect=connect_with or (lambda rows: connect_to_write(self.address)),
                identity=str(self.address),
                schema=self.schema,
                staging_schema=self.staging,
            )
        )

    @contextmanager
    def source(self, reader: str, table: str, *key: str, document: str = "document") -> Iterator[DatabaseSource]:
        """A source of documents in a table of this run's schema."""
        source = DatabaseSource(
            DatabaseSourceOptions(
                dialect=MSSQL,
                connect=lambda: connect(self.address, reader=reader, memory=MEMORY),
                key=key,
                document=document,
                identity=str(self.address),
                memory=MEMORY,
                table=f"{self.schema}.{table}",
            )
        )
        try:
            yield source
        finally:
            source.close()

    def documents(self, reader: str, table: str, *key: str) -> dict[tuple[str, ...], str | bytes | None]:
        """Every document by its key, read as a run reads them."""
        found: dict[tuple[str, ...], str | bytes | None] = {}
        with self.source(reader, table, *key) as source, source.read(EVERYTHING, LIMITS) as read:
            for batch in read.batches():
                keys = zip(*(batch[name].to_pylist() for name in key), strict=True)
                found |= dict(zip(keys, batch["document"].to_pylist(), strict=True))
        return found

    def staged_tables(self) -> int:
        """How many staging tables there are."""
        return self.number("COUNT_BIG(*)", f"FROM sys.tables WHERE schema_id = SCHEMA_ID('{self.staging}')")


# What is in a schema, and how it is dropped; a table with a history has to let go of it before.
_DROPS = (
    (
        "SELECT QUOTENAME(name) FROM sys.tables WHERE temporal_type = 2 AND schema_id = SCHEMA_ID({quoted})",
        "ALTER TABLE {schema}.{name} SET (SYSTEM_VERSIONING = OFF)",
    ),
    (
        "SELECT QUOTENAME(OBJECT_NAME(f.parent_object_id)) + N' DROP CONSTRAINT ' + QUOTENAME(f.name)"
        " FROM sys.foreign_keys AS f WHERE f.schema_id = SCHEMA_ID({quoted})",
        "ALTER TABLE {schema}.{name}",
    ),
    ("SELECT QUOTENAME(name) FROM sys.views WHERE schema_id = SCHEMA_ID({quoted})", "DROP VIEW {schema}.{name}"),
    ("SELECT QUOTENAME(name) FROM sys.tables WHERE schema_id = SCHEMA_ID({quoted})", "DROP TABLE {schema}.{name}"),
    (
        "SELECT QUOTENAME(name) FROM sys.sequences WHERE schema_id = SCHEMA_ID({quoted})",
        "DROP SEQUENCE {schema}.{name}",
    ),
)


_PRINCIPALS = {
    "USER": f"SELECT name FROM sys.database_principals WHERE type = 'S' AND name LIKE '{_PREFIX}%'",
    "LOGIN": f"SELECT name FROM sys.sql_logins WHERE name LIKE '{_PREFIX}%'",
}
_AZURE_SQL = 5  # an EngineEdition, whose logins are in another database


def is_of(run: str, name: str) -> bool:
    """Whether a schema or somebody of this name is a run's."""
    return name == run or name.startswith(f"{run}_")


def _schemas(connection: BulkConnection) -> list[str]:
    """Those of this database that checks have made."""
    return _names(connection, f"SELECT name FROM sys.schemas WHERE name LIKE '{_PREFIX}%'")


def _asked(connection: BulkConnection, what: Selected) -> bool:
    return bool(connection.table(Select((what,), ""))[what.name][0].as_py())


def _names(connection: BulkConnection, sql: str) -> list[str]:
    head, _, tail = sql.partition(" FROM ")
    column = Selected("a", f"CAST({head.removeprefix('SELECT ')} AS nvarchar(600))", pa.string())
    return list(connection.table(Select((column,), f"FROM {tail}"))["a"].to_pylist())
