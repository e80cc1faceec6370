"""Publishing to databases: all of it or nothing, once, whatever fails."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pytest

from loaders.database.bulk import BulkConnection, BulkTarget
from loaders.database.select import Select, Value
from loaders.errors import (
    AlreadyPublishedError,
    DataError,
    TransientError,
    UnavailableError,
)
from loaders.sink import Part, TableSpec
from tests.loaders.database.targets import SERVERS, STAGED, Target, on
from tests.loaders.test_sinks import LEDGER, ROWS, ledger_row, rows

ROOT = Path(__file__).parents[3]


def staging_tables(target: Target) -> list[str]:
    sink = target.sink()
    return [name for name in sink._tables.names() if name.startswith("columnar_")]


def test_a_publication_is_there_once(target: Target) -> None:
    sink = target.sink()
    sink.prepare([LEDGER, ROWS], create=True)
    sink.publish("c1", [ledger_row(1), rows(1, 2)])
    with pytest.raises(AlreadyPublishedError):
        sink.publish("c1", [ledger_row(1, "b"), rows(3)])
    sink.publish("c2", [ledger_row(2), rows(4), rows(5), rows()])
    assert (sink.count("rows"), sink.count("ledger")) == (4, 2)
    assert sink.read("ledger", ["attempt"], {"chunk": 1})["attempt"].to_pylist() == ["a"]
    streamed = [value for batch in sink.stream("rows", ["id"], {}) for value in batch["id"].to_pylist()]
    assert sorted(streamed) == [1, 2, 4, 5]
    assert sink.has("rows")
    assert not sink.has("other")
    sink.close()
    again = target.sink()
    again.prepare([LEDGER, ROWS], create=True)
    assert again.count("rows") == 4
    assert staging_tables(target) == []
    name = target.dialect.reading.quote("rows")  # reserved in MariaDB
    assert target.execute(f"SELECT id, text FROM {name} ORDER BY id").splitlines()[0] == "1\tx"


def test_what_is_refused_is_undone(target: Target) -> None:
    sink = target.sink()
    sink.prepare([LEDGER, ROWS], create=True)
    sink.publish("c1", [ledger_row(1), rows(1)])
    with pytest.raises(DataError):
        sink.publish("c2", [ledger_row(2), rows(2, 1)])
    assert (sink.count("rows"), sink.count("ledger")) == (1, 1)
    with pytest.raises(DataError):
        sink.probe([rows(1)])
    sink.probe([rows(7)])
    assert sink.count("rows") == 1
    sink.publish("c2", [ledger_row(2), rows(2)])
    assert sink.count("rows") == 2
    assert staging_tables(target) == []


RIVAL = """
import sys
from loaders.errors import AlreadyPublishedError, TransientError
from tests.loaders.database.targets import *
from tests.loaders.test_sinks import LEDGER, ROWS, ledger_row, rows

sink = target_of(*sys.argv[1:4]).sink()
sink.prepare([LEDGER, ROWS], create=False)
print("ready", flush=True)
for line in sys.stdin:
    chunk = int(line)
    try:
        sink.publish(f"c{chunk}", [ledger_row(chunk, "theirs"), rows(*range(chunk * 9, chunk * 9 + 9))])
        print("published", flush=True)
    except (AlreadyPublishedError, TransientError):
        print("refused", flush=True)
