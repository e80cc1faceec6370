"""Queries that would not end, or fill the memory, end with an error."""

from __future__ import annotations

from threading import Event

import pyarrow as pa
import pytest

from transforms.sql.sandbox import ExhaustedError, Sandbox, SqlError
from transforms.sql.watch import Watch

ENDLESS = [
    "SELECT count(*) FROM range(1000000000000)",
    "SELECT max(range) FROM range(1000000000000)",
    "SELECT count(*) FROM range(100000) a, range(100000) b, range(100000) c",
    "SELECT count(DISTINCT a.range * 100000 + b.range) FROM range(100000) a, range(100000) b",
]
LARGE = [
    "SELECT range FROM range(1000000000000)",
    "SELECT range, repeat('x', 10000) AS x FROM range(100000000)",
    "SELECT unnest(string_split(repeat('x,', 10000), ',')) AS x FROM range(1000000)",
    "SELECT string_agg(repeat('x', 10000), '' ORDER BY range) AS x FROM range(10000000)",
    "SELECT a.range FROM range(10000000) a JOIN range(10000000) b ON a.range % 2 = b.range % 2",
]


@pytest.mark.parametrize("sql", ENDLESS)
def test_what_does_not_end_is_interrupted(sql: str) -> None:
    with Sandbox(seconds=0.3) as sandbox, pytest.raises(ExhaustedError, match=r"longer than 0\.3 seconds"):
        sandbox.query(sql, {})


@pytest.mark.parametrize("sql", LARGE)
def test_what_is_too_large_is_stopped(sql: str) -> None:
    with Sandbox(memory=64 * 1024 * 1024) as sandbox, pytest.raises(ExhaustedError, match=r"(?i)bytes|memory"):
        sandbox.query(sql, {})


def test_a_sandbox_goes_on_after_an_interruption() -> None:
    with Sandbox(seconds=0.2) as sandbox:
        with pytest.raises(ExhaustedError):
            sandbox.query(ENDLESS[0], {})
        assert sandbox.query("SELECT 1 AS x", {}).to_pylist() == [{"x": 1}]


def test_an_error_after_the_first_rows_is_an_sql_error() -> None:
    rows = pa.table({"x": ["1"] * 300_000 + ["a"]})
    with Sandbox(threads=1) as sandbox, pytest.raises(SqlError, match="Could not convert string 'a'"):
        sandbox.query("SELECT CAST(x AS INTEGER) AS x FROM t", {"t": rows})


def test_the_watch_interrupts_what_takes_too_long_and_nothing_else() -> None:
    watch = Watch(0.1)
    late, early = Event(), Event()
    with watch.over(early.set):
        pass
    with watch.over(late.set):
        assert late.wait(10)
    assert not early.is_set()
