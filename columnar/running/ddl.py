"""The statements that make a job's target."""

from __future__ import annotations

from collections.abc import Sequence

from columnar.bookkeeping.ledger import BOOKS
from columnar.jobs.databases import address_of, dialect_of
from columnar.jobs.job import Job
from columnar.jobs.url import DATABASES, scheme_of
from loaders import duckdb_ddl
from loaders.database.dialect import TableDialect
from loaders.named_sink import as_named
from loaders.sink import TableSpec


def target_ddl(job: Job, specs: Sequence[TableSpec]) -> tuple[str, ...]:
    """Everything that makes the tables, in order, schemas and sequences included; in a database over a driver the books
    and the schema for staging too, since an administrator may have to run it. Without semicolons."""
    home, specs = job.target.db_schema, as_named(specs)
    if scheme_of(job.target.url) == "duckdb":
        return tuple(duckdb_ddl.statements(specs, schema=home))
    tables = _tables(job)
    if tables is None or tables.problems(specs, home):
        return ()
    staging = tables.schema_statements(job.target.staging_schema) if job.target.staging_schema else []
    return tuple(dict.fromkeys((*tables.statements([*specs, *BOOKS], home), *staging)))


def table_ddl(job: Job, specs: Sequence[TableSpec]) -> list[str | None]:
    """The CREATE TABLE of each; None where the target needs none, or cannot make them."""
    home, specs = job.target.db_schema, as_named(specs)
    if scheme_of(job.target.url) == "duckdb":
        return [duckdb_ddl.table_ddl(spec, specs, schema=home) for spec in specs]
    tables = _tables(job)
    if tables is None or tables.problems(specs, home):
        return [None] * len(specs)
    made: list[str | None] = [each for each in tables.statements(specs, home) if each.startswith("CREATE TABLE")]
    return made if len(made) == len(specs) else [None] * len(specs)


def ddl_problems(job: Job, specs: Sequence[TableSpec]) -> list[str]:
    """Why the target cannot make the tables."""
    home, specs = job.target.db_schema, as_named(specs)
    if scheme_of(job.target.url) == "duckdb":
        return [problem for spec in specs for problem in duckdb_ddl.ddl_problems(spec, schema=home)]
    tables = _tables(job)
    return tables.problems(specs, home) if tables is not None else []


def _tables(job: Job) -> TableDialect | None:
    if scheme_of(job.target.url) not in DATABASES:
        return None
    return dialect_of(address_of(job.target, job)).tables
