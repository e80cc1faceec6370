"""The guarantees against their model once more, with the target on a server: killed, resumed, changed, purged, in any
order."""

from __future__ import annotations

import itertools
import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from columnar.jobs.job import Job
from tests.columnar.databases.database_world import EXHAUSTIVE
from tests.columnar.test_guarantees import CONTRACT, POISON, Guarantees, Model
from tests.columnar.world import World
from tests.servers.postgresql import PostgreSQLServer

_NUMBERS = itertools.count(1)


class _Client:
    """What of a DuckDB connection the model uses, by psql."""

    def __init__(self, server: PostgreSQLServer, database: str) -> None:
        self._server = server
        self._database = database
        self._rows: list[tuple[Any, ...]] = []

    def execute(self, sql: str) -> _Client:
        if not sql.startswith("SELECT"):
            self._server.execute(sql, database=self._database)
            return self
        sql = sql.replace("duckdb_tables()", "information_schema.tables WHERE table_schema = 'public'")
        sql = sql.replace("low->>0", "low::jsonb->>0").replace("high->>0", "high::jsonb->>0")
        found = self._server.execute(f"SELECT row_to_json(t) FROM ({sql}) t", database=self._database)
        self._rows = [json.loads(line, object_pairs_hook=_values) for line in found.splitlines()]
        return self

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self._rows


def _values(pairs: list[tuple[str, Any]]) -> tuple[Any, ...]:
    return tuple(value for _, value in pairs)


class ServerWorld(World):
    """The same documents; the tables in a database of their own."""

    server: PostgreSQLServer
    database: str

    @contextmanager
    def target(self) -> Iterator[Any]:
        yield _Client(self.server, self.database)

    def query(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        assert not values
        return _Client(self.server, self.database).execute(sql).fetchall()

    def job(self, **changes: Any) -> Job:
        url = replace(self.server.administrator, database=self.database).url
        return super().job(**{"target": {"url": url, "create": True}, **changes})


def machine(server: PostgreSQLServer) -> type[RuleBasedStateMachine]:
    """The model with that server."""

    class ServerGuarantees(Guarantees):
        def __init__(self) -> None:
            RuleBasedStateMachine.__init__(self)
            self.world = ServerWorld(Path(tempfile.mkdtemp(prefix="columnar-guarantees-")), CONTRACT)
            self.world.server, self.world.database = server, f"guarantees_{next(_NUMBERS)}"
            server.create_database(self.world.database)
            with self.world.target() as target:
                target.execute(f"CREATE TABLE app (id BIGINT, amount INTEGER CHECK (amount <> {POISON}))")
                target.execute("INSERT INTO app VALUES (100, 1)")
            self.model = Model()
            self.rows = []

        def teardown(self) -> None:
            shutil.rmtree(self.world.folder)
            server.drop_database(self.world.database)

    return ServerGuarantees


@pytest.mark.slow
def test_the_guarantees_hold_on_a_server(postgresql_server: PostgreSQLServer) -> None:
    examples = settings(
        max_examples=60 if EXHAUSTIVE else 3,
        stateful_step_count=12 if EXHAUSTIVE else 8,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink] if EXHAUSTIVE else [Phase.generate],
    )
    run_state_machine_as_test(machine(postgresql_server), settings=examples)