"""


@on(*SERVERS, "sqlite-direct")
def test_two_publishers_of_one_chunk(target: Target) -> None:
    """In two processes, since turbodbc holds Python's lock while it waits: one is refused, at the ledger's key."""
    sink = target.sink()
    sink.prepare([LEDGER, ROWS], create=True)
    command = [sys.executable, "-c", RIVAL, target.name, target.url, target.publish]
    rival = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert rival.stdin is not None
    assert rival.stdout is not None
    assert rival.stdout.readline() == "ready\n"
    for chunk in range(8):
        rival.stdin.write(f"{chunk}\n")
        rival.stdin.flush()
        ours = "published"
        try:
            sink.publish(f"c{chunk}", [ledger_row(chunk, "ours"), rows(*range(chunk * 9, chunk * 9 + 9))])
        except (AlreadyPublishedError, TransientError):
            ours = "refused"
        assert {ours, rival.stdout.readline().strip()} == {"published", "refused"}
    rival.stdin.close()
    assert rival.wait() == 0
    rival.stdout.close()
    assert (sink.count("rows"), sink.count("ledger")) == (72, 8)


class Cut:
    """A connection whose server is gone at one call; whatever came before is undone by the server."""

    def __init__(self, inner: BulkConnection, plan: dict[str, int]) -> None:
        self._inner = inner
        self._plan = plan
        self.streams = inner.streams
        self.one_snapshot = inner.one_snapshot

    def _call(self, name: str) -> None:
        self._plan["calls"] += 1
        if self._plan["calls"] == self._plan["cut"]:
            self._plan["cut_in"] = name  # type: ignore[assignment]
            self._inner.close()
            raise TransientError(f"cut at {name}")

    def run(self, sql: str, values: Sequence[Value] = ()) -> int:
        self._call("run")
        return self._inner.run(sql, values)

    def table(self, select: Select) -> pa.Table:
        self._call("table")
        return self._inner.table(select)

    def insert(self, target: BulkTarget, rows: pa.Table) -> int:
        self._call("insert")
        return self._inner.insert(target, rows)

    def begin(self, **options: object) -> None:
        self._call("begin")
        self._inner.begin()

    def commit(self) -> None:
        self._call("commit")
        self._inner.commit()
        self._call("acknowledgement")

    def rollback(self) -> None:
        self._inner.rollback()

    def close(self) -> None:
        self._inner.close()


def test_a_cut_at_every_call(target: Target) -> None:
    """Of publishing, in turn: the same publication is tried again until it is there, and is there once."""
    judge = target.sink()
    judge.prepare([LEDGER, ROWS], create=True)
    cut_in, chunk = set(), 0
    for cut in range(1, 100):
        plan: dict[str, int] = {"calls": 0, "cut": 0}
        sink = target.sink(connect=lambda parameter_rows, plan=plan: Cut(target.connect(parameter_rows), plan))
        sink.prepare([LEDGER, ROWS], create=False)
        plan |= {"calls": 0, "cut": cut}
        chunk += 1
        outcome = ""
        for _ in range(3):
            try:
                sink.publish(f"c{chunk}", [ledger_row(chunk), rows(chunk * 10, chunk * 10 + 1)])
                outcome = "published"
                break
            except TransientError:
                continue
            except AlreadyPublishedError:
                outcome = "already"
                break
        assert outcome, cut
        cut_in.add(plan.get("cut_in", ""))
        sink.close()
        assert (judge.count("ledger"), judge.count("rows")) == (chunk, 2 * chunk), plan
        if plan["calls"] < cut:
            break
    assert {"begin", "insert", "commit", "acknowledgement", ""} <= cut_in
    judge.prepare([LEDGER, ROWS], create=False)
    assert staging_tables(target) == []


class Forgetful(Cut):
    """Says that it committed, and did not."""

    def commit(self) -> None:
        self._inner.rollback()


def test_a_commit_that_stored_nothing_is_noticed(target: Target) -> None:
    """Success is what reading back says, not what the driver returns; a run publishes again."""
    target.sink().prepare([LEDGER, ROWS], create=True)
    plan = {"calls": 0, "cut": 0}
    sink = target.sink(connect=lambda parameter_rows: Forgetful(target.connect(parameter_rows), plan))
    sink.prepare([LEDGER, ROWS], create=False)
    with pytest.raises(TransientError, match="is not there"):
        sink.publish("c1", [ledger_row(1), rows(1)])


@on("postgresql-direct", "postgresql-staged", "odbc-direct")
def test_rows_that_a_trigger_takes_away_are_noticed(target: Target) -> None:
    """Counts are checked inside the transaction."""
    sink = target.sink()
    sink.prepare([LEDGER, ROWS], create=True)
    target.execute(
        "CREATE FUNCTION leave() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;"
        "CREATE TRIGGER leave BEFORE INSERT ON rows FOR EACH ROW WHEN (NEW.id = 2) EXECUTE FUNCTION leave()"
    )
    with pytest.raises(UnavailableError, match="3 rows were sent and 2 arrived"):
        sink.publish("c1", [ledger_row(1), rows(1, 2, 3)])
    assert (sink.count("rows"), sink.count("ledger")) == (0, 0)


KILLED = """
import os, signal, sys
from loaders.database.staged_publish import StagedPublish
from tests.loaders.database.targets import *
from tests.loaders.test_sinks import LEDGER, ROWS, ledger_row, rows

at = sys.argv[3]
sink = target_of(*sys.argv[1:3], "staged").sink()
sink.prepare([LEDGER, ROWS], create=True)

