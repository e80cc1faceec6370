"""A database behind an ODBC connection string that nobody here knows: PostgreSQL and MariaDB, taken for one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from columnar.purging.options import PurgeOptions
from columnar.purging.purge import purge_job
from columnar.reconciling.reconcile import reconcile_job
from loaders.odbc import connect
from tests.columnar.databases.database_world import DatabaseWorld
from tests.columnar.databases.ends import ServerEnd
from tests.columnar.databases.test_policies import DOCS, LATEST, begin, held, run, texts
from tests.columnar.policy_world import CONTRACT


@pytest.fixture
def unknown(world: DatabaseWorld, monkeypatch: pytest.MonkeyPatch) -> Iterator[DatabaseWorld]:
    monkeypatch.setattr("loaders.odbc.asked_database._KNOWN", {})
    connect._asked.cache_clear()
    world.url = ServerEnd(world.server, world.target, odbc=True).url
    yield world
    connect._asked.cache_clear()


def test_documents_are_loaded_replaced_purged_and_compared(unknown: DatabaseWorld) -> None:
    begin(unknown, [doc.text for doc in DOCS], CONTRACT)
    assert run(unknown, chunk=3, policy="replace").proof.duplicate == 4
    found = held(unknown)
    loaded = {
        name: [tuple("" if cell == "NULL" else cell for cell in row) for row in rows] for name, rows in found.items()
    }
    assert loaded == texts(LATEST)
    job = unknown.job(duplicates={"on": "app.id", "policy": "replace"}, chunk={"rows": 3})
    assert not reconcile_job(job).counts
    purge_job(job, PurgeOptions(keys=("5",)))
    assert [row[0] for row in held(unknown)["app"]] == ["2", "3"]
    assert run(unknown, chunk=3, policy="replace").reloaded == 1
    assert held(unknown) == found


TYPES = """
version: 1
root: d
tables:
  t:
    rows: /d/t
    key: [id, code]
    columns:
      id: {path: "@id", type: int64}
      code: {path: "@code", type: string}
      flag: {path: "@flag", type: bool}
      tiny: {path: "@tiny", type: int8}
      ratio: {path: "@ratio", type: float64}
      exact: {path: "@exact", type: "decimal(30,10)"}
      day: {path: "@day", type: date}
      hour: {path: "@hour", type: time}
      at: {path: "@at", type: timestamp}
      zoned: {path: "@zoned", type: timestamptz}
      mark: {path: "@mark", type: uuid}
      words: "@words"
"""
ROWS = (
    '<t id="-9223372036854775808" code="ä😀"/>',
    '<t id="9007199254740993" code="b" flag="true" tiny="-128" ratio="0.1" exact="12345678901234567890.0123456789"'
    ' day="2024-02-29" hour="23:59:59.123456" at="2024-12-31T23:59:59.123456" zoned="2024-07-01T00:30:00.5+02:00"'
    ' mark="00000000-0000-4000-8000-00000000000a" words="' + "wörter " * 900 + '"/>',
)
STORED = """SELECT id, flag, tiny, exact, day, hour, at, zoned, mark, length(words) FROM t WHERE code = 'b'"""


def test_values_arrive_equal(unknown: DatabaseWorld) -> None:
    begin(unknown, [f"<d>{row}</d>" for row in ROWS], TYPES)
    settings = {"duplicates": {"on": ["t.id", "t.code"]}}
    assert unknown.run(**settings).proof.loaded == 2
    assert not reconcile_job(unknown.job(**settings)).counts
    [stored] = unknown.query(STORED)
    told = ["9007199254740993", "1", "-128", "12345678901234567890.0123456789", "2024-02-29", "23:59:59.123456"]
    assert stored[:6] == told
    assert stored[6:9] == ["2024-12-31 23:59:59.123456", stored[7], "00000000-0000-4000-8000-00000000000a"]
    assert stored[7].startswith("2024-06-30 22:30:00.5")
