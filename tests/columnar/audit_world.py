"""A job whose every value needs something done, with all audit files: what the audit's tests look at."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from columnar.jobs.job import Job
from columnar.jobs.job_file import parse_job, read_plan
from columnar.jobs.options import RunOptions
from columnar.running.run import Run, run_job

CONTRACT = """
version: 1
root: order
lookups:
  state: {N: new, S: sent}
tables:
  orders:
    rows: /order
    key: [id]
    columns:
      id: {path: "@id", type: int64, nullable: false}
      buyer: {path: buyer, type: string(20), trim: true}
      state: {path: "@state", type: string(5), lookup: state, on_unknown: null}
      channel: {path: "@channel", type: string(5), default: web, on_missing: default}
      total: {sql: "2 * id", type: int64}
  line:
    rows: /order/line
    parent: orders
    key: [id, number]
    columns:
      number: {path: "@number", type: int32, nullable: false}
      price: {path: price, type: "decimal(9,2)", clean: [number]}
    target: {foreign_keys: [{columns: [id], table: orders, references: [id]}]}
"""
ALL = ["raw", "extracted", "duplicates", "quarantine", "loaded"]


def order(number: int, *, buyer: str = " Ada ", state: str = "N", lines: int = 1, more: str = "") -> str:
    """A document of five lines or so."""
    rows = "".join(f'\n  <line number="{at}"><price>{at}.50 EUR</price></line>' for at in range(1, lines + 1))
    return f'<order id="{number}" state="{state}"{more}>\n  <buyer>{buyer}</buyer>{rows}\n</order>'


class AuditWorld:
    """source.duckdb, target.duckdb, contract.yaml and a job that leaves every audit file in audit/orders."""

    def __init__(self, folder: Path, documents: dict[int, str] | None = None) -> None:
        self.folder = folder
        self.audit = folder / "audit" / "orders"
        (folder / "contract.yaml").write_text(CONTRACT, encoding="utf-8")
        self.source("CREATE TABLE docs (k INTEGER, doc VARCHAR)")
        for key, text in (DOCUMENTS if documents is None else documents).items():
            self.source("INSERT INTO docs VALUES (?, ?)", key, text)

    def source(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with duckdb.connect(self.folder / "source.duckdb") as connection:
            return connection.execute(sql, list(values)).fetchall()

    def target(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with duckdb.connect(self.folder / "target.duckdb") as connection:
            return connection.execute(sql, list(values)).fetchall()

    def job(self, **settings: Any) -> Job:
        text = """
name: orders
source: {url: "duckdb:source.duckdb", table: docs, key: k, document: doc}
contract: contract.yaml
target: {url: "duckdb:target.duckdb", create: true}
chunk: {rows: 4}
audit: {folder: audit, stages: [raw, extracted, duplicates, quarantine, loaded]}
"""
        job = parse_job(text, name="job.yaml", base=self.folder)
        return Job.model_validate({**job.model_dump(by_alias=True), "base": self.folder, **settings})

    def run(self, options: RunOptions | None = None, **settings: Any) -> Run:
        job = self.job(**settings)
        return run_job(job, read_plan(job), options or RunOptions(workers=1))

    def file(self, stage: str, chunk: int = 1, table: str = "") -> Path:
        """The file of a chunk."""
        below = f"run=*/stage={stage}/" + (f"table={table}/" if table else "")
        return next(self.audit.glob(f"{below}chunk-{chunk:09d}.parquet"))


# Two chunks: seven that load, a duplicate of 2 and a broken one.
DOCUMENTS = {
    1: order(1, lines=2),
    2: order(2, state="?"),
    3: order(2),
    4: "<order id='4'>",
    5: order(5, more=' channel="shop"'),
    6: order(6, lines=3),
    7: order(7),
    8: order(8, lines=0),
    9: order(9),
}
