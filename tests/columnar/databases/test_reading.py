"""What a run reads from a server: several ranges at once, and a source that changes meanwhile."""

from __future__ import annotations

import pytest

from columnar.errors import ExitCode
from columnar.jobs.options import RunOptions
from columnar.looking.status import job_status
from columnar.running.plan_run import plan_run
from tests.columnar.databases.database_world import DatabaseWorld
from tests.columnar.world import document
from tests.servers.account import PASSWORD, Account

READERS = [("postgresql", "turbodbc"), ("postgresql", "adbc"), ("mariadb", "turbodbc")]


@pytest.mark.parametrize(("backend", "reader"), READERS)
@pytest.mark.parametrize("connections", [2, 5])
def test_several_connections_read_the_same(
    world: DatabaseWorld, account: Account, reader: str, connections: int
) -> None:
    settings = world.on_server(account, reader=reader, connections=connections)
    settings["chunk"] = {"rows": 1}
    run = world.run(**settings)
    assert run.chunks == 12
    world.check(run, **settings)
    # Published in the order of the source, whoever was read first.
    order = "SELECT chunk FROM columnar_ledger ORDER BY published_at"
    assert world.query(order) == [[str(number)] for number in range(1, 13)]


def test_a_source_that_changes_under_the_run_is_drift(world: DatabaseWorld, account: Account) -> None:
    """Documents that come into a range that is read, that go from one, and that come behind all of them."""
    settings = world.on_server(account)
    world.server.execute(
        "UPDATE docs SET k = k - 1000; UPDATE docs SET k = 10 * (k + 1000);", database=account.database
    )
    text = document(77)

    def change(step: str) -> None:
        if step == "published" and world.query("SELECT count(*) FROM columnar_ledger") == [["1"]]:
            rows = f"(5, '{text}'), (6, '{text}'), (500, '{document(78)}')"
            sql = f"INSERT INTO docs VALUES {rows}; DELETE FROM docs WHERE k = 20;"
            world.server.execute(sql, database=account.database)

    proof = world.run(RunOptions(on_step=change), **settings).proof
    assert proof.holds
    assert [(each.chunk, each.read, each.now) for each in proof.drift] == [(1, 4, 5)]
    assert (proof.documents, proof.source, proof.uncovered) == (12, 14, 1)
    assert len(job_status(world.job(**settings)).drift) == 1
    behind = world.run(**settings)
    assert (behind.receipt.documents, behind.receipt.loaded) == (1, 1)
    again = world.run(RunOptions(new_generation=True), **settings)
    assert again.proof.drift == []
    assert again.proof.source == again.proof.documents == 14


@pytest.mark.parametrize(("backend", "reader"), READERS)
def test_plan_tells_which_driver_reads_and_every_statement(world: DatabaseWorld, account: Account, reader: str) -> None:
    settings = world.on_server(account, reader=reader)
    planned = plan_run(world.job(**settings))
    faster = "adbc" if (account.backend, reader) == ("postgresql", "turbodbc") else ""
    assert (planned.source.reader, planned.source.faster) == (reader, faster)
    assert planned.exit_code is ExitCode.CLEAN
    assert world.tables() == ["docs"]  # nothing was made
    assert PASSWORD not in repr(planned) + str(planned.as_dict())
    assert all(table.ddl for table in planned.tables)
    world.server.execute(";\n".join(planned.ddl) + ";", database=account.database)
    made = world.tables()
    assert {"app", "item", "columnar_ledger", "columnar_document", "columnar_run"} <= set(made)
    world.check(world.run(**settings), **settings)
    assert sorted(world.tables()) == sorted(made)
