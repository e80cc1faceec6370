"""The sandbox: what runs in it, and that nothing gets out."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pytest

from transforms.sql.sandbox import Sandbox, SqlError, shared_sandbox

TABLE = pa.table({"x": [1, 2, 3]})


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('{secret}')",
        "SELECT * FROM read_text('{secret}')",
        "SELECT * FROM read_blob('{secret}')",
        "SELECT * FROM read_parquet('{secret}')",
        "SELECT * FROM read_json('{secret}')",
        "SELECT * FROM '{secret}'",
        "SELECT * FROM glob('{folder}/*')",
        "SELECT * FROM sniff_csv('{secret}')",
        "SELECT * FROM duckdb_secrets()",
        "SELECT * FROM duckdb_extensions()",
        "SELECT * FROM read_csv('http://127.0.0.1:9/x')",
        "SELECT getenv('HOME')",
        "SELECT * FROM outside",  # a Python variable of the caller
        'SELECT * FROM "table"',  # and one of the sandbox itself
        "SELECT x FROM t; SELECT x FROM t",
        "COPY (SELECT 1) TO '{folder}/out.csv'",
        "COPY t FROM '{secret}'",
        "EXPORT DATABASE '{folder}/out'",
        "ATTACH '{folder}/other.duckdb'",
        "INSTALL httpfs",
        "LOAD '{folder}/x.duckdb_extension'",
        "CREATE TABLE y AS SELECT 1",
        "CREATE MACRO m(x) AS x",
        "CREATE SECRET s (TYPE s3)",
        "SET threads = 1",
        "SET enable_external_access = true",
        "RESET enable_external_access",
        "PRAGMA database_list",
        "PRAGMA enable_profiling",
        "CALL pragma_version()",
        "CHECKPOINT",
        "BEGIN",
        "DROP TABLE t",
        "INSERT INTO t VALUES (1)",
        "EXPLAIN ANALYZE SELECT 1",
        "",
        "SELEC x",
    ],
)
def test_nothing_gets_out(sql: str, tmp_path: Path) -> None:
    outside = TABLE
    assert outside.num_rows == 3
    secret = tmp_path / "secret.csv"
    secret.write_text("password\nhunter2\n", encoding="utf-8")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(SqlError):
        shared_sandbox().query(sql.format(secret=secret.as_posix(), folder=tmp_path.as_posix()), {"t": TABLE})
    assert sorted(tmp_path.iterdir()) == before


def test_settings_are_locked_and_the_machine_does_not_show() -> None:
    with Sandbox(memory=64 * 1024 * 1024, threads=1) as sandbox:
        settings = sandbox.query("SELECT name, value FROM duckdb_settings()", {})
    values = dict(zip(*(settings.column(name).to_pylist() for name in ("name", "value")), strict=True))
    assert values["lock_configuration"] == "true"
    assert values["enable_external_access"] == "false"
    assert values["autoload_known_extensions"] == "false"
    assert values["threads"] == "1"
    assert values["memory_limit"] == "64.0 MiB"
    assert values["temp_directory"] == ""


def test_times_are_utc_on_a_machine_of_another_zone() -> None:
    script = """
import pyarrow as pa
from transforms.sql.sandbox import shared_sandbox
t = pa.table({"seen": pa.array([0], pa.timestamp("us", "UTC"))})
print(shared_sandbox().query("SELECT hour(seen) AS h, CAST(seen AS VARCHAR) AS s FROM t", {"t": t}).to_pylist())
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "TZ": "America/New_York"},
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[{'h': 0, 's': '1970-01-01 00:00:00+00'}]"


def test_a_query_that_needs_more_memory_fails() -> None:
    with Sandbox(memory=8 * 1024 * 1024, threads=1) as sandbox, pytest.raises(SqlError, match=r"(?i)memory"):
        sandbox.query("SELECT range, repeat('x', 100) FROM range(2000000) ORDER BY hash(range)", {})


def test_tables_of_one_query_are_not_seen_by_the_next() -> None:
    sandbox = shared_sandbox()
    assert sandbox.query("SELECT sum(x) AS s FROM t", {"t": TABLE}).to_pylist() == [{"s": 6}]
    with pytest.raises(SqlError, match="t does not exist"):
        sandbox.query("SELECT * FROM t", {})


def test_threads_share_a_sandbox() -> None:
    def query(n: int) -> int:
        table = pa.table({"x": list(range(n))})
        return int(shared_sandbox().query("SELECT count(*) FROM t WHERE x >= 0", {"t": table}).column(0)[0].as_py())

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(query, range(60))) == list(range(60))


def test_an_sql_error_survives_pickling_and_a_closed_sandbox_says_so() -> None:
    sandbox = Sandbox()
    sandbox.close()
    with pytest.raises(SqlError) as caught:
        sandbox.query("SELECT 1", {})
    copy = pickle.loads(pickle.dumps(caught.value))  # noqa: S301
    assert (type(copy), copy.message, copy.code) == (SqlError, caught.value.message, "sql")


@pytest.mark.parametrize("sql", ["1.5 / 0", "CAST(5 AS DECIMAL(9,2)) / 0", "1 // 0", "5 % 0"])
def test_division_by_zero_fails(sql: str) -> None:
    with Sandbox() as sandbox, pytest.raises(SqlError, match="Division by zero"):
        sandbox.query(f"SELECT {sql}", {})
