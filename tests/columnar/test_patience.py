"""What passes by itself is tried again, whatever it hits: nothing is lost, nothing comes twice, and it has an end."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from columnar.errors import ExitCode, InterruptedRunError, exit_code
from columnar.jobs.options import RunOptions
from columnar.running import patience
from columnar.running.patience import Patience
from columnar.running.retry_selection import RetryOptions
from loaders.duckdb_sink import DuckDBSink
from loaders.duckdb_source import DuckDBSource
from loaders.errors import AlreadyPublishedError, TransientError
from loaders.sink import Part
from loaders.source import KeyRange, RangeCut, RangeRead, ReadLimits
from tests.columnar.world import CONTRACT, World, document

SKIPPING = CONTRACT.replace("    where:", "    key: [id]\n    on_conflict: skip\n    where:").replace(
    "nullable: true", ""
)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "_FIRST_PAUSE", 1e-6)
    monkeypatch.setattr(patience, "_LONGEST_PAUSE", 1e-6)


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    for key in range(12):
        app = key - 1 if key % 4 == 3 else key
        world.insert((key, "<d" if key == 5 else document(app, key, ["a", "b"])))
    return world


def check(world: World, **settings: Any) -> None:
    """Everything is there once, and nothing is left to do."""
    proof = world.run(chunk={"rows": 4}, **settings).proof
    assert (proof.loaded, proof.duplicate, proof.quarantined, proof.source) == (8, 3, 1, 12)
    assert world.query("SELECT count(*), count(DISTINCT id) FROM app") == [(8, 8)]
    assert world.query("SELECT count(*), count(DISTINCT source_key) FROM columnar_document") == [(12, 12)]
    assert world.query("SELECT count(*) FROM columnar_range") == [(3,)]


class Failing:
    """Fails at every one of the calls that `at` says, counted from 1."""

    def __init__(self, at: Callable[[int], bool]) -> None:
        self._at = at
        self.calls = itertools.count(1)
        self.failed = 0

    def __call__(self) -> None:
        if self._at(next(self.calls)):
            self.failed += 1
            raise TransientError("the connection is gone")


@pytest.mark.parametrize("after", [False, True])
def test_every_publication_fails_once(world: World, monkeypatch: pytest.MonkeyPatch, after: bool) -> None:
    """Before anything was heard of it, or after all of it was done and nobody heard."""
    fail, publish = Failing(lambda call: after or call % 2 == 1), DuckDBSink.publish

    def failing(self: DuckDBSink, name: str, parts: list[Part]) -> None:
        if not after:
            fail()
        publish(self, name, parts)
        if after:
            fail()

    monkeypatch.setattr(DuckDBSink, "publish", failing)
    check(world)
    assert fail.failed >= 7  # two baselines, the job, its ranges, three chunks, the run
    assert world.query("SELECT count(*) FROM columnar_job") == [(1,)]
    assert world.query("SELECT count(*) FROM columnar_run") == [(1,)]


def test_a_retry_goes_on_too(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    check(world)
    with world.source() as source:
        source.execute("UPDATE docs SET doc = ? WHERE k = 5", [document(5)])
    fail, publish, read = Failing(lambda call: call % 3 != 0), DuckDBSink.publish, DuckDBSource.read

    def published(self: DuckDBSink, name: str, parts: list[Part]) -> None:
        publish(self, name, parts)
        fail()

    @contextmanager
    def once_more(self: DuckDBSource, within: KeyRange, limits: ReadLimits) -> Iterator[RangeRead]:
        with read(self, within, limits) as reading:
            yield reading
            fail()

    monkeypatch.setattr(DuckDBSink, "publish", published)
    monkeypatch.setattr(DuckDBSource, "read", once_more)
    proof = world.retry(RetryOptions()).run.proof
    assert fail.failed
    assert (proof.loaded, proof.quarantined) == (9, 0)
    assert world.query("SELECT count(*), count(DISTINCT id) FROM app") == [(9, 9)]


class HalfRead:
    """A range of which some batches come, and then none."""

    def __init__(self, read: RangeRead, fail: Failing) -> None:
        self._read = read
        self._fail = fail
        self.keys, self.found = read.keys, read.found

    def batches(self) -> Iterator[pa.RecordBatch]:
        for batch in self._read.batches():
            for row in range(len(batch)):
                yield batch.slice(row, 1)
                self._fail()


def test_a_range_that_breaks_off_is_read_from_its_start(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    fail, read = Failing(lambda call: call in (1, 4, 6, 7, 11, 12, 13, 17)), DuckDBSource.read
    waits: list[str] = []

    @contextmanager
    def half(self: DuckDBSource, within: KeyRange, limits: ReadLimits) -> Iterator[HalfRead]:
        with read(self, within, limits) as whole:
            yield HalfRead(whole, fail)

    monkeypatch.setattr(DuckDBSource, "read", half)
    run = world.run(RunOptions(on_wait=waits.append), chunk={"rows": 4})
    assert run.receipt.documents == 12
    assert waits == ["the connection is gone"] * fail.failed
    assert fail.failed == 8
    check(world)


def test_cutting_goes_on_behind_what_was_cut(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    fail, cut = Failing(lambda call: call % 2 == 0), DuckDBSource.cut

    def breaking(self: DuckDBSource, gap: KeyRange, *, rows: int, total_bytes: int) -> Iterator[RangeCut]:
        for each in cut(self, gap, rows=rows, total_bytes=total_bytes):
            yield each
            fail()

    monkeypatch.setattr(DuckDBSource, "cut", breaking)
    check(world)
    assert fail.failed


@pytest.mark.parametrize("contract", [CONTRACT, SKIPPING], ids=["plain", "skipping"])
def test_a_stream_that_breaks_off_is_consumed_from_its_start(
    tmp_path: Path, contract: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys that are staged, and the document table that is proved."""
    world = World(tmp_path, contract)
    world.insert(*((key, document(key)) for key in range(6)))
    first = world.run(chunk={"rows": 4})
    assert first.proof.loaded == 6
    world.insert(*((key, document(key % 9)) for key in range(6, 12)))
    fail, stream = Failing(lambda call: call in (1, 3, 4, 8, 10, 13)), DuckDBSink.stream

    def breaking(self: DuckDBSink, *arguments: Any) -> Iterator[pa.RecordBatch]:
        for batch in stream(self, *arguments):
            yield batch
            fail()

    monkeypatch.setattr(DuckDBSink, "stream", breaking)
    proof = world.run(chunk={"rows": 4}).proof
    assert fail.failed > 2
    assert (proof.loaded, proof.duplicate) == (9, 3)
    assert world.query("SELECT count(*), count(DISTINCT id) FROM app") == [(9, 9)]


