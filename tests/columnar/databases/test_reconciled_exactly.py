"""Reconciling compares bytes, whatever the target takes for equal: case, accents and trailing blanks."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from columnar.errors import ExitCode
from columnar.jobs.job import Job
from columnar.jobs.job_file import parse_job, read_plan
from columnar.reconciling.options import ReconcileOptions
from columnar.reconciling.reconcile import reconcile_job
from columnar.reconciling.report import Difference
from columnar.running.run import run_job
from tests.columnar.databases.ends import DuckDBEnd, End, ServerEnd, SQLiteEnd

CONTRACT = """
version: 1
root: d
tables:
  app:
    rows: /d
    columns:
      id: {path: "@id", type: "string(20)", nullable: false}
      name: {path: "@name", type: "string(20)", blank_as_null: false}
      number: {path: "@number", type: int32}
    key: [id]
  item:
    rows: /d/item
    parent: app
    columns:
      code: {path: "@code", type: "string(20)"}
"""
# By each target's own collation: without case and accents where it has one for that, without trailing blanks otherwise.
COLLATED = {
    "postgresql": ("varchar(20) COLLATE ci", "CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level1',"
                   " deterministic = false);"),
    "mariadb": ("varchar(20) COLLATE utf8mb4_general_ci", ""),
    "sqlite": ("varchar(20) COLLATE NOCASE", ""),
    "duckdb": ("VARCHAR COLLATE NOCASE.NOACCENT", ""),
}  # fmt: skip
TABLES = "{before}\
CREATE TABLE app (id {kind} PRIMARY KEY, name {kind}, number int);\
CREATE TABLE item (id {kind} NOT NULL, code {kind});"
# Values that are equal to most of these targets stand beside one another, and one of each with a NULL.
DOCUMENTS = [
    "<d id='Ab' name='Ada' number='1'><item code='x'/><item code='X'/></d>",
    "<d id='b' name='ada' number='2'><item code='é'/><item code='e'/></d>",
    "<d id='c' name='ADA ' number='3'><item/><item code='y'/></d>",
    "<d id='d' name='Ádá'/>",
    "<d id='e' name='blank' number='5'/>",
]


class Collated:
    """A loaded target of such columns."""

    def __init__(self, folder: Path, end: End, kind: str, **settings: object) -> None:
        self.folder, self.end, self.settings = folder, end, settings
        (folder / "contract.yaml").write_text(CONTRACT, encoding="utf-8")
        with duckdb.connect(folder / "source.duckdb") as source:
            source.execute("CREATE TABLE docs (k BIGINT, doc VARCHAR)")
            source.executemany("INSERT INTO docs VALUES (?, ?)", [list(row) for row in enumerate(DOCUMENTS)])
        column, before = COLLATED[kind]
        self.execute(TABLES.format(before=before, kind=column))
        run_job(self.job(), read_plan(self.job()))

    def job(self) -> Job:
        text = {
            "name": "collated",
            "source": {"url": "duckdb:source.duckdb", "table": "docs", "key": "k", "document": "doc"},
            "contract": "contract.yaml",
            "target": {"url": self.end.url, "create": True, **self.end.options},
            **self.settings,
        }
        return parse_job(json.dumps(text), name="job.yaml", base=self.folder)

    def execute(self, sql: str) -> None:
        self.end.execute(sql)

    def differences(self) -> list[Difference]:
        found = reconcile_job(self.job(), ReconcileOptions(sample=None))
        assert found.exit_code is (ExitCode.INTEGRITY if found.differences else ExitCode.CLEAN)
        assert all(each.same for each in found.columns) == (not found.differences)
        return found.differences


@pytest.fixture(params=sorted(COLLATED))
def collated(request: pytest.FixtureRequest, tmp_path: Path) -> Collated:
    kind = str(request.param)
    if kind in ("duckdb", "sqlite"):
        end: End = (DuckDBEnd if kind == "duckdb" else SQLiteEnd)(tmp_path / "target")
    else:
        end = ServerEnd(request.getfixturevalue(f"{kind}_server"), request.getfixturevalue(kind))
    return Collated(tmp_path, end, kind)


def test_what_the_target_takes_for_equal_is_told(collated: Collated) -> None:
    assert collated.differences() == [], "values that are equal to the target are not mixed up"
    collated.execute(
        "UPDATE app SET name = 'aDA' WHERE number = 1; UPDATE app SET name = 'adä' WHERE number = 2;"
        "UPDATE app SET name = 'ADA' WHERE number = 3; UPDATE app SET id = 'E' WHERE number = 5;"
        "UPDATE item SET code = 'Y' WHERE code = 'y'"
    )
    told = {(each.kind, each.table, each.key): (each.expected, each.found) for each in collated.differences()}
    assert told["value", "app", "id = Ab"] == ("Ada", "aDA")
    assert told["value", "app", "id = b"] == ("ada", "adä")
    assert told["value", "app", "id = c"] == ("ADA ", "ADA"), "a blank that is gone"
    assert ("missing_row", "app", "id = e") in told
    assert ("missing_row", "item", "id = c, code = y") in told
    assert ("extra_row", "item", "id = c, code = Y") in told
    assert len(told) - len({key for key in told if key[2] in ("id = E", 'id = ["E"]')}) == 6
