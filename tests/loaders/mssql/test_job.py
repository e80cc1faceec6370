"""A whole run whose source speaks the protocol of SQL Server."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from columnar.jobs.job_file import parse_job, read_plan
from columnar.running.run import run_job
from loaders.mssql.connect import READERS, TURBODBC
from tests.columnar.world import CONTRACT
from tests.loaders.mssql.source_answers import Incoming
from tests.loaders.mssql.test_connecting import PASSWORD
from tests.servers.tds_process import TdsProcess

pytest.importorskip("mssql_python")
DOCUMENTS = tuple((number, f'<d><app id="{number}" amount="7"><item name="é😀"/></app></d>') for number in range(50))


@pytest.mark.parametrize("reader", READERS)
def test_documents_are_loaded(reader: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if reader == TURBODBC:
        pytest.importorskip("turbodbc")
    monkeypatch.setenv("LOADER_PASSWORD", PASSWORD)
    (tmp_path / "contract.yaml").write_text(CONTRACT, encoding="utf-8")
    broken = ((50, "<d>"), (51, None), (52, "<d>\0</d>"))
    with TdsProcess(Incoming((*DOCUMENTS, *broken))) as server:
        text = f"""
name: world
source:
  url: "mssql://sa:${{LOADER_PASSWORD}}@127.0.0.1:{server.port}/loans?encrypt=optional"
  table: incoming
  key: id
  document: document
  reader: {reader}
contract: contract.yaml
target: {{url: "duckdb:target.duckdb", create: true}}
chunk: {{rows: 20}}
"""
        job = parse_job(text, name="job.yaml", base=tmp_path)
        run = run_job(job, read_plan(job))
        assert {login.password for login in server.logins} == {PASSWORD}
    assert run.receipt.loaded == 50
    assert run.receipt.reasons == {"truncated": 1, "empty": 1, "encoding": 1}
    with duckdb.connect(tmp_path / "target.duckdb", read_only=True) as target:
        assert target.execute("SELECT count(*), sum(amount) FROM app").fetchall() == [(50, 350)]
        assert target.execute("SELECT DISTINCT name FROM item").fetchall() == [("é😀",)]
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or PASSWORD.encode() not in file.read_bytes()
