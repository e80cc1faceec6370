"""Duplicate keys compare as the target compares them, which may be without case or accents, and without padding."""

from __future__ import annotations

import duckdb
import pytest

from columnar.reconciling.options import ReconcileOptions
from columnar.reconciling.reconcile import reconcile_job
from tests.columnar.databases.database_world import DatabaseWorld

CONTRACT = """
version: 1
root: d
tables:
  app:
    rows: /d/app
    columns:
      id: {path: "@id", type: "string(20)"}
      amount: {path: "@amount", type: int32}
    key: [id]
"""
TABLES = {
    "postgresql": "CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level1', deterministic = false);"
    " CREATE TABLE app (id varchar(20) COLLATE ci PRIMARY KEY, amount int)",
    "mariadb": "CREATE TABLE app (id varchar(20) COLLATE utf8mb4_general_ci PRIMARY KEY, amount int)",
}
# The same where the rows are compared, and not the documents.
ROWS = CONTRACT.replace(
    "  app:\n    rows: /d/app\n",
    "  doc:\n    rows: /d\n    columns: {number: {path: '@id', type: int64, nullable: false}}\n    key: [number]\n"
    "  app:\n    rows: /d/app\n",
)
IDS = ["Ab", "c", "aB", "é", "C", "E", "ab", "f"]


def begin(world: DatabaseWorld, documents: list[str]) -> None:
    """These documents, with keys from 1, and a table that takes some keys for one."""
    with duckdb.connect(world.folder / "source.duckdb") as source:
        source.execute("DELETE FROM docs")
        source.executemany("INSERT INTO docs VALUES (?, ?)", [list(row) for row in enumerate(documents, 1)])
    world.server.execute(TABLES[world.target.backend], database=world.target.database)


@pytest.mark.parametrize("rows", [1, 3, 8])
def test_keys_that_the_target_takes_for_one_are_duplicates(publishing: DatabaseWorld, rows: int) -> None:
    (publishing.folder / "contract.yaml").write_text(CONTRACT)
    begin(publishing, [f"<d><app id='{id_}' amount='{key}'/></d>" for key, id_ in enumerate(IDS, 1)])
    proof = publishing.run(chunk={"rows": rows}).proof
    assert (proof.holds, proof.loaded, proof.duplicate, proof.quarantined) == (True, 4, 4, 0)
    kept = [["1", "Ab"], ["2", "c"], ["4", "é"], ["8", "f"]]
    assert publishing.query("SELECT amount, id FROM app ORDER BY amount") == kept
    winners = "SELECT source_key, winner FROM columnar_document WHERE outcome = 'duplicate' ORDER BY source_key"
    assert publishing.query(winners) == [["3", "1"], ["5", "2"], ["6", "4"], ["7", "1"]]


LAST = [["5", "C"], ["6", "E"], ["7", "ab"], ["8", "f"]]
TAKING = [{"policy": "replace"}, {"keep": "last", "by": "app.amount"}]


@pytest.mark.parametrize("duplicates", TAKING, ids=["replace", "last"])
def test_a_document_takes_the_place_of_one_with_another_spelling(
    world: DatabaseWorld, duplicates: dict[str, str]
) -> None:
    """Each time, what is known of the key is as the row has it that is there now."""
    (world.folder / "contract.yaml").write_text(CONTRACT)
    begin(world, [f"<d><app id='{id_}' amount='{key}'/></d>" for key, id_ in enumerate(IDS, 1)])
    settings = {"chunk": {"rows": 3}, "duplicates": {"on": "app.id", **duplicates}}
    proof = world.run(**settings).proof
    assert (proof.holds, proof.quarantined) == (True, 0)
    assert world.query("SELECT amount, id FROM app ORDER BY amount") == LAST
    assert reconcile_job(world.job(**settings), ReconcileOptions(sample=None)).differences == []


def test_a_row_takes_the_place_of_one_with_another_spelling(world: DatabaseWorld) -> None:
    (world.folder / "contract.yaml").write_text(ROWS)
    begin(world, [f"<d id='{key}'><app id='{id_}' amount='{key}'/></d>" for key, id_ in enumerate(IDS, 1)])
    proof = world.run(chunk={"rows": 3}, duplicates={"on": "doc.number", "rows": {"app": "last"}}).proof
    assert (proof.holds, proof.loaded, proof.quarantined) == (True, 8, 0)
    assert world.query("SELECT amount, id FROM app ORDER BY amount") == LAST
