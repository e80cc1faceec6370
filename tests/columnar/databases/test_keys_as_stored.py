"""Duplicate keys compare as the target compares them, which may be without case or accents, and without padding."""

from __future__ import annotations

import duckdb
import pytest

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
IDS = ["Ab", "c", "aB", "é", "C", "E", "ab", "f"]


@pytest.mark.parametrize("rows", [1, 3, 8])
def test_keys_that_the_target_takes_for_one_are_duplicates(publishing: DatabaseWorld, rows: int) -> None:
    (publishing.folder / "contract.yaml").write_text(CONTRACT)
    with duckdb.connect(publishing.folder / "source.duckdb") as source:
        source.execute("DELETE FROM docs")
        documents = [[key, f"<d><app id='{id_}' amount='{key}'/></d>"] for key, id_ in enumerate(IDS, 1)]
        source.executemany("INSERT INTO docs VALUES (?, ?)", documents)
    publishing.server.execute(TABLES[publishing.target.backend], database=publishing.target.database)
    proof = publishing.run(chunk={"rows": rows}).proof
    assert (proof.holds, proof.loaded, proof.duplicate, proof.quarantined) == (True, 4, 4, 0)
    kept = [["1", "Ab"], ["2", "c"], ["4", "é"], ["8", "f"]]
    assert publishing.query("SELECT amount, id FROM app ORDER BY amount") == kept
    winners = "SELECT source_key, winner FROM columnar_document WHERE outcome = 'duplicate' ORDER BY source_key"
    assert publishing.query(winners) == [["3", "1"], ["5", "2"], ["6", "4"], ["7", "1"]]
