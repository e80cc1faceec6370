from __future__ import annotations

from pathlib import Path

import pytest

import columnar as library
from loaders.errors import TargetMismatchError
from tests.columnar.cli.command import columnar, execute, make_job

CONTRACT = """\
version: 1
root: r
tables:
  item:
    rows: /r/x
    parent: thing
    columns: {v: {path: "@v", type: int32}}
    target: {foreign_keys: [thing]}
  thing:
    rows: /r
    columns:
      id: {path: "@id", type: int64, identity: keep}
    key: [id]
    target:
      columns: {loaded_at: {type: timestamp, default: current_timestamp}}
"""
STATEMENTS = """\
CREATE SEQUENCE IF NOT EXISTS "thing_id_seq";

CREATE TABLE "thing" (
  "id" BIGINT DEFAULT nextval('"main"."thing_id_seq"') NOT NULL,
  "loaded_at" TIMESTAMP DEFAULT (current_timestamp),
  PRIMARY KEY ("id")
);

CREATE TABLE "item" (
  "id" BIGINT NOT NULL,
  "v" INTEGER,
  FOREIGN KEY ("id") REFERENCES "thing" ("id")
);
"""


@pytest.fixture
def contract(tmp_path: Path) -> Path:
    return make_job(tmp_path, {1: '<r id="1"><x v="2"/></r>'}, contract=CONTRACT).parent / "contract.yaml"


def test_the_statements_of_a_contract(contract: Path) -> None:
    result = columnar("contract", "ddl", contract)
    assert (result.code, result.err, result.out) == (0, "", STATEMENTS)
    told = columnar("contract", "ddl", contract, "--json").json
    assert told == {"dialect": "duckdb", "statements": list(library.contract_ddl(contract))}
    execute(contract.parent / "target.duckdb", result.out)
    job = contract.parent / "job.yaml"
    job.write_text(job.read_text().replace(", create: true", ""))
    assert columnar("run", job).code == 0
    assert execute(contract.parent / "target.duckdb", "SELECT id, v FROM item") == [(1, 2)]


def test_the_plan_of_a_job_prints_the_same(contract: Path) -> None:
    out = columnar("plan", contract.parent / "job.yaml", "--ddl").out
    assert out.endswith(STATEMENTS)


def test_a_schema_for_tables_that_name_none(contract: Path) -> None:
    out = columnar("contract", "ddl", contract, "--schema", "loans").out
    assert out.startswith('CREATE SCHEMA IF NOT EXISTS "loans";')
    assert 'CREATE TABLE "loans"."thing"' in out
    execute(contract.parent / "target.duckdb", out)
    job = contract.parent / "job.yaml"
    job.write_text(job.read_text().replace("create: true", "schema: loans"))
    assert columnar("run", job).code == 0


def test_what_is_wrong_is_told_with_code_2(contract: Path) -> None:
    unknown = columnar("contract", "ddl", contract, "--dialect", "duckbd")
    assert unknown.code == 2
    assert "did you mean 'duckdb'?" in unknown.err
    assert columnar("contract", "ddl", contract.parent / "none.yaml").code == 2
    contract.write_text(CONTRACT.replace("{foreign_keys: [thing]}", "{schema: other, foreign_keys: [thing]}"))
    with pytest.raises(TargetMismatchError, match="another schema"):
        library.contract_ddl(contract)
    assert columnar("contract", "ddl", contract).code == 2
    contract.write_text(CONTRACT.replace("root: r", "rot: r"))
    assert "rot" in columnar("contract", "ddl", contract).err
