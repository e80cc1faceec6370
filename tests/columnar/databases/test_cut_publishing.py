"""A connection that is cut at each statement of publishing in turn, before the server hears it and after it acted."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pyarrow as pa
import pytest

from columnar.bookkeeping.ledger import BOOKS, DOCUMENT, LEDGER, rows
from columnar.jobs.databases import open_database_sink
from columnar.jobs.job_file import read_plan
from columnar.running.patience import Patience
from columnar.running.patient_sink import PatientSink
from columnar.running.target_specs import target_specs
from loaders.sink import Part
from tests.columnar.databases.database_world import EXHAUSTIVE, DatabaseWorld
from tests.servers.fault_proxy import When
from tests.servers.proxy_process import ProxyProcess

# What is sent to the server at publishing: statements, and a text that stands in the rows alone.
MARK = "a text of the rows"
STATEMENTS = [
    b"BEGIN",
    b"COMMIT",
    b"ROLLBACK",
    b"INSERT",
    b"COPY",
    b"CREATE",
    b"DROP",
    b"SELECT",
    b"SET ",
    MARK.encode(),
]


# Cut wherever they stand; of the others some are, unless all is tried.
WRITING = (b"BEGIN", b"COMMIT", b"INSERT", b"COPY", MARK.encode())
_MANY = 1_000_000


@pytest.fixture
def cut(publishing: DatabaseWorld) -> Iterator[tuple[DatabaseWorld, ProxyProcess]]:
    with ProxyProcess(publishing.server.port) as proxy:
        publishing.url = publishing.target.at(proxy.port).url
        yield publishing, proxy


def parts(chunk: int) -> list[Part]:
    """A chunk of two applications."""
    key = {"job": "world", "generation": 1, "chunk": chunk, "run": "run"}
    counts = dict.fromkeys(("documents", "loaded", "empty", "duplicate", "quarantined"), 2)
    texts = {"attempt": f"attempt {chunk}", "contract": "c", "keys": "k", "rows": "{}", "receipt": "{}"}
    ledger = rows(LEDGER, [{**key, **counts, **texts, "published_at": datetime.now(UTC)}])
    app = pa.table({"id": pa.array([chunk, -chunk], pa.int64()), "amount": pa.array([1, None], pa.int32())})
    item = pa.table({"name": [f"{MARK} {chunk}", f"b{chunk}"]})
    documents = [{**key, "document": at, "outcome": "loaded", "source_key": f"{chunk}-{at}"} for at in (0, 1)]
    return [
        Part(LEDGER.name, ledger),
        Part("app", app),
        Part("item", item),
        Part(DOCUMENT.name, rows(DOCUMENT, documents)),
    ]


def statements_of(proxy: ProxyProcess, publish: Callable[[], None]) -> dict[bytes, int]:
    """How often each is sent where nothing is cut."""
    counted = {statement: proxy.cut_at(statement, skip=_MANY) for statement in STATEMENTS}
    publish()
    for fault in counted.values():
        fault.forget()
    return {statement: _MANY - fault.to_skip for statement, fault in counted.items()}


def test_a_cut_at_each_statement_in_turn(cut: tuple[DatabaseWorld, ProxyProcess]) -> None:
    world, proxy = cut
    job = world.job()
    sink = open_database_sink(job, memory=10_000_000)
    patient = PatientSink(sink, Patience(60))
    patient.prepare(target_specs(read_plan(job)), create=True)
    patient.prepare(BOOKS, create=True)
    chunks = itertools.count(1)
    patient.publish("world-g1-chunk", parts(next(chunks)))
    seen = statements_of(proxy, lambda: patient.publish("world-g1-chunk", parts(next(chunks))))
    happened = dict.fromkeys(itertools.product(STATEMENTS, When), 0)
    for statement, when in itertools.product(STATEMENTS, When):
        for skip in itertools.count(step=1 if EXHAUSTIVE or statement in WRITING else 4):
            fault = proxy.cut_at(statement, when, skip=skip)
            patient.publish("world-g1-chunk", parts(chunk := next(chunks)))
            if not fault.happened:
                fault.forget()
                break
            happened[statement, when] += 1
    patient.prepare(BOOKS, create=True)  # what is staged and nobody needs is dropped
    patient.close()
    assert seen[b"COMMIT"], seen
    assert seen[MARK.encode()], seen
    for statement, when in itertools.product(WRITING, When):
        assert happened[statement, when] == seen[statement], (statement, when)
    numbers = [str(number) for number in range(1, chunk + 1)]
    for table, key in (("columnar_ledger", "chunk"), ("app", "abs(id)"), ("columnar_document", "chunk")):
        count = "1" if table == "columnar_ledger" else "2"
        found = world.query(f"SELECT {key}, count(*) FROM {table} GROUP BY 1 ORDER BY 1")
        assert found == [[number, count] for number in numbers], table
    names = sorted(name for (name,) in world.query("SELECT name FROM item"))
    assert names == sorted([*(f"{MARK} {number}" for number in numbers), *(f"b{number}" for number in numbers)])
    assert world.staged() == []
