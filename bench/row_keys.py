"""Runs of one document each, beside many rows whose keys are compared: the first stages their keys, the others go on.

python -m bench.row_keys [--rows 10000000]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import duckdb

from columnar.jobs.job_file import read_job, read_plan
from columnar.jobs.options import RunOptions
from columnar.running.run import run_job

ROWS = 10_000_000
RUNS = 3
MEMORY = 1_000_000_000
_CONTRACT = """
version: 1
root: d
tables:
  app:
    rows: /d
    key: [id]
    columns: {id: {path: "@id", type: int64}}
  tag:
    rows: /d/tag
    parent: app
    key: [code]
    columns: {code: {path: "@code", type: int64}, text: "@text"}
"""
_JOB = """
name: tags
source: {url: "duckdb:source.duckdb", table: docs, key: k, document: document}
contract: contract.yaml
target: {url: "duckdb:target.duckdb", create: true}
duplicates: {on: app.id, rows: {tag: skip}}
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=ROWS)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory(prefix="columnar-bench-") as name:
        folder = Path(name)
        (folder / "contract.yaml").write_text(_CONTRACT)
        (folder / "job.yaml").write_text(_JOB)
        with duckdb.connect(folder / "target.duckdb") as target:
            target.execute("CREATE TABLE tag (id BIGINT, code BIGINT NOT NULL, text VARCHAR)")
            target.execute(f"INSERT INTO tag SELECT 0, range * 7919 % 1000000007, 'there' FROM range({rows})")
        with duckdb.connect(folder / "source.duckdb") as source:
            source.execute("CREATE TABLE docs (k BIGINT, document VARCHAR)")
        job = read_job(folder / "job.yaml")
        print(f"{rows:,} rows are there; a run brings one document with one of their keys and one other")
        for number in range(1, RUNS + 1):
            document = f'<d id="{number}"><tag code="{number * 7919}"/><tag code="{2_000_000_000 + number}"/></d>'
            with duckdb.connect(folder / "source.duckdb") as source:
                source.execute("INSERT INTO docs VALUES (?, ?)", [number, document])
            started = time.perf_counter()
            run = run_job(job, read_plan(job), RunOptions(memory=MEMORY))
            decided, seconds = run.receipt.seconds["decide"], time.perf_counter() - started
            print(
                f"  run {number}  {seconds:6.2f} s, {decided:6.2f} of it deciding  peak {run.peak_memory / 1e6:,.0f} MB"
            )


if __name__ == "__main__":
    main()
