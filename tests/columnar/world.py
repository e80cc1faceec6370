"""A small world for tests of the run: a source of tiny documents, a contract, a target, and ways to look into them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import psutil

from columnar.jobs.job import Job
from columnar.jobs.job_file import parse_job, read_plan
from columnar.jobs.options import RunOptions
from columnar.running.retry import Retry, retry_job
from columnar.running.retry_selection import RetryOptions
from columnar.running.run import Run, run_job

CONTRACT = """
version: 1
root: d
tables:
  app:
    rows: /d/app
    columns:
      id: {path: "@id", type: int64, nullable: true}
      amount: {path: "@amount", type: int32}
    where: "id IS NULL OR id >= 0"
  item:
    rows: /d/app/item
    parent: app
    columns:
      name: "@name"
"""


def little_memory() -> int:
    """As much as --memory=700MB leaves a fresh process for data, whatever this one holds already, in bytes."""
    return int(psutil.Process().memory_info().rss) + 465_000_000


@dataclass
class World:
    """A folder with source.duckdb, target.duckdb, contract.yaml and a job over them."""

    folder: Path
    contract: str = CONTRACT

    def __post_init__(self) -> None:
        (self.folder / "contract.yaml").write_text(self.contract)
        with self.source() as source:
            source.execute("CREATE TABLE docs (k BIGINT, doc VARCHAR)")

    @contextmanager
    def source(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with duckdb.connect(self.folder / "source.duckdb") as connection:
            yield connection

    @contextmanager
    def target(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with duckdb.connect(self.folder / "target.duckdb") as connection:
            yield connection

    def query(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with self.target() as target:
            return target.execute(sql, list(values)).fetchall()

    def insert(self, *rows: tuple[int | None, str | bytes | None]) -> None:
        if not rows:
            return
        with self.source() as source:
            source.begin()
            source.executemany("INSERT INTO docs VALUES (?, ?)", [list(row) for row in rows])
            source.commit()

    def job(self, **settings: Any) -> Job:
        text = """
name: world
source: {url: "duckdb:source.duckdb", table: docs, key: k, document: doc}
contract: contract.yaml
target: {url: "duckdb:target.duckdb", create: true}
duplicates: {on: app.id}
"""
        job = parse_job(text, name="job.yaml", base=self.folder)
        return Job.model_validate({**job.model_dump(by_alias=True), "base": self.folder, **settings})

    def run(self, options: RunOptions | None = None, **settings: Any) -> Run:
        job = self.job(**settings)
        return run_job(job, read_plan(job), options)

    def retry(self, options: RetryOptions | None = None, **settings: Any) -> Retry:
        job = self.job(**settings)
        return retry_job(job, read_plan(job), options)


def document(app: int | None, amount: int = 1, items: Sequence[str] = ()) -> str:
    """A document with one application; `app` None: without an id."""
    key = "" if app is None else f' id="{app}"'
    inner = "".join(f'<item name="{name}"/>' for name in items)
    return f'<d><app{key} amount="{amount}">{inner}</app></d>'
