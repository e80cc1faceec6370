"""What a DuckDB target makes, checks and fills: DDL, foreign keys, identities, columns left out."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.dialects import DIALECTS
from loaders.duckdb_ddl import statements
from loaders.duckdb_sink import DuckDBSink
from loaders.errors import DataError, TargetMismatchError, UnavailableError
from loaders.insert_order import in_waves, without_nulls
from loaders.parquet_sink import ParquetSink
from loaders.sink import ForeignKeySpec, MadeColumnSpec, Part, TableSpec
from loaders.staged_keys import StagedKeys
from tests.loaders.engine import engine

ROOT = Path(__file__).parents[2]
INT = pa.int64()
PAIR = TableSpec(
    "a.pair", pa.schema([pa.field("x", INT, nullable=False), pa.field("y", pa.string(), nullable=False)]), ("x", "y")
)
# In another order than the key's: DuckDB would match x to y by their places.
CHILD = TableSpec(
    "a.child",
    pa.schema([("id", INT), ("other_y", pa.string()), ("other_x", INT)]),
    (),
    foreign_keys=(ForeignKeySpec(("other_y", "other_x"), "a.pair", ("y", "x")),),
    made=(
        MadeColumnSpec("at", pa.timestamp("us"), default="current_timestamp", nullable=False),
        MadeColumnSpec("twice", computed="id * 2"),
    ),
    numbered=("id",),
    database_made=("id",),
    omitted=("other_x", "other_y"),
)
SELF = ForeignKeySpec(("up",), "tree", ("id",))
TREE = TableSpec("tree", pa.schema([pa.field("id", INT, nullable=False), ("up", INT)]), ("id",), foreign_keys=(SELF,))


def test_the_statements_stand_in_load_order_and_make_the_tables(tmp_path: Path) -> None:
    made = statements([PAIR, CHILD, TREE], schema="home")
    assert made == [
        'CREATE SCHEMA IF NOT EXISTS "a"',
        'CREATE SCHEMA IF NOT EXISTS "home"',
        'CREATE TABLE "a"."pair" (\n  "x" BIGINT NOT NULL,\n  "y" VARCHAR NOT NULL,\n  PRIMARY KEY ("x", "y")\n)',
        'CREATE SEQUENCE IF NOT EXISTS "a"."child_id_seq"',
        'CREATE TABLE "a"."child" (\n'
        '  "id" BIGINT DEFAULT nextval(\'"a"."child_id_seq"\'),\n'
        '  "other_y" VARCHAR,\n'
        '  "other_x" BIGINT,\n'
        '  "at" TIMESTAMP DEFAULT (current_timestamp) NOT NULL,\n'
        '  "twice" GENERATED ALWAYS AS (id * 2) VIRTUAL,\n'
        '  FOREIGN KEY ("other_x", "other_y") REFERENCES "pair" ("x", "y")\n'
        ")",
        'CREATE TABLE "home"."tree" (\n  "id" BIGINT NOT NULL,\n  "up" BIGINT,\n  PRIMARY KEY ("id"),\n'
        '  FOREIGN KEY ("up") REFERENCES "tree" ("id")\n)',
    ]
    assert DIALECTS["duckdb"].statements([PAIR, CHILD, TREE], "home") == made
    with duckdb.connect(tmp_path / "by_hand.duckdb") as connection:
        connection.execute(";\n".join(made))
    with engine(tmp_path) as opened:
        sink = DuckDBSink(opened, tmp_path / "target.duckdb", schema="home")
        sink.prepare([PAIR, CHILD, TREE], create=True)
        sink.prepare([PAIR, CHILD, TREE], create=True)
        by_hand = DuckDBSink(opened, tmp_path / "by_hand.duckdb", schema="home")
        assert by_hand.mismatches([PAIR, CHILD, TREE], create=False) == []


def test_a_foreign_key_means_the_columns_that_it_names(tmp_path: Path) -> None:
    for made_before in (False, True):
        folder = tmp_path / str(made_before)
        folder.mkdir()
        if made_before:
            with duckdb.connect(folder / "target.duckdb") as connection:
                connection.execute("CREATE SCHEMA a; CREATE TABLE a.pair (x BIGINT, y VARCHAR, PRIMARY KEY (y, x))")
        with engine(folder) as opened:
            sink = DuckDBSink(opened, folder / "target.duckdb")
            sink.prepare([PAIR, CHILD], create=True)
            pair = Part("a.pair", pa.table({"x": [1], "y": ["one"]}))
            good = Part("a.child", pa.table({"id": [1], "other_x": [1], "other_y": ["one"]}))
            bad = Part("a.child", pa.table({"id": [1], "other_x": [2], "other_y": ["one"]}))
            sink.probe([pair, good])
            with pytest.raises(DataError, match="foreign key"):
                sink.publish("c1", [pair, bad])
            sink.publish("c1", [pair, good])
            assert (sink.count("a.pair"), sink.count("a.child")) == (1, 1)


def test_columns_are_left_out_row_by_row(tmp_path: Path) -> None:
    with duckdb.connect(tmp_path / "target.duckdb") as connection:
        connection.execute("CREATE TABLE t (a INTEGER DEFAULT 7, b VARCHAR DEFAULT 'none' NOT NULL)")
    spec = TableSpec("t", pa.schema([("a", pa.int32()), ("b", pa.string())]), omitted=("a", "b"))
    rows = pa.table({"a": pa.array([1, None, 2, None, None], pa.int32()), "b": ["x", "y", None, None, None]})
    with engine(tmp_path) as opened:
        sink = DuckDBSink(opened, tmp_path / "target.duckdb")
        sink.prepare([spec], create=False)
        sink.publish("one", [Part("t", rows)])
        found = sorted(tuple(row.values()) for row in sink.read("t", ["a", "b"], {}).to_pylist())
    assert found == [(1, "x"), (2, "none"), (7, "none"), (7, "none"), (7, "y")]


@given(st.lists(st.tuples(*[st.booleans()] * 3), max_size=30))
def test_groups_hold_every_row_once(nulls: list[tuple[bool, ...]]) -> None:
    columns = {name: [None if row[at] else n for n, row in enumerate(nulls)] for at, name in enumerate("abc")}
    rows = pa.table({"n": range(len(nulls)), **columns}, schema=pa.schema([(name, INT) for name in "nabc"]))
    groups = list(without_nulls(rows, ["a", "b", "c", "absent"]))
    assert all(not group[name].null_count for group in groups for name in group.column_names)
    found = sorted((row for group in groups for row in group.to_pylist()), key=lambda row: row["n"])
    assert found == [{name: value for name, value in row.items() if value is not None} for row in rows.to_pylist()]


def test_rows_of_one_table_that_refer_to_each_other(tmp_path: Path) -> None:
    with engine(tmp_path) as opened:
        sink = DuckDBSink(opened, tmp_path / "target.duckdb")
        sink.prepare([TREE], create=True)
        rows = pa.table({"id": [4, 3, 2, 1, 9], "up": pa.array([3, 2, 1, None, 1], INT)})
        sink.publish("one", [Part("tree", rows)])
        sink.publish("two", [Part("tree", pa.table({"id": [5], "up": [4]}))])
        assert sink.count("tree") == 6
        for up in ([8], [7]):  # of none, and of itself: DuckDB wants the row to be there before
            with pytest.raises(DataError):
                sink.publish("three", [Part("tree", pa.table({"id": [7], "up": up}))])
        assert sink.count("tree") == 6


@given(st.lists(st.one_of(st.none(), st.integers(0, 12)), max_size=10))
def test_waves_put_rows_after_those_they_refer_to(parents: list[int | None]) -> None:
    rows = pa.table({"id": range(len(parents)), "up": parents}, schema=TREE.schema)
    there: set[int] = set()
    waves = [wave.to_pylist() for wave in in_waves(rows, [SELF])]
    for at, wave in enumerate(waves):
        for row in wave:
            inside = row["up"] is not None and row["up"] < len(parents)
            assert not inside or row["up"] in there or at == len(waves) - 1
        there |= {row["id"] for row in wave}
    assert sorted((row for wave in waves for row in wave), key=lambda row: row["id"]) == rows.to_pylist()
    frame = pl.DataFrame(rows)
    assert len(waves) <= frame.height + 1


def test_values_of_a_sequence_are_given_out_once(tmp_path: Path) -> None:
    given_out: list[int] = []
    for _ in range(3):
        with engine(tmp_path) as opened:
            sink = DuckDBSink(opened, tmp_path / "target.duckdb")
            sink.prepare([PAIR, CHILD], create=True)
            given_out += sink.next_values("a.child", "id", 4).to_pylist()
            with pytest.raises(DataError):
                sink.publish("c", [Part("a.child", pa.table({"id": given_out[-1:], "other_x": [1], "other_y": ["?"]}))])
            given_out += sink.next_values("a.child", "id", 1).to_pylist()
    assert given_out == list(range(1, 16))


KILLED = """
import os, signal, sys
from pathlib import Path
from loaders.duckdb_engine import DuckDBEngine
from loaders.duckdb_sink import DuckDBSink
from tests.loaders.test_target_tables import CHILD, PAIR

