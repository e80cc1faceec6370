"""Tables of the target whose names, and those of their columns, no contract could have."""

from __future__ import annotations

import duckdb

from columnar.explaining.explain import explain_row
from columnar.purging.options import PurgeOptions
from columnar.purging.purge import purge_job
from columnar.reconciling.reconcile import reconcile_job
from tests.columnar.databases.database_world import DatabaseWorld
from tests.columnar.policy_world import REFERRING, Doc

ID, TEXT = "1st_lien", 'Loan "Ä" `x`'
CONTRACT = REFERRING.replace(
    "  item:\n",
    f"    target:\n      table: Loan Application\n      names: {{id: {ID}, version: ORDER, name: {TEXT!r}}}\n  item:\n",
)
DOCS = [Doc(1), Doc(2), Doc(1, 2, "b", (2, 1)), Doc(3, 1, "x", (1, 1, 1))]


def quoted(world: DatabaseWorld, name: str) -> str:
    quote = "`" if world.target.backend == "mariadb" else '"'
    return quote + name.replace(quote, 2 * quote) + quote


def applications(world: DatabaseWorld) -> list[list[str]]:
    names = ", ".join(quoted(world, name) for name in (ID, "ORDER", TEXT))
    return world.query(f"SELECT {names} FROM {quoted(world, 'Loan Application')} ORDER BY 1")


def test_rows_are_loaded_replaced_purged_compared_and_explained(publishing: DatabaseWorld) -> None:
    world = publishing
    (world.folder / "contract.yaml").write_text(CONTRACT)
    with duckdb.connect(world.folder / "source.duckdb") as source:
        source.execute("DELETE FROM docs")
        source.executemany("INSERT INTO docs VALUES (?, ?)", [[key, doc.text] for key, doc in enumerate(DOCS, 1)])
    if world.options["publish"] == "direct":  # else the run makes it
        key, version, name = (quoted(world, each) for each in (ID, "ORDER", TEXT))
        columns = f"{key} bigint PRIMARY KEY, {version} int, {name} varchar(20)"
        world.server.execute(
            f"CREATE TABLE {quoted(world, 'Loan Application')} ({columns})", database=world.target.database
        )
    duplicates = {"on": "app.id", "policy": "replace"}
    assert world.run(duplicates=duplicates, chunk={"rows": 2}).proof.holds
    assert applications(world) == [["1", "2", "b"], ["2", "1", "a"], ["3", "1", "x"]]
    assert world.query(f"SELECT {quoted(world, ID)}, no FROM item WHERE {quoted(world, ID)} = 1") == [
        ["1", "1"],
        ["1", "2"],
    ]
    job = world.job(duplicates=duplicates, chunk={"rows": 2})
    assert not reconcile_job(job).counts
    told = {value.column: value.value for value in explain_row(job, "app", "3").values}
    assert told == {"id": 3, "version": 1, "name": "x"}
    purge_job(job, PurgeOptions(keys=("4",)))
    assert applications(world) == [["1", "2", "b"], ["2", "1", "a"]]
    assert world.run(duplicates=duplicates, chunk={"rows": 2}).reloaded == 1
    assert applications(world)[2] == ["3", "1", "x"]
