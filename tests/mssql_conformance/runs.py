"""Whole runs into SQL Server: killed at every step, with every policy of duplicates, reconciled, explained, purged."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from columnar import api
from columnar.purging.options import PurgeOptions
from columnar.reconciling.options import ReconcileOptions
from loaders.database.select import Select, Selected
from loaders.mssql.statement import quote
from tests.columnar.databases import test_killed, test_policies
from tests.columnar.databases.database_world import DatabaseWorld
from tests.columnar.policy_world import CONTRACT, REFERRING, Doc
from tests.mssql_conformance.checking import Check, equal
from tests.mssql_conformance.server import VARIABLE, Server

_QUERY = re.compile(r"SELECT (?P<columns>.*) FROM (?P<table>\w+)(?: ORDER BY (?P<order>.*))?")
# What becomes of a table's rows whose key is there.
_ROW_POLICIES = ("skip", "last", "reject_document")


def checks(server: Server) -> Iterator[tuple[str, Check]]:
    """Those of this module."""
    yield "killed at every step boundary, and continued", _in_a_world(test_killed.test_kill_at_every_step_boundary)
    yield "killed at random moments, and continued", _in_a_world(test_killed.test_kill_at_random_moments)
    yield "duplicates: the later document replaces the earlier one", _in_a_world(_replace, CONTRACT, 3)
    yield "duplicates: the same where tables refer to each other", _in_a_world(_replace, REFERRING, 1)
    yield "duplicates: the last by a column stays", _in_a_world(test_policies.test_the_last_by_a_column_stays)
    for policy in _ROW_POLICIES:
        yield f"duplicates: rows whose key is there, {policy}", _in_a_world(_rows, policy)
    yield "duplicates: conflicts, and policy: fail", _in_a_world(test_policies.test_conflicts_and_failures)
    yield "reconciled, explained, purged, loaded again", _in_a_world(_after_a_run)
    yield "tables made by the printed DDL", _in_a_world(_printed_ddl)


@dataclass
class ServerWorld(DatabaseWorld):
    """The world of the tests of other databases, in two schemas of the server that is tried."""

    tried: Server = field(kw_only=True)
    schema: str = field(kw_only=True)

    def query(self, sql: str) -> list[list[str]]:
        found = _QUERY.fullmatch(sql)
        assert found is not None, sql
        texts = [f"CAST({column} AS nvarchar(4000))" for column in found["columns"].split(", ")]
        columns = tuple(Selected(f"a{at}", text, pa.string()) for at, text in enumerate(texts))
        order = f"ORDER BY {found['order']}" if found["order"] else ""
        select = Select(columns, f"FROM {quote(self.schema)}.{quote(found['table'])}", order=order)
        with self.tried.writing() as connection:
            rows = connection.table(select).to_pylist()
        return [["NULL" if value is None else value for value in row.values()] for row in rows]

    def staged(self) -> list[str]:
        where = f"FROM sys.tables WHERE schema_id = SCHEMA_ID('{self.tried.staging}')"
        return [name for name in self.tried.texts("name", where) if name is not None]

    def forget(self) -> None:
        self.tried.drop_schemas(self.schema)


def _in_a_world(check: Callable[..., None], *more: Any) -> Check:
    """The check in a schema of its own, which is dropped with those of the run."""

    def checked(server: Server) -> None:
        with tempfile.TemporaryDirectory() as name:
            schema = server.another_schema()
            options: dict[str, object] = {"schema": schema, "staging_schema": server.staging}
            nobody: Any = None  # no server of the tests' own, and no account on one
            url = "${" + VARIABLE + "}"
            check(ServerWorld(Path(name), nobody, nobody, options, url, tried=server, schema=schema), *more)

    return checked


def _replace(world: ServerWorld, contract: str, chunk: int) -> None:
    test_policies.test_the_later_document_replaces_the_earlier_one(world, contract, chunk)


def _rows(world: ServerWorld, policy: str) -> None:
    test_policies.test_rows_whose_key_is_there(world, policy)


def _after_a_run(world: ServerWorld) -> None:
    ids = list(range(1, 7))
    run_keyed(world, ids)
    job = world.job()
    found = api.reconcile(job, ReconcileOptions(sample=None))
    equal((found.exit_code.value, found.differences, found.documents), (0, [], len(ids)), "reconciled")
    told = api.explain(job, "app", "3")
    equal((told.content, told.key, told.source_key), ("source", {"id": 3}, "3"), "explained")
    api.purge(job, PurgeOptions(keys=(told.source_key,)))
    equal(world.query("SELECT id FROM app ORDER BY id"), [[str(each)] for each in ids if each != 3], "after a purge")
    world.run()
    equal(world.query("SELECT id FROM app ORDER BY id"), [[str(each)] for each in ids], "loaded again")
    equal(api.reconcile(job, ReconcileOptions(sample=None)).exit_code.value, 0, "reconciled again")


def run_keyed(world: ServerWorld, ids: Sequence[int]) -> None:
    """Load documents of these applications, by a contract whose tables have keys."""
    test_policies.begin(world, [Doc(each).text for each in ids], CONTRACT)
    equal(world.run().proof.loaded, len(ids), "documents loaded")


def _printed_ddl(world: ServerWorld) -> None:
    """What `plan --ddl` prints is what makes them: run by somebody else, it leaves nothing to be made."""
    world.tried.run(*api.plan(world.job()).ddl)
    world.options = {**world.options, "create": False}
    world.check()
