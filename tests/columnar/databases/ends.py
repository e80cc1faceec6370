"""Ends of jobs of every kind: documents put into them, and tables read out of them, by clients that share no code with
what is tested."""

from __future__ import annotations

import datetime
import re
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from loaders.odbc_drivers import MARIADB, POSTGRESQL, driver_library
from tests.servers.account import Account
from tests.servers.server import Server

# A column and what its values are: the words of DuckDB.
Columns = Sequence[tuple[str, str]]


class End(ABC):
    """A source or target. options: of the job's source or target, beside its URL."""

    def __init__(self, **options: object) -> None:
        self.options = options

    @property
    @abstractmethod
    def url(self) -> str:
        """As a job has it."""

    @abstractmethod
    def put(self, table: str, documents: pa.Table) -> None:
        """Make a table of documents: `loan_id` and `document`."""

    @abstractmethod
    def execute(self, sql: str) -> None:
        """Change something."""

    @abstractmethod
    def rows(self, table: str, columns: Columns) -> list[tuple[Any, ...]]:
        """All rows of a table, as Python's values, in some order."""


class DuckDBEnd(End):
    """A file."""

    def __init__(self, path: Path, **options: object) -> None:
        super().__init__(**options)
        self.path = path

    @property
    def url(self) -> str:
        return f"duckdb:{self.path}"

    def execute(self, sql: str) -> None:
        with duckdb.connect(self.path) as connection:
            connection.execute(sql)

    def put(self, table: str, documents: pa.Table) -> None:
        with duckdb.connect(self.path) as connection:
            connection.execute(f"CREATE TABLE {table} AS FROM documents")

    def rows(self, table: str, columns: Columns) -> list[tuple[Any, ...]]:
        with duckdb.connect(self.path, read_only=True) as connection:
            return connection.sql(f"SELECT {_names(columns)} FROM {table}").fetchall()


class ParquetEnd(End):
    """A folder."""

    def __init__(self, folder: Path, **options: object) -> None:
        super().__init__(**options)
        self.folder = folder

    @property
    def url(self) -> str:
        return f"parquet:{self.folder}"

    def execute(self, sql: str) -> None:
        raise AssertionError("files of Parquet are never changed")

    def put(self, table: str, documents: pa.Table) -> None:
        self.folder.mkdir()
        pq.write_table(documents, self.folder / f"{table}.parquet")

    def rows(self, table: str, columns: Columns) -> list[tuple[Any, ...]]:
        files = f"{self.folder}/publications/*/{table}.parquet"
        if not list(self.folder.glob(f"publications/*/{table}.parquet")):
            return []
        with duckdb.connect() as connection:
            return connection.sql(f"SELECT {_names(columns)} FROM read_parquet('{files}')").fetchall()


class SQLiteEnd(End):
    """A file, reached over its ODBC driver by the program and by Python's own module here."""

    def __init__(self, path: Path, **options: object) -> None:
        super().__init__(**options)
        self.path = path

    @property
    def url(self) -> str:
        return f"sqlite:{self.path}"

    def execute(self, sql: str) -> None:
        with _closed(self.path) as connection:
            connection.executescript(sql)

    def put(self, table: str, documents: pa.Table) -> None:
        with _closed(self.path) as connection:
            connection.execute(f"CREATE TABLE {table} (loan_id INTEGER PRIMARY KEY, document TEXT)")
            connection.executemany(f"INSERT INTO {table} VALUES (?, ?)", _pairs(documents))

    def rows(self, table: str, columns: Columns) -> list[tuple[Any, ...]]:
        with _closed(self.path) as connection:
            found = connection.execute(f"SELECT {_names(columns)} FROM {table}").fetchall()
        return [tuple(value_of(value, kind) for value, (_, kind) in zip(row, columns, strict=True)) for row in found]


