"""The databases whose CREATE statements are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from loaders import duckdb_ddl
from loaders.sink import TableSpec


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


DIALECTS = {
    each.name: each for each in (Dialect("duckdb", duckdb_ddl.DEFAULT_SCHEMA, _duckdb_statements, _duckdb_problems),)
}