folder = Path(sys.argv[1])
sink = DuckDBSink(DuckDBEngine(memory_bytes=300_000_000, spill=folder / "spill", threads=2), folder / "target.duckdb")
sink.prepare([PAIR, CHILD], create=True)
print(*sink.next_values("a.child", "id", 3).to_pylist(), flush=True)
os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
"""


def test_a_killed_process_takes_its_values_with_it(tmp_path: Path) -> None:
    found = []
    for _ in range(3):
        command = [sys.executable, "-c", KILLED, str(tmp_path)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode != 0
        found += done.stdout.split()
    assert found == [str(number) for number in range(1, 10)]


def test_values_come_from_any_default(tmp_path: Path) -> None:
    with duckdb.connect(tmp_path / "target.duckdb") as connection:
        connection.execute('CREATE SCHEMA a; CREATE SEQUENCE plain START 5; CREATE SEQUENCE a."of a" START 50')
        number = "DEFAULT nextval('a.\"of a\"')"
        connection.execute(
            f"CREATE TABLE a.t (i INTEGER {number}, j BIGINT DEFAULT nextval('plain'), n TINYINT {number})"
        )
        connection.execute("ALTER TABLE a.t ADD COLUMN u VARCHAR DEFAULT CAST(uuid() AS VARCHAR)")
    schema = pa.schema([("i", pa.int32()), ("j", INT), ("u", pa.string()), ("n", pa.int8())])
    with engine(tmp_path) as opened:
        sink = DuckDBSink(opened, tmp_path / "target.duckdb")
        sink.prepare([TableSpec("a.t", schema, database_made=("i", "j", "u", "n"))], create=False)
        assert sink.next_values("a.t", "i", 3).equals(pa.array([50, 51, 52], pa.int32()))
        assert sink.next_values("a.t", "j", 2).equals(pa.array([5, 6], INT))
        assert len(set(sink.next_values("a.t", "u", 10).to_pylist())) == 10
        with pytest.raises(UnavailableError, match=r"the target makes no more values for a\.t\.n"):
            sink.next_values("a.t", "n", 100)


def test_rows_as_the_target_stores_them(tmp_path: Path) -> None:
    with duckdb.connect(tmp_path / "target.duckdb") as connection:
        connection.execute("CREATE TABLE t (k UUID, d DECIMAL(12,4), i HUGEINT, s VARCHAR)")
    key = "ABCDEFAB-1234-1234-1234-ABCDEFABCDEF"
    schema = pa.schema([("k", pa.string()), ("d", pa.decimal128(6, 2)), ("i", pa.int8()), ("s", pa.string())])
    columns = [
        pa.array([key]),
        pa.array([Decimal("1.50")], schema.field("d").type),
        pa.array([3], pa.int8()),
        pa.array(["x"]),
    ]
    rows = pa.table(columns, schema=schema)
    with engine(tmp_path) as opened:
        sink = DuckDBSink(opened, tmp_path / "target.duckdb")
        sink.prepare([TableSpec("t", schema)], create=False)
        sink.publish("one", [Part("t", rows)])
        stored = pa.Table.from_batches(list(sink.stream("t", schema.names, {})))
        assert sink.as_stored("t", rows).equals(stored)
        wrong = rows.set_column(0, "k", pa.array(["none"]))
        assert sink.as_stored("t", wrong)["k"].null_count == 1


def test_a_parquet_target_says_what_it_cannot_do(tmp_path: Path) -> None:
    sink = ParquetSink(tmp_path / "out")
    with pytest.raises(TargetMismatchError, match=r"a\.child\.id is made by the database"):
        sink.prepare([PAIR, CHILD], create=True)
    sink.prepare([PAIR], create=True)
    rows = pa.table({"x": [1], "y": ["a"]})
    assert sink.as_stored("a.pair", rows) is rows
    sink.publish("one", [Part("a.pair", rows)])
    assert (sink.count("a.pair"), sink.has_defaults) == (1, False)


def test_keys_of_rows_are_staged_by_table(tmp_path: Path) -> None:
    with engine(tmp_path) as opened:
        staged = StagedKeys(opened, tmp_path / "keys.duckdb")
        with pytest.raises(ValueError, match="not staged"):
            staged.rows.known("t", pa.array(["a"]))
        staged.rows.stage("t", ["k"], [pa.array(["a", "b", None]), pa.array(["c", "a"])])
        staged.rows.stage("empty", ["k"], [])
        assert sorted(staged.rows.known("t", pa.array(["a", "c", "d", None, "a"])).to_pylist()) == ["a", "c"]
        assert staged.rows.known("empty", pa.array(["a"])).to_pylist() == []
        assert (staged.rows.has("empty"), staged.rows.has("other")) == (True, False)
        assert staged.rows.tables() == {"t": (("k",), 5), "empty": (("k",), 0)}
        assert staged.count() == 0, "keys of rows are no keys of documents"


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (
            MadeColumnSpec("m", INT, default="0)); DROP TABLE x; CREATE TABLE y (z BIGINT DEFAULT (0"),
            "more than an expression",
        ),
        (MadeColumnSpec("m", INT, default="oh dear"), "the SQL of its made columns is wrong: Parser Error"),
        (MadeColumnSpec("m", default="0"), "has no type"),
        (MadeColumnSpec("m", INT, computed="id + 1", nullable=False), "no NOT NULL"),
    ],
)
def test_what_cannot_be_made_is_told_before(tmp_path: Path, made: MadeColumnSpec, message: str) -> None:
    spec = TableSpec("t", pa.schema([("id", INT)]), made=(made,))
    assert message in DIALECTS["duckdb"].problems([spec], "main")[0]
    with engine(tmp_path) as opened:
        sink = DuckDBSink(opened, tmp_path / "target.duckdb")
        with pytest.raises(TargetMismatchError, match=message):
            sink.prepare([PAIR, spec], create=True)
        assert not sink.has("a.pair")


def test_columns_that_a_table_lacks_are_added_as_the_hint_says(tmp_path: Path) -> None:
    """Such as one of the books, in a target of an earlier version."""
    wider = TableSpec("a.pair", PAIR.schema.append(pa.field("z", pa.string())).append(pa.field("n", INT)), PAIR.key)
    with engine(tmp_path) as opened:
        sink = DuckDBSink(opened, tmp_path / "target.duckdb")
        sink.prepare([PAIR], create=True)
        with pytest.raises(TargetMismatchError, match="has no column z") as caught:
            sink.prepare([wider], create=True)
    told, _, statements = caught.value.hint.partition("\n")
    assert told == "add what is missing, or load into another target:"
    with duckdb.connect(tmp_path / "target.duckdb") as connection:
        connection.execute(statements)
    with engine(tmp_path) as opened:
        DuckDBSink(opened, tmp_path / "target.duckdb").prepare([wider], create=True)


def test_a_column_that_the_target_fills_is_its_own_affair(tmp_path: Path) -> None:
    with duckdb.connect(tmp_path / "target.duckdb") as connection:
        connection.execute("CREATE TABLE t (id BIGINT, filled BIGINT NOT NULL)")
    schema = pa.schema([("id", INT)])
    with engine(tmp_path) as opened:
        sink = DuckDBSink(opened, tmp_path / "target.duckdb")
        assert sink.mismatches([TableSpec("t", schema, made=(MadeColumnSpec("filled"),))], create=False) == []
        (problem,) = sink.mismatches([TableSpec("t", schema)], create=False)
    assert problem == "t.filled is NOT NULL without a default, and the contract does not fill it"


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (
            'CREATE TABLE "PAIR" ("ID" BIGINT PRIMARY KEY)',
            "table pair is called PAIR in the target, and DuckDB does not tell upper from lower case: write PAIR",
        ),
        (
            "CREATE VIEW pair AS SELECT 1 AS id",
            "pair is a view in the target, and rows are loaded into tables: name another table",
        ),
        (
            'CREATE VIEW "Pair" AS SELECT 1 AS id',
            "pair is a view in the target, and rows are loaded into tables: name another table",
        ),
    ],
)
@pytest.mark.parametrize("create", [True, False])
def test_what_has_the_name_of_a_table_and_is_none_is_told(
    tmp_path: Path, made: str, expected: str, create: bool
) -> None:
    with duckdb.connect(tmp_path / "target.duckdb") as connection:
        connection.execute(made)
    with engine(tmp_path) as opened:
        sink = DuckDBSink(opened, tmp_path / "target.duckdb")
        spec = TableSpec("pair", pa.schema([("id", INT)]), ("id",))
        assert sink.mismatches([spec], create=create) == [expected]
        with pytest.raises(TargetMismatchError):
            sink.prepare([spec], create=create)
        sink.close()


def test_a_schema_is_found_in_any_case(tmp_path: Path) -> None:
    with duckdb.connect(tmp_path / "target.duckdb") as connection:
        connection.execute('CREATE SCHEMA "A"; CREATE TABLE "A".pair (x BIGINT, y VARCHAR, PRIMARY KEY (y, x))')
    with engine(tmp_path) as opened:
        sink = DuckDBSink(opened, tmp_path / "target.duckdb")
        assert sink.has("a.pair")
        assert sink.mismatches([PAIR], create=False) == []
        assert sink.notes([PAIR]) == []
        sink.close()


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (
            "CREATE TABLE pair (id BIGINT, x BIGINT PRIMARY KEY)",
            ["table pair: its key is (x) in the target, and (id) in the contract; rows that break the target's go to"
             " quarantine (rejected_by_target)"],
        ),
        ("CREATE TABLE pair (id BIGINT UNIQUE, x BIGINT PRIMARY KEY)", []),
        ("CREATE TABLE pair (id BIGINT, x BIGINT, number BIGINT DEFAULT 1 PRIMARY KEY)", []),
        ("CREATE TABLE pair (id BIGINT, x BIGINT)", []),
    ],
)  # fmt: skip
def test_another_key_in_the_target_is_noted(tmp_path: Path, made: str, expected: list[str]) -> None:
    with duckdb.connect(tmp_path / "target.duckdb") as connection:
        connection.execute(made)
    with engine(tmp_path) as opened:
        sink = DuckDBSink(opened, tmp_path / "target.duckdb")
        spec = TableSpec("pair", pa.schema([("id", INT), ("x", INT)]), ("id",))
        assert sink.mismatches([spec], create=False) == []
        assert sink.notes([spec]) == expected
        sink.close()