@pytest.mark.parametrize("method", ["count", "measure", "rank", "key_at", "document_bytes"])
def test_every_question_to_the_source(world: World, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    world.insert((None, document(99)))
    _fails_in_turn(monkeypatch, DuckDBSource, method)
    proof = world.run(RunOptions(limit=9), chunk={"rows": 4}).proof
    assert proof.documents == 9
    proof = world.run(chunk={"rows": 4}).proof
    assert (proof.documents, proof.quarantined) == (13, 2)


@pytest.mark.parametrize("method", ["prepare", "has", "count", "read", "mismatches", "notes", "probe", "as_stored"])
def test_every_question_to_the_target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    world = World(tmp_path, SKIPPING)
    with world.target() as target:
        target.execute("CREATE TABLE app (id BIGINT PRIMARY KEY, amount INTEGER CHECK (amount <> 3))")
    world.insert(*((key, document(key, key)) for key in range(6)))
    # Before it begins, a run looks for what a purge left, and what fails while it connects for that is told at once.
    _fails_in_turn(monkeypatch, DuckDBSink, method, first=2 if method == "has" else 1)
    proof = world.run(chunk={"rows": 4}).proof
    assert (proof.loaded, proof.quarantined) == (5, 1)
    assert world.query("SELECT count(*) FROM app") == [(5,)]


def _fails_in_turn(monkeypatch: pytest.MonkeyPatch, kind: type, method: str, first: int = 1) -> None:
    fail, original = Failing(lambda call: call - first in (0, 1, 3, 6, 7, 10)), getattr(kind, method)

    def failing(self: object, *arguments: Any, **options: Any) -> Any:
        fail()
        return original(self, *arguments, **options)

    monkeypatch.setattr(kind, method, failing)


@pytest.mark.parametrize("where", ["read", "publish"])
def test_patience_has_an_end_and_the_same_command_continues(
    world: World, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def gone(*_: object, **__: object) -> Any:
        raise TransientError("the connection is gone", hint="wait")

    kind = DuckDBSource if where == "read" else DuckDBSink
    with monkeypatch.context() as broken:
        broken.setattr(patience, "_LONGEST_PAUSE", 0.01)
        broken.setattr(kind, where, gone)
        with pytest.raises(TransientError) as caught:
            world.run(chunk={"rows": 4}, patience=1)
    assert (caught.value.message, caught.value.hint) == ("the connection is gone (tried for 1 seconds)", "wait")
    assert exit_code(caught.value) is ExitCode.ENVIRONMENT
    check(world)


@pytest.mark.parametrize("where", ["read", "publish"])
def test_who_is_stopped_does_not_wait(world: World, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    """The run is stopped while the other thread waits for a server that never comes back."""
    waiting = threading.Event()
    calls = itertools.count(1)
    publish, read = DuckDBSink.publish, DuckDBSource.read

    def published(self: DuckDBSink, name: str, parts: list[Part]) -> None:
        if parts[0].table == "columnar_ledger":
            raise TransientError("gone")
        publish(self, name, parts)

    def not_read(self: DuckDBSource, within: KeyRange, limits: ReadLimits) -> Any:
        if next(calls) > 1:
            raise TransientError("gone")
        return read(self, within, limits)

    def step(name: str) -> None:
        if name == "prepared_chunk":
            assert waiting.wait(60)
            raise KeyboardInterrupt

    monkeypatch.setattr(patience, "_FIRST_PAUSE", 3600)
    monkeypatch.setattr(patience, "_LONGEST_PAUSE", 3600)
    if where == "read":
        monkeypatch.setattr(DuckDBSource, "read", not_read)
        options = RunOptions(on_step=step, on_wait=lambda _: waiting.set())
    else:
        monkeypatch.setattr(DuckDBSink, "publish", published)
        # The second chunk is prepared while the first one waits.
        prepared = itertools.count(1)
        options = RunOptions(
            on_step=lambda name: step(name) if name == "prepared_chunk" and next(prepared) > 1 else None,
            on_wait=lambda _: waiting.set(),
        )
    with pytest.raises((InterruptedRunError, TransientError)):
        world.run(options, chunk={"rows": 4}, patience=100_000)
    monkeypatch.undo()
    check(world)


def test_a_row_that_another_run_published_is_not_taken_for_ours(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    publish = DuckDBSink.publish

    def by_another(self: DuckDBSink, name: str, parts: list[Part]) -> None:
        if parts[0].table == "columnar_ledger":
            other = parts[0].rows.to_pylist()[0] | {"attempt": "another"}
            publish(self, name, [Part("columnar_ledger", pa.Table.from_pylist([other], parts[0].rows.schema))])
        publish(self, name, parts)

    monkeypatch.setattr(DuckDBSink, "publish", by_another)
    with pytest.raises(Exception, match="was published by another run of this job meanwhile"):
        world.run(chunk={"rows": 4})
    assert world.query("SELECT count(*) FROM app") == [(0,)]


def test_nothing_else_is_tried_again() -> None:
    calls = itertools.count(1)

    def attempt() -> None:
        next(calls)
        raise AlreadyPublishedError("no")

    with pytest.raises(AlreadyPublishedError):
        Patience(10).keep_trying(attempt)
    assert next(calls) == 2
