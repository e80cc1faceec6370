"""A small world for tests of runs into databases: documents in a DuckDB file or on a server, tables on a server."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from columnar.jobs.job import Job
from columnar.jobs.job_file import parse_job, read_plan
from columnar.jobs.options import RunOptions
from columnar.running.retry import Retry, retry_job
from columnar.running.retry_selection import RetryOptions
from columnar.running.run import Run, run_job
from tests.columnar.world import CONTRACT, document
from tests.servers.account import Account
from tests.servers.server import Server

# Whether all is tried of what is otherwise sampled: `make check-databases`.
EXHAUSTIVE = bool(os.environ.get("DATABASES_EXHAUSTIVE"))
# The names of all staging tables.
STAGED = re.compile(r"columnar_[0-9a-f]{12}_")
BROKEN = "<d><app id='9'>"


@dataclass
class DatabaseWorld:
    """Twelve documents in source.duckdb, one of them broken and three copies; a job that loads them into `target`.

    url: of the target, where it is not `target`'s own: through a proxy, by somebody else. options: of the job's target.
    """

    folder: Path
    server: Server
    target: Account
    options: dict[str, object] = field(default_factory=dict)
    url: str = ""
    documents: int = 12

    def __post_init__(self) -> None:
        (self.folder / "contract.yaml").write_text(CONTRACT)
        with duckdb.connect(self.folder / "source.duckdb") as source:
            source.execute("CREATE TABLE docs (k BIGINT, doc VARCHAR)")
            source.executemany("INSERT INTO docs VALUES (?, ?)", [list(row) for row in rows(self.documents)])

    def write_job(self, **settings: Any) -> Path:
        """The job as a file, for runs in processes of their own."""
        path = self.folder / "job.yaml"
        path.write_text(json.dumps(self._text(settings)), encoding="utf-8")
        return path

    def job(self, **settings: Any) -> Job:
        return parse_job(json.dumps(self._text(settings)), name="job.yaml", base=self.folder)

    def _text(self, settings: dict[str, Any]) -> dict[str, Any]:
        target = {"url": self.url or self.target.url, "create": True, **self.options}
        return {
            "name": "world",
            "source": {"url": "duckdb:source.duckdb", "table": "docs", "key": "k", "document": "doc"},
            "contract": "contract.yaml",
            "target": target,
            "duplicates": {"on": "app.id"},
            "chunk": {"rows": 4},
            "patience": 60,
            **settings,
        }

    def on_server(self, source: Account, **more: object) -> dict[str, Any]:
        """Settings of a job that reads the same documents from a table of a server, which is made. source: the
        database, at the port that the job is to connect to. more: of the job's source."""
        table = f"CREATE TABLE IF NOT EXISTS docs (k BIGINT PRIMARY KEY, doc {LONG_TEXT[source.backend]})"
        ignore = {"postgresql": ("", " ON CONFLICT DO NOTHING"), "mariadb": (" IGNORE", "")}[source.backend]
        values = ", ".join(f"({key}, '{_doubled(text)}')" for key, text in rows(self.documents))
        insert = f"INSERT{ignore[0]} INTO docs VALUES {values}{ignore[1]}"
        self.server.execute(f"{table};\n{insert};", database=source.database)
        where = {"url": source.url, "table": "docs", "key": "k", "document": "doc"}
        return {"source": {**where, **more}}

    def run(self, options: RunOptions | None = None, **settings: Any) -> Run:
        job = self.job(**settings)
        return run_job(job, read_plan(job), options)

    def retry(self, options: RetryOptions | None = None, **settings: Any) -> Retry:
        job = self.job(**settings)
        return retry_job(job, read_plan(job), options)

    def query(self, sql: str) -> list[list[str]]:
        """By the server's own client; everything as text."""
        return [line.split("\t") for line in self.server.execute(sql, database=self.target.database).splitlines()]

    def tables(self) -> list[str]:
        """Every table of the database, whatever its schema."""
        where = f"table_schema = '{self.target.database}'" if self.target.backend == "mariadb" else _OURS
        return [name for (name,) in self.query(f"SELECT table_name FROM information_schema.tables WHERE {where}")]

    def staged(self) -> list[str]:
        """The staging tables that are there."""
        return [name for name in self.tables() if STAGED.match(name)]

    def forget(self) -> None:
        """The database is empty again."""
        quote = "`" if self.target.backend == "mariadb" else '"'
        for name in self.tables():
            self.server.execute(f"DROP TABLE {quote}{name}{quote}", database=self.target.database)

    def mend(self) -> None:
        """What is broken is corrected in the source file."""
        with duckdb.connect(self.folder / "source.duckdb") as source:
            source.execute("UPDATE docs SET doc = ? WHERE doc = ?", [document(99), BROKEN])

    def check(self, run: Run | None = None, **settings: Any) -> None:
        """Everything is there, and there once; nothing is left to do and nothing staged."""
        if run is None:
            run = self.run(**settings)
        apps, counts = expected(self.documents)
        proof = run.proof
        assert proof.holds
        assert {name: getattr(proof, name) for name in counts} == counts
        assert proof.source == proof.documents == self.documents
        assert self.query("SELECT id FROM app ORDER BY id") == [[str(app)] for app in apps]
        assert self.query("SELECT count(*) FROM item") == [[str(2 * len(apps))]]
        once = [str(self.documents)] * 2
        assert self.query("SELECT count(*), count(DISTINCT source_key) FROM columnar_document") == [once]
        again = self.run(**settings)
        assert again.chunks == 0
        assert self.staged() == []


LONG_TEXT = {"postgresql": "TEXT", "mariadb": "LONGTEXT"}
_OURS = "table_schema NOT LIKE 'pg%' AND table_schema <> 'information_schema'"


def rows(documents: int) -> Sequence[tuple[int, str]]:
    """Every eleventh document is broken, every fourth repeats the application of the one before."""
    return [
        (key, BROKEN if key % 11 == 5 else document(_app(key), key % 5, ["a", f"i{key}"])) for key in range(documents)
    ]


def _doubled(text: str) -> str:
    return text.replace("'", "''")


def _app(key: int) -> int:
    return key - 1 if key % 4 == 3 else key


def expected(documents: int) -> tuple[list[int], dict[str, int]]:
    """The applications that must be loaded, and how many documents have each outcome."""
    apps: list[int] = []
    counts = {"loaded": 0, "empty": 0, "duplicate": 0, "quarantined": 0}
    for key in range(documents):
        outcome = "quarantined" if key % 11 == 5 else "duplicate" if _app(key) in apps else "loaded"
        counts[outcome] += 1
        if outcome == "loaded":
            apps.append(_app(key))
    return apps, counts
