"""The server that is tried, and what the checks ask of it."""

from __future__ import annotations

import importlib.util
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


@dataclass
class Server:
    """A server. schema, staging: of this run alone. url: with its password, for jobs."""

    address: DatabaseAddress
    url: str
    schema: str = field(default_factory=lambda: f"columnar_test_{secrets.token_hex(4)}")

    @property
    def staging(self) -> str:
        return f"{self.schema}_staging"

    def make(self) -> None:
        """Make the schemas; nothing else of the database is touched."""
        for schema in (self.schema, self.staging):
            self.run(*MSSQL.tables.schema_statements(schema))

    def drop(self) -> None:
        """Drop the schemas with all that is in them, foreign keys first."""
        with self.writing() as connection:
            for schema in (self.schema, self.staging):
                for kind, statement in _DROPS:
                    for name in _names(connection, kind.format(quoted="'" + schema + "'")):
                        connection.run(statement.format(schema=quote(schema), name=name))
                connection.run(f"IF SCHEMA_ID('{schema}') IS NOT NULL DROP SCHEMA {quote(schema)}")

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


# What is in a schema, and how it is dropped.
_DROPS = (
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


def _names(connection: BulkConnection, sql: str) -> list[str]:
    head, _, tail = sql.partition(" FROM ")
    column = Selected("a", f"CAST({head.removeprefix('SELECT ')} AS nvarchar(600))", pa.string())
    return list(connection.table(Select((column,), f"FROM {tail}"))["a"].to_pylist())