def die(*_):
    print("dying", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(StagedPublish, at, die)
sink.publish("c1", [ledger_row(1), rows(1, 2)])
"""


@pytest.mark.parametrize("at", ["_copy", "_move", "_drop"])
@on(*STAGED)
def test_what_a_killed_process_left_staged_is_swept(target: Target, at: str, tmp_path: Path) -> None:
    target.sink().prepare([LEDGER, ROWS], create=True)
    url = target.url
    command = [sys.executable, "-c", KILLED, target.name, url, at]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "dying" in done.stdout, done.stderr
    assert staging_tables(target), "the process was killed with tables staged"
    living = target.sink()
    names = living._area.new_names("mine", 1)
    target.execute(f"CREATE TABLE {names[0]} (a int)")
    target.execute("CREATE TABLE columnar_0123456789ab (a int)")
    sink = target.sink()
    sink.prepare([LEDGER, ROWS], create=True)
    assert staging_tables(target) == sorted([names[0], "columnar_0123456789ab"]), (
        "of a living run, and not of that form"
    )
    living.close()
    sink.prepare([LEDGER, ROWS], create=True)
    assert staging_tables(target) == ["columnar_0123456789ab"]
    expected = (2, 1) if at == "_drop" else (0, 0)
    assert (sink.count("rows"), sink.count("ledger")) == expected


@on(*STAGED)
def test_staging_has_a_schema_of_its_own(target: Target) -> None:
    schema = target.database + "_staging"
    sink = target.sink(staging_schema=schema)
    made = [each for each in sink.statements([LEDGER, ROWS]) if schema in each]
    assert len(made) == 1
    sink.prepare([LEDGER, ROWS], create=True)
    seen: list[list[str]] = []
    move = sink._strategy._move  # type: ignore[union-attr]

    def look(connection: BulkConnection, staged: object) -> None:
        with sink._connections.reading() as other:
            seen.append(target.dialect.tables.table_names(other, schema))
        move(connection, staged)  # type: ignore[arg-type]

    sink._strategy._move = look  # type: ignore[method-assign, union-attr]
    sink.publish("Job ü/1-g1-c000000001", [ledger_row(1), rows(1)])
    assert [name[22:] for name in seen[0]] == ["job_1_g1_c000000001_1_0", "job_1_g1_c000000001_1_1"]
    assert sink.count("rows") == 1
    target.execute(f"DROP {'DATABASE' if target.name == 'mariadb' else 'SCHEMA'} {schema}")


OTHER = """
import sys
from loaders.errors import AlreadyPublishedError, TransientError
from tests.loaders.database.targets import *
from tests.loaders.database.test_write_publish import PAIR, pair
from tests.loaders.test_sinks import LEDGER, ledger_row

target = target_of(*sys.argv[1:4])
sink = target.sink()
sink.prepare([LEDGER, PAIR], create=False)
name = "_move" if target.publish == "staged" else "_insert"
inner, calls = getattr(sink._strategy, name), []

def wait(*arguments):
    if len(calls) == 2:
        print("ready", flush=True)
        sys.stdin.readline()
    calls.append(1)
    inner(*arguments)

setattr(sink._strategy, name, wait)
try:
    sink.publish("c2", [ledger_row(2), pair(2), pair(1)])
    print("published", flush=True)
except TransientError:
    print("transient", flush=True)
"""
PAIR = TableSpec("pair", pa.schema([pa.field("id", pa.int64(), nullable=False)]), ("id",))


def pair(number: int) -> Part:
    return Part("pair", pa.table({"id": [number]}))


@on(*SERVERS)
def test_a_deadlock_is_transient(target: Target) -> None:
    """Made on purpose: two processes that wait for each other; the server chooses one."""
    sink = target.sink()
    sink.prepare([LEDGER, PAIR], create=True)
    command = [sys.executable, "-c", OTHER, target.name, target.url, target.publish]
    other = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert other.stdin is not None
    assert other.stdout is not None
    name = "_move" if target.publish == "staged" else "_insert"
    inner, calls = getattr(sink._strategy, name), []

    def wait(*arguments: object) -> None:
        if len(calls) == 2:
            assert other.stdout is not None
            assert other.stdin is not None
            assert other.stdout.readline() == "ready\n"
            other.stdin.write("go\n")
            other.stdin.flush()
        calls.append(1)
        inner(*arguments)

    setattr(sink._strategy, name, wait)
    ours = "published"
    try:
        sink.publish("c1", [ledger_row(1), pair(1), pair(2)])
    except TransientError:
        ours = "transient"
    theirs = other.communicate()[0].strip()
    assert {ours, theirs} == {"published", "transient"}
    judge = target.sink()
    assert (judge.count("pair"), judge.count("ledger")) == (2, 1)


@on("postgresql-direct", "odbc-direct")
def test_rows_of_a_partitioned_table_with_a_trigger_are_counted(target: Target) -> None:
    target.execute(
        "CREATE TABLE t (at bigint PRIMARY KEY) PARTITION BY RANGE (at);"
        "CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);"
        "CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20);"
        "CREATE FUNCTION kept() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN IF NEW.at = 5 THEN RETURN NULL; END IF; RETURN NEW; END $$;"
        "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION kept()"
    )
    sink = target.sink()
    sink.prepare([TableSpec("t", pa.schema([("at", pa.int64())]), ("at",))], create=False)
    sink.publish("one", [Part("t", pa.table({"at": [1, 2, 11]}))])
    assert sink.count("t") == 3
    with pytest.raises(UnavailableError, match="2 rows were sent and 1 arrived"):
        sink.publish("two", [Part("t", pa.table({"at": [5, 12]}))])
    assert sink.count("t") == 3
