"""From the load to the export on servers, one command after the other on one job, as somebody who audits it would."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import duckdb

from columnar import AnalyzeOptions, analyze_duplicates, explain_duplicate
from columnar.audit.export import export_job
from columnar.audit.verify import verify_audit
from columnar.errors import ExitCode
from columnar.explaining.explain import explain_row
from columnar.jobs.job import Job
from columnar.jobs.job_file import read_job, read_plan
from columnar.looking.status import job_status
from columnar.purging.options import PurgeOptions
from columnar.purging.purge import plan_purge, purge_job
from columnar.reconciling.options import ReconcileOptions
from columnar.reconciling.reconcile import reconcile_job
from columnar.running.run import Run, run_job
from columnar.surveying.coverage import CoverageOptions, survey_job
from tests.columnar.audit_world import ALL, CONTRACT, DOCUMENTS
from tests.columnar.databases.database_world import LONG_TEXT, DatabaseWorld


@dataclass
class Audited:
    """The documents of tests.columnar.audit_world in a table of a server, their rows in other tables there."""

    world: DatabaseWorld

    def __post_init__(self) -> None:
        self.folder: Path = self.world.folder
        (self.folder / "contract.yaml").write_text(CONTRACT, encoding="utf-8")
        values = ", ".join(f"({key}, '{text.replace(chr(39), chr(39) * 2)}')" for key, text in DOCUMENTS.items())
        kind = LONG_TEXT[self.world.target.backend]
        self.execute(f"CREATE TABLE docs (k BIGINT PRIMARY KEY, doc {kind}); INSERT INTO docs VALUES {values};")
        text = {
            "name": "orders",
            "source": {"url": self.world.target.url, "table": "docs", "key": "k", "document": "doc"},
            "contract": "contract.yaml",
            "target": {"url": self.world.target.url, "create": True, **self.world.options},
            "chunk": {"rows": 4},
            "audit": {"folder": "audit", "stages": ALL},
        }
        self.file = self.folder / "job.yaml"
        self.file.write_text(json.dumps(text), encoding="utf-8")

    @property
    def job(self) -> Job:
        return read_job(self.file)

    def execute(self, sql: str) -> None:
        self.world.server.execute(sql, database=self.world.target.database)

    def run(self) -> Run:
        done = run_job(self.job, read_plan(self.job))
        assert done.proof.holds
        return done

    def rows(self) -> list[list[list[str]]]:
        listed = {"orders": "id, buyer, state, channel, total", "line": "id, number, price"}
        return [self.world.query(f"SELECT {columns} FROM {table} ORDER BY 1, 2") for table, columns in listed.items()]

    def differences(self) -> set[tuple[str, str, str, str, str]]:
        found = reconcile_job(self.job, ReconcileOptions(sample=None))
        assert found.exit_code is (ExitCode.INTEGRITY if found.differences else ExitCode.CLEAN)
        assert not found.notes
        return {(each.kind, each.source_key, each.table, each.column, each.key) for each in found.differences}


def test_from_the_load_to_the_export(looked_at: DatabaseWorld) -> None:
    audited = Audited(looked_at)
    _loaded(audited)
    _explained(audited)
    _purged(audited)
    _covered_and_analysed(audited)
    _exported(audited)
    _tampered_with(audited)
    _meddled_with(audited)


def _loaded(audited: Audited) -> None:
    done = audited.run()
    assert (done.proof.loaded, done.proof.duplicate, done.proof.quarantined) == (7, 1, 1)
    assert audited.run().chunks == 0
    status = job_status(audited.job)
    assert (status.chunks_published, status.chunks_pending, status.remaining, status.drift) == (3, 0, 0, ())
    assert audited.differences() == set()
    some = reconcile_job(audited.job, ReconcileOptions(sample=3))
    assert (some.documents, some.recomputed, some.exit_code) == (9, 3, ExitCode.CLEAN)


def _explained(audited: Audited) -> None:
    row = explain_row(audited.job, "orders", "1")
    assert (row.source_key, row.chunk, row.path, row.content) == ("1", 1, "/order", "source")
    told = {each.column: [(change.rule, change.before, change.after) for change in each.changes] for each in row.values}
    assert told == {
        "id": [],
        "buyer": [("trimmed", " Ada ", "Ada")],
        "state": [("lookup", "N", "new")],
        "channel": [("defaulted_missing", None, "web")],
        "total": [],
    }
    [price] = explain_row(audited.job, "line", "6,2", "price").values
    assert [(node.path, node.line, node.text) for node in price.nodes] == [("/order/line[2]/price", 4, "2.50 EUR")]


def _purged(audited: Audited) -> None:
    before = audited.rows()
    by_chunk, by_key = PurgeOptions(chunks=(2,)), PurgeOptions(keys=("1",))
    planned = plan_purge(audited.job, by_chunk)
    assert (planned.documents, planned.rows) == ({"loaded": 4}, {"line": 5, "orders": 4})
    assert audited.rows() == before, "a plan changes nothing"
    done = purge_job(audited.job, by_chunk)
    assert (done.plan, done.proof.quarantined) == (planned, 5)
    assert purge_job(audited.job, by_key).plan.rows == {"line": 2, "orders": 1}
    assert [row[0] for row in audited.rows()[0]] == ["2", "9"]
    assert audited.run().reloaded == 5
    assert audited.rows() == before
    assert audited.differences() == set()
    assert verify_audit(audited.job).problems == []


def _covered_and_analysed(audited: Audited) -> None:
    survey = survey_job(audited.job, CoverageOptions(sample=None)).survey
    assert (survey.total, survey.documents, survey.attributes) == (9, 8, (27, 27))
    assert survey.lookups["orders.state"].unknown == {"?": 1}
    found = analyze_duplicates(audited.file, audited.folder / "found.duckdb", AnalyzeOptions())
    assert (found.entries, found.same_content, found.different_content) == (9, 0, 1)
    told = explain_duplicate(audited.file, "2")
    assert (told.winner.source_key, [each.source_key for each in told.losers]) == ("2", ["3"])


def _exported(audited: Audited) -> None:
    done = export_job(audited.job, audited.folder / "out")
    assert done.notes == []
    pattern = f"{audited.folder}/out/orders/run=*/stage=loaded/table=line/*.parquet"
    rows = duckdb.sql(f"SELECT id, number, price, _source_key FROM '{pattern}' ORDER BY ALL").fetchall()
    assert [[str(value) for value in row[:3]] for row in rows] == audited.rows()[1]
    assert all(row[3] == str(row[0]) for row in rows)
    report = verify_audit(audited.job, folder=audited.folder / "out")
    assert (report.problems, report.rows["loaded"]) == ([], 16)


def _meddled_with(audited: Audited) -> None:
    audited.execute("UPDATE line SET price = 99 WHERE id = 6 AND number = 2; DELETE FROM docs WHERE k = 7;")
    audited.execute("INSERT INTO orders (id) VALUES (100);")
    assert audited.differences() == {
        ("value", "6", "line", "price", "id = 6, number = 2"),
        ("gone_document", "7", "", "", ""),
        ("stray_row", "", "orders", "", 'id = ["100"]'),
    }


def _tampered_with(audited: Audited) -> None:
    run = next((audited.folder / "audit" / "orders").glob("run=*/manifest/chunk-000000001.json")).parents[1]
    tampered, gone = run / "stage=loaded/table=line/chunk-000000002.parquet", run / "stage=raw/chunk-000000003.parquet"
    data = bytearray(tampered.read_bytes())
    data[len(data) // 2] ^= 1
    tampered.write_bytes(data)
    gone.unlink()
    report = verify_audit(audited.job)
    assert report.exit_code is ExitCode.INTEGRITY
    told = [(each.kind, each.file.partition("/")[2]) for each in report.problems]
    assert sorted(told) == [
        ("missing", "stage=raw/chunk-000000003.parquet"),
        ("tampered", "stage=loaded/table=line/chunk-000000002.parquet"),
    ]