@dataclass
class _closed:  # noqa: N801 - a context manager
    path: Path
    connection: sqlite3.Connection = field(init=False)

    def __enter__(self) -> sqlite3.Connection:
        self.connection = sqlite3.connect(self.path)
        return self.connection

    def __exit__(self, *_: object) -> None:
        self.connection.commit()
        self.connection.close()


class ServerEnd(End):
    """A database of a server. odbc: as a connection string, by which the program has to find out what it is."""

    def __init__(self, server: Server, account: Account, *, odbc: bool = False, **options: object) -> None:
        super().__init__(**options)
        self.server = server
        self.account = account
        self.odbc = odbc

    @property
    def url(self) -> str:
        if not self.odbc:
            return self.account.url
        library = driver_library({"postgresql": POSTGRESQL, "mariadb": MARIADB}[self.account.backend])
        assert library is not None
        return "odbc:" + self.account.odbc(library)

    def execute(self, sql: str) -> None:
        self.server.execute(sql, database=self.account.database)

    def put(self, table: str, documents: pa.Table) -> None:
        kind, text = {
            "postgresql": ("TEXT", "convert_from(decode('{}', 'hex'), 'UTF8')"),
            "mariadb": ("LONGTEXT CHARACTER SET utf8mb4", "CONVERT(0x{} USING utf8mb4)"),
        }[self.account.backend]
        values = [
            f"({key}, {'NULL' if document is None else text.format(document.encode().hex()) if document else repr('')})"
            for key, document in _pairs(documents)
        ]
        made = f"CREATE TABLE {table} (loan_id BIGINT PRIMARY KEY, document {kind});"
        self.server.execute(made + f"INSERT INTO {table} VALUES {', '.join(values)};", database=self.account.database)

    def rows(self, table: str, columns: Columns) -> list[tuple[Any, ...]]:
        text, binary = {
            "postgresql": ("encode(convert_to(CAST(\"{0}\" AS text), 'UTF8'), 'hex')", "encode(\"{0}\", 'hex')"),
            "mariadb": ("hex(CAST(`{0}` AS CHAR CHARACTER SET utf8mb4))", "hex(`{0}`)"),
        }[self.account.backend]
        one = [(binary if kind == "BLOB" else text).format(name) for name, kind in columns]
        selected = ", ".join(f"coalesce({each}, '-')" for each in one)
        found = self.server.execute(f"SELECT {selected} FROM {table};", database=self.account.database)
        rows = [line.split("\t") for line in found.splitlines()]
        return [tuple(_unhexed(text, kind) for text, (_, kind) in zip(row, columns, strict=True)) for row in rows]


def _names(columns: Columns) -> str:
    return ", ".join(f'"{name}"' for name, _ in columns)


def _pairs(documents: pa.Table) -> list[tuple[int, str | None]]:
    return list(zip(documents["loan_id"].to_pylist(), documents["document"].to_pylist(), strict=True))


def _unhexed(text: str, kind: str) -> Any:
    if text == "-":
        return None
    return bytes.fromhex(text) if kind == "BLOB" else value_of(bytes.fromhex(text).decode(), kind)


_KINDS: list[tuple[str, Callable[[str], Any]]] = [
    (r"BOOLEAN", lambda text: {"t": True, "true": True, "1": True, "f": False, "false": False, "0": False}[text]),
    (r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?", int),
    (r"DECIMAL.*", Decimal),
    (r"DOUBLE|FLOAT", float),
    (r"DATE", datetime.date.fromisoformat),
    (r"TIMESTAMP.*", lambda text: datetime.datetime.fromisoformat(text.removesuffix("+00").replace("T", " "))),
    (r"TIME", datetime.time.fromisoformat),
    (r"VARCHAR", str),
]


def value_of(value: object, kind: str) -> Any:
    """A value as a client gave it, as what it is."""
    if value is None or isinstance(value, bytes):
        return value
    for pattern, made in _KINDS:
        if re.fullmatch(pattern, kind):
            return made(str(value))
    raise AssertionError(f"no test reads {kind}")
