"""SQL Server behind a connection string: read like by its own URL, and not written into."""

from __future__ import annotations

from pathlib import Path

import pytest

from columnar.jobs.databases import open_database_sink
from columnar.jobs.job_file import parse_job
from loaders.database.address import parse_address
from loaders.errors import UsageError
from loaders.odbc.connect import connect
from loaders.odbc_drivers import MICROSOFT, driver_library
from tests.loaders.mssql.answers import ASKED, asked_for_its_name
from tests.loaders.mssql.test_fetching import read
from tests.servers.tds_process import TdsProcess

pytest.importorskip("turbodbc")


def url(port: int) -> str:
    library = driver_library(MICROSOFT)
    return f"odbc:Driver={{{library}}};Server=127.0.0.1,{port};UID=sa;PWD=secret;Encrypt=optional"


def test_it_is_read_like_by_its_own_url() -> None:
    with TdsProcess(asked_for_its_name) as server:
        connection = connect(parse_address(url(server.port)), memory=16_000_000)
        assert read(connection) == list(ASKED)
        connection.close()
        sent = [sql for sql, _ in server.statements if "[xml]" in sql]
    assert sent
    assert all("SET LOCK_TIMEOUT" in sql for sql in sent)


def test_it_is_no_target(tmp_path: Path) -> None:
    with TdsProcess(asked_for_its_name) as server:
        text = (
            'name: j\nsource: {url: "duckdb:a.duckdb", table: t, key: k, document: d}\ncontract: c.yaml\n'
            f'target: {{url: "{url(server.port)}"}}\n'
        )
        job = parse_job(text, name="job.yaml", base=tmp_path)
        with pytest.raises(UsageError, match="does not write") as told:
            open_database_sink(job, memory=1_000_000)
    assert "mssql://" in told.value.hint
