"""Every sink: all of a publication or nothing, once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds
import pytest

from loaders.duckdb_sink import DuckDBSink
from loaders.errors import AlreadyPublishedError, DataError, TargetMismatchError, TransientError, UnavailableError
from loaders.parquet_sink import ParquetSink
from loaders.sink import Part, Sink, TableSpec
from loaders.staged_keys import STAGED_SCHEMA, StagedKeys
from tests.loaders.engine import engine

LEDGER = TableSpec(
    "ledger", pa.schema([pa.field("chunk", pa.int64(), nullable=False), ("attempt", pa.string())]), ("chunk",)
)
ROWS = TableSpec("rows", pa.schema([pa.field("id", pa.int64(), nullable=False), ("text", pa.string())]), ("id",))


@contextmanager
def duckdb_sink(folder: Path) -> Iterator[Sink]:
    with engine(folder) as opened:
        yield DuckDBSink(opened, folder / "target.duckdb")


@contextmanager
def parquet_sink(folder: Path) -> Iterator[Sink]:
    yield ParquetSink(folder / "target")


SINKS = [duckdb_sink, parquet_sink]


def ledger_row(chunk: int, attempt: str = "a") -> Part:
    return Part("ledger", pa.table({"chunk": [chunk], "attempt": [attempt]}))


def rows(*ids: int, text: str | None = "x") -> Part:
    return Part(
        "rows", pa.table({"id": list(ids), "text": pa.array([text] * len(ids), pa.string())}, schema=ROWS.schema)
    )


@pytest.mark.parametrize("sink_of", SINKS)
def test_a_publication_is_there_once(tmp_path: Path, sink_of: type) -> None:
    with sink_of(tmp_path) as sink:
        sink.prepare([LEDGER, ROWS], create=True)
        sink.publish("c1", [ledger_row(1), rows(1, 2)])
        with pytest.raises(AlreadyPublishedError):
            sink.publish("c1", [ledger_row(1, "b"), rows(3)])
        sink.publish("c2", [ledger_row(2), rows(4), rows(5)])
        assert (sink.count("rows"), sink.count("ledger")) == (4, 2)
        assert sink.read("ledger", ["attempt"], {"chunk": 1})["attempt"].to_pylist() == ["a"]
        assert sorted(value for batch in sink.stream("rows", ["id"], {}) for value in batch["id"].to_pylist()) == [
            1,
            2,
            4,
            5,
        ]
        assert sink.has("rows")
        sink.close()
    with sink_of(tmp_path) as again:
        again.prepare([LEDGER, ROWS], create=True)
        assert again.count("rows") == 4


def test_duckdb_undoes_all_of_what_it_refuses(tmp_path: Path) -> None:
    with duckdb_sink(tmp_path) as sink:
        sink.prepare([LEDGER, ROWS], create=True)
        sink.publish("c1", [ledger_row(1), rows(1)])
        with pytest.raises(DataError, match="id: 1"):
            sink.publish("c2", [ledger_row(2), rows(2, 1)])
        assert (sink.count("rows"), sink.count("ledger")) == (1, 1)
        with pytest.raises(DataError):
            sink.probe([rows(1)])
        sink.probe([rows(7)])
        assert sink.count("rows") == 1
        sink.publish("c2", [ledger_row(2), rows(2)])
        assert sink.count("rows") == 2


def test_two_publishers_of_one_chunk(tmp_path: Path) -> None:
    """Both look, both try; one is refused, whenever its refusal comes."""
    with engine(tmp_path) as opened:
        one, other = (DuckDBSink(opened, tmp_path / "target.duckdb") for _ in range(2))
        one.prepare([LEDGER, ROWS], create=True)
        other.prepare([LEDGER, ROWS], create=True)
        insert = one._insert

        def insert_after_the_other(part: Part) -> None:
            insert(part)
            if part.table == "ledger":
                other.publish("c1", [ledger_row(1, "other"), rows(9)])

        one._insert = insert_after_the_other  # type: ignore[method-assign]
        with pytest.raises((AlreadyPublishedError, TransientError)):
            one.publish("c1", [ledger_row(1, "one"), rows(1)])
        assert other.read("ledger", ["attempt"], {})["attempt"].to_pylist() == ["other"]
        assert other.read("rows", ["id"], {})["id"].to_pylist() == [9]


def test_a_commit_that_stored_nothing_is_noticed(tmp_path: Path) -> None:
    """Success is what reading back says, not what the driver returns."""
    with duckdb_sink(tmp_path) as sink:
        sink.prepare([LEDGER, ROWS], create=True)
        assert isinstance(sink, DuckDBSink)
        sink._insert = lambda part: None  # type: ignore[method-assign]
        with pytest.raises(UnavailableError, match="is not there"):
            sink.publish("c1", [ledger_row(1), rows(1)])


def test_mismatches_are_listed_together_and_nothing_is_made(tmp_path: Path) -> None:
    with duckdb.connect(tmp_path / "target.duckdb") as connection:
        connection.execute(
            "CREATE TABLE rows (id INTEGER, txt VARCHAR, must INTEGER NOT NULL, may INTEGER NOT NULL DEFAULT 1)"
        )
    with duckdb_sink(tmp_path) as sink:
        with pytest.raises(TargetMismatchError) as caught:
            sink.prepare([LEDGER, ROWS], create=False)
        assert len(caught.value.problems) == 4
        assert "did you mean 'txt'" in str(caught.value)
        with pytest.raises(TargetMismatchError):
            sink.prepare([LEDGER, ROWS], create=True)
        assert not sink.has("ledger")


def test_names_that_need_quotes(tmp_path: Path) -> None:
    spec = TableSpec('a "table"; DROP', pa.schema([('select "', pa.int64()), ("from", pa.string())]), ('select "',))
    with duckdb_sink(tmp_path) as sink:
        sink.prepare([spec], create=True)
        sink.publish("x", [Part(spec.name, pa.table({'select "': [1], "from": ["a"]}))])
        assert sink.read(spec.name, ["from"], {'select "': 1})["from"].to_pylist() == ["a"]


def test_a_schema_of_its_own(tmp_path: Path) -> None:
    with engine(tmp_path) as opened:
        sink = DuckDBSink(opened, tmp_path / "target.duckdb", schema="loans")
        sink.prepare([ROWS], create=True)
        sink.publish("x", [rows(1)])
        assert sink.count("rows") == 1


VALUES = {
    "bool": (pa.bool_(), [None, True, False]),
    "int8": (pa.int8(), [None, -128, 127]),
    "int16": (pa.int16(), [None, -32768, 32767]),
    "int32": (pa.int32(), [None, -(2**31), 2**31 - 1]),
    "int64": (pa.int64(), [None, -(2**63), 2**63 - 1]),
    "float64": (pa.float64(), [None, -0.0, 1.7976931348623157e308]),
    "decimal": (pa.decimal128(38, 10), [None, Decimal("-9999999999999999999999999999.9999999999"), Decimal("0E-10")]),
    "string": (pa.string(), [None, "", "emoji 😀 " * 500]),
    "long": (pa.string(), [None, "x" * 2_000_000, "'\";--"]),
    "date": (pa.date32(), [None, date(1, 1, 1), date(9999, 12, 31)]),
    "time": (pa.time64("us"), [None, time(0), time(23, 59, 59, 999999)]),
    "timestamp": (pa.timestamp("us"), [None, datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999999)]),
    "timestamptz": (
        pa.timestamp("us", "UTC"),
        [None, datetime(1, 1, 2, tzinfo=UTC), datetime(2024, 2, 29, 1, 2, 3, 4, UTC)],
    ),
    "binary": (pa.binary(), [None, b"", bytes(range(256))]),
    "list": (pa.list_(pa.string()), [None, [], ["a", None, "b"]]),
}


@pytest.mark.parametrize("sink_of", SINKS)
@pytest.mark.parametrize("name", VALUES)
def test_every_type_arrives_equal(tmp_path: Path, sink_of: type, name: str) -> None:
    kind, values = VALUES[name]
    table = pa.table({"at": pa.array(range(3), pa.int64()), "value": pa.array(values, kind)})
    with sink_of(tmp_path) as sink:
        sink.prepare([TableSpec("t", table.schema)], create=True)
        sink.publish("one", [Part("t", table)])
        assert sink.read("t", ["at", "value"], {}).sort_by("at")["value"].to_pylist() == values


def test_an_unfinished_parquet_publication_is_not_there(tmp_path: Path) -> None:
    staging = tmp_path / "target" / "staging" / "c1"
    staging.mkdir(parents=True)
    (staging / "rows.parquet").write_bytes(b"half a file")
    with parquet_sink(tmp_path) as sink:
        sink.prepare([LEDGER, ROWS], create=True)
        assert sink.count("rows") == 0
        sink.publish("c1", [ledger_row(1), rows(1)])
        assert sink.count("rows") == 1
    assert not staging.exists()


def test_everybody_reads_the_parquet_target(tmp_path: Path) -> None:
    with parquet_sink(tmp_path) as sink:
        sink.prepare([LEDGER, ROWS], create=True)
        for chunk in range(3):
            sink.publish(f"c{chunk}", [ledger_row(chunk), rows(chunk, 10 + chunk)])
    pattern = f"{tmp_path}/target/publications/*/rows.parquet"
    expected = [0, 1, 2, 10, 11, 12]
    assert duckdb.sql(f"SELECT id FROM '{pattern}' ORDER BY id").fetchall() == [(each,) for each in expected]
    assert pl.scan_parquet(pattern).sort("id").collect()["id"].to_list() == expected
    files = sorted(map(str, (tmp_path / "target").rglob("rows.parquet")))
    assert sorted(ds.dataset(files).to_table()["id"].to_pylist()) == expected


def test_a_parquet_table_cannot_change_its_columns(tmp_path: Path) -> None:
    with parquet_sink(tmp_path) as sink:
        sink.prepare([ROWS], create=True)
        sink.publish("c1", [rows(1)])
        other = TableSpec("rows", pa.schema([("id", pa.string()), ("new", pa.string())]))
        with pytest.raises(TargetMismatchError) as caught:
            sink.prepare([other], create=True)
        assert len(caught.value.problems) == 2


def test_staged_keys(tmp_path: Path) -> None:
    def keys(*values: tuple[str | None, bytes | None]) -> pa.Table:
        listed = [
            {"key": key, "fingerprint": content, "source_key": "s", "place": "run", "chunk": 1}
            for key, content in values
        ]
        return pa.Table.from_pylist(listed, schema=STAGED_SCHEMA)

    with engine(tmp_path) as opened:
        staged = StagedKeys(opened, tmp_path / "keys.duckdb")
        staged.stage([keys(("a", b"1"), ("b", None), (None, b"3"))])
        assert staged.count() == 3
        wanted = keys(("a", b"9"), (None, b"3"), ("c", b"4"), (None, None))
        assert staged.matching(wanted, by_fingerprint=False)["key"].to_pylist() == ["a"]
        assert sorted(staged.matching(wanted, by_fingerprint=True)["key"].to_pylist(), key=str) == [None, "a"]
        staged.close()
    with engine(tmp_path) as opened:
        staged = StagedKeys(opened, tmp_path / "keys.duckdb")
        assert staged.count() == 3, "they are kept from run to run"
        places = staged.matching(keys(("a", None)), by_fingerprint=False)["place"].to_pylist()
        assert places == ["target"], "for the next run they were there before"
        assert not staged.is_of("other")
        staged.begin("other")
        assert staged.is_of("other")
        assert (staged.count(), staged.chunks(), staged.table_rows()) == (0, {}, {})


def test_a_file_of_another_kind_is_no_database(tmp_path: Path) -> None:
    """DuckDB opens a .parquet, .csv or .json file as an in-memory database, unless it is told not to."""
    for name in ("x.csv", "x.json", "x.parquet"):
        (tmp_path / name).write_text("a,b\n1,2\n")
        with engine(tmp_path) as opened, pytest.raises(UnavailableError, match="not a valid DuckDB database"):
            DuckDBSink(opened, tmp_path / name)
