"""Any source into any target: the same documents make the same tables, value by value, as from DuckDB to DuckDB."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from columnar.demo.documents import generate
from columnar.demo.job import contract_text
from columnar.demo.profile import Profile
from columnar.jobs.job_file import parse_job, read_plan
from columnar.running.run import run_job
from tests.columnar.databases.database_world import EXHAUSTIVE
from tests.columnar.databases.ends import Columns, DuckDBEnd, End, ParquetEnd, ServerEnd, SQLiteEnd
from tests.oracle.corpora import CORPORA, Corpus
from tests.servers.mariadb import MariaDBServer
from tests.servers.postgresql import PostgreSQLServer

SOURCES = [
    "duckdb",
    "parquet",
    "postgresql",
    "postgresql-turbodbc",
    "mariadb",
    "sqlite",
    "odbc-postgresql",
    "odbc-mariadb",
]
TARGETS = [
    "duckdb",
    "parquet",
    "postgresql",
    "postgresql-staged",
    "mariadb",
    "sqlite",
    "odbc-postgresql",
    "odbc-mariadb",
]
PAIRS = [(source, target) for source in SOURCES for target in TARGETS if (source, target) != ("duckdb", "duckdb")]
# Each end with DuckDB, and each in one pair of others.
FEW = [*((each, "duckdb") for each in SOURCES[1:]), *zip(SOURCES, TARGETS[2:] + TARGETS[:2], strict=True)]
DOCUMENTS = "documents"
NOT_COMPARED = ("run", "receipt", "published_at")


def loans() -> pa.Table:
    """Small ones and two large ones, with more of the odd kinds than there are in life."""
    odd = dict.fromkeys(("truncated", "empty", "null", "wrong_root", "doctype", "undeclared_prefix"), 30)
    profile = replace(Profile.small(), exact_duplicate=80, conflicting_duplicate=80, day_first=50, **odd)
    small = pa.Table.from_batches(generate(40, seed=5, profile=profile))
    large = pa.Table.from_batches(generate(2, seed=6))
    keys = pa.array(range(1000, 1000 + len(large)), pa.int64())
    large = large.set_column(0, "loan_id", keys)
    columns = ["loan_id", "document"]
    return pa.concat_tables([small.select(columns), large.select(columns).cast(small.select(columns).schema)])


def corpus_table(corpus: Corpus) -> pa.Table:
    some = list(corpus.documents().values())[:12]
    texts = [data.decode("utf-16" if data.startswith(b"\xff\xfe") else "utf-8-sig") for data in some]
    return pa.table({"loan_id": pa.array(range(len(texts)), pa.int64()), "document": texts})


class Pairs:
    """Makes ends, runs jobs between them, and knows what must come out."""

    def __init__(self, folder: Path, postgresql: PostgreSQLServer, mariadb: MariaDBServer) -> None:
        self.folder = folder
        self.servers = {"postgresql": postgresql, "mariadb": mariadb}
        self._made = 0
        self._sources: dict[tuple[str, str], End] = {}
        self._expected: dict[str, dict[str, Any]] = {}
        self._drop: list[tuple[str, str]] = []

    def end(self, name: str) -> End:
        """A new one."""
        self._made += 1
        place = self.folder / f"{name}-{self._made}"
        kind, _, more = name.partition("-")
        if kind == "duckdb":
            return DuckDBEnd(place)
        if kind == "parquet":
            return ParquetEnd(place)
        if kind == "sqlite":
            return SQLiteEnd(place)
        backend = more if kind == "odbc" else kind
        server = self.servers[backend]
        account = server.create_database(f"pair_{self._made}")
        self._drop.append((backend, account.database))
        options = {"turbodbc": {"reader": "turbodbc"}, "staged": {"publish": "staged"}}.get(more, {})
        return ServerEnd(server, account, odbc=kind == "odbc", **options)

    def source(self, name: str, what: str, documents: pa.Table) -> End:
        """One that holds the documents; made once."""
        if (name, what) not in self._sources:
            end = self._sources[name, what] = self.end(name)
            end.put(DOCUMENTS, documents)
        return self._sources[name, what]

    def run(self, what: str, contract: str, source: End, target: End, duplicates: dict[str, str] | None) -> Any:
        (self.folder / f"{what}.yaml").write_text(contract, encoding="utf-8")
        read: dict[str, object] = {"url": source.url, "key": "loan_id", "document": "document", **source.options}
        read |= {} if isinstance(source, ParquetEnd) else {"table": DOCUMENTS}
        write = {"url": target.url, "create": True, **target.options}
        text = {"name": "pair", "source": read, "contract": f"{what}.yaml", "target": write, "chunk": {"rows": 20}}
        text |= {"duplicates": duplicates} if duplicates else {}
        text["workspace"] = f"workspace-{self._made}"
        job = parse_job(json.dumps(text), name="pair", base=self.folder)
        return run_job(job, read_plan(job))

    def expected(self, what: str, contract: str, documents: pa.Table, duplicates: dict[str, str] | None) -> Any:
        """From DuckDB to DuckDB: every table with its columns and rows, and the columns of the document table."""
        if what not in self._expected:
            target = DuckDBEnd(self.folder / f"expected-{what}")
            run = self.run(what, contract, self.source("duckdb", what, documents), target, duplicates)
            assert run.proof.holds
            tables = [each.table for each in run.proof.tables]
            with duckdb.connect(target.path, read_only=True) as connection:
                columns: dict[str, Columns] = {
                    table: [(row[0], row[1]) for row in connection.sql(f'DESCRIBE "{table}"').fetchall()]
                    for table in (*tables, "columnar_document")
                }
            columns["columnar_document"] = [
                each for each in columns["columnar_document"] if each[0] not in NOT_COMPARED
            ]
            rows = {table: compared(target, table, each) for table, each in columns.items()}
            self._expected[what] = {"columns": columns, "rows": rows, "proof": run.proof}
        return self._expected[what]

    def close(self) -> None:
        for backend, database in self._drop:
            self.servers[backend].drop_database(database)


def compared(end: End, table: str, columns: Columns) -> list[str]:
    """The rows, each as one text, in an order of their own."""
    return sorted(repr(row) for row in end.rows(table, columns))


@pytest.fixture(scope="module")
def pairs(
    tmp_path_factory: pytest.TempPathFactory, postgresql_server: PostgreSQLServer, mariadb_server: MariaDBServer
) -> Iterator[Pairs]:
    pairs = Pairs(tmp_path_factory.mktemp("pairs"), postgresql_server, mariadb_server)
    yield pairs
    pairs.close()


def check(pairs: Pairs, pair: tuple[str, str], what: str, contract: str, documents: pa.Table, **job: Any) -> None:
    duplicates = job.get("duplicates")
    expected = pairs.expected(what, contract, documents, duplicates)
    source, target = pairs.source(pair[0], what, documents), pairs.end(pair[1])
    run = pairs.run(what, contract, source, target, duplicates)
    proof = expected["proof"]
    assert run.proof.holds
    for name in ("documents", "loaded", "empty", "duplicate", "quarantined", "source"):
        assert getattr(run.proof, name) == getattr(proof, name), name
    for table, columns in expected["columns"].items():
        assert compared(target, table, columns) == expected["rows"][table], table


@pytest.mark.slow
@pytest.mark.parametrize("pair", PAIRS if EXHAUSTIVE else FEW, ids="-to-".join)
def test_loans(pairs: Pairs, pair: tuple[str, str]) -> None:
    duplicates = {"on": "application.application_id"}
    check(pairs, pair, "loans", contract_text(), loans(), duplicates=duplicates)


@pytest.mark.slow
@pytest.mark.corpora
@pytest.mark.parametrize("pair", FEW if EXHAUSTIVE else FEW[-6:], ids="-to-".join)
@pytest.mark.parametrize("corpus", CORPORA if EXHAUSTIVE else CORPORA[::2], ids=lambda corpus: corpus.name)
def test_corpora(pairs: Pairs, pair: tuple[str, str], corpus: Corpus) -> None:
    check(pairs, pair, corpus.name, corpus.contract, corpus_table(corpus))
