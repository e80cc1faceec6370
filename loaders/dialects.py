"""The databases whose CREATE statements are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from loaders import duckdb_ddl
from loaders.database.dialect import TableDialect
from loaders.mariadb.tables import MariaDBTables
from loaders.mssql.tables import MssqlTables
from loaders.postgresql.tables import PostgreSQLTables
from loaders.sink import TableSpec
from loaders.sqlite.tables import SQLiteTables


def _duckdb_statements(specs: Sequence[TableSpec], schema: str) -> list[str]:
    return duckdb_ddl.statements(specs, schema=schema)


def _duckdb_problems(specs: Sequence[TableSpec], schema: str) -> list[str]:
    return [problem for spec in specs for problem in duckdb_ddl.ddl_problems(spec, schema=schema)]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one database makes tables.

    schema: of tables that do not name theirs. statements(specs, schema): what makes the tables, in their order, without
    semicolons. problems(specs, schema): why it cannot make them.
    """

    name: str
    schema: str
    statements: Callable[[Sequence[TableSpec], str], list[str]]
    problems: Callable[[Sequence[TableSpec], str], list[str]]


def _of_database(name: str, tables: TableDialect) -> Dialect:
    return Dialect(name, tables.default_schema, tables.statements, tables.problems)


DIALECTS = {
    each.name: each
    for each in (
        Dialect("duckdb", duckdb_ddl.DEFAULT_SCHEMA, _duckdb_statements, _duckdb_problems),
        _of_database("postgresql", PostgreSQLTables()),
        _of_database("mariadb", MariaDBTables()),
        _of_database("mssql", MssqlTables()),
        _of_database("sqlite", SQLiteTables()),
    )
}
