"""Documents that take the place of others, and rows that do, on servers: what DuckDB does is in
tests/columnar/test_policies.py and test_row_policies.py."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from columnar.errors import DuplicateError
from columnar.running.run import Run
from tests.columnar import test_row_policies
from tests.columnar.databases.database_world import DatabaseWorld
from tests.columnar.policy_world import CONTRACT, REFERRING, Doc, rows_of

DOCS = [
    Doc(1),
    Doc(2),
    Doc(1, 2, "b", (2, 1)),
    Doc(3, 1, "x", (1, 1, 1)),
    Doc(1, 3, "c", ()),
    Doc(3, 5, "y", (1,)),
    Doc(2, None, "none"),
]
LATEST = [DOCS[4], DOCS[6], DOCS[5]]


def begin(world: DatabaseWorld, documents: list[str], contract: str) -> None:
    """These documents, with keys from 1, and this contract."""
    (world.folder / "contract.yaml").write_text(contract)
    with duckdb.connect(world.folder / "source.duckdb") as source:
        source.execute("DELETE FROM docs")
        source.executemany("INSERT INTO docs VALUES (?, ?)", [list(row) for row in enumerate(documents, 1)])


def run(world: DatabaseWorld, *, chunk: int, **duplicates: Any) -> Run:
    done = world.run(duplicates={"on": "app.id", **duplicates}, chunk={"rows": chunk})
    assert done.proof.holds
    return done


def held(world: DatabaseWorld) -> dict[str, list[tuple[str, ...]]]:
    columns = {"app": "id, version, name", "item": "id, no, name", "price": "id, no, amount"}
    return {name: sorted(map(tuple, world.query(f"SELECT {listed} FROM {name}"))) for name, listed in columns.items()}


def texts(docs: list[Doc]) -> dict[str, list[tuple[str, ...]]]:
    return {
        name: sorted(tuple("" if value is None else str(value) for value in row) for row in rows)
        for name, rows in rows_of(docs).items()
    }


@pytest.mark.parametrize(("contract", "chunk"), [(CONTRACT, 3), (REFERRING, 1)], ids=["apart", "referring"])
def test_the_later_document_replaces_the_earlier_one(publishing: DatabaseWorld, contract: str, chunk: int) -> None:
    begin(publishing, [doc.text for doc in DOCS], contract)
    done = run(publishing, chunk=chunk, policy="replace")
    found = held(publishing)
    assert {
        name: [tuple("" if cell == "NULL" else cell for cell in row) for row in rows] for name, rows in found.items()
    } == (texts(LATEST))
    assert (done.proof.loaded, done.proof.duplicate) == (3, 4)
    assert run(publishing, chunk=chunk, policy="replace").chunks == 0


def test_the_last_by_a_column_stays(publishing: DatabaseWorld) -> None:
    begin(publishing, [doc.text for doc in reversed(DOCS)], REFERRING)
    run(publishing, chunk=1, keep="last", by="app.version")
    assert held(publishing) == texts([DOCS[4], DOCS[1], DOCS[5]])


@pytest.mark.parametrize("policy", ["skip", "last", "reject_document"])
def test_rows_whose_key_is_there(publishing: DatabaseWorld, policy: str) -> None:
    begin(
        publishing,
        list(test_row_policies.DOCS),
        test_row_policies.CONTRACT.replace('"@code"', '{path: "@code", type: string(9)}'),
    )
    run(publishing, chunk=1, rows={"tag": policy})
    rows = {
        "skip": [["a", "1"], ["b", "1"], ["c", "2"], ["d", "3"]],
        "last": [["a", "1 again"], ["b", "2"], ["c", "4"], ["d", "4"]],
        "reject_document": [["b", "2"], ["c", "2"], ["d", "3"]],
    }
    assert publishing.query("SELECT code, text FROM tag ORDER BY code") == rows[policy]


def test_conflicts_and_failures(publishing: DatabaseWorld) -> None:
    begin(publishing, [Doc(1).text, Doc(1, spaced=True).text, Doc(1, 9).text], CONTRACT)
    with pytest.raises(DuplicateError):
        run(publishing, chunk=1, fingerprint="canonical", policy="fail")
    done = run(publishing, chunk=1, fingerprint="canonical", conflicts="quarantine")
    assert (done.proof.loaded, done.proof.duplicate, done.proof.quarantined) == (1, 1, 1)
    assert done.receipt.reasons == {"conflict": 1}
