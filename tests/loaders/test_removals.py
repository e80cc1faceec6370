"""Rows found and deleted by keys, in every sink."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from loaders.duckdb_sink import DuckDBSink
from loaders.errors import AlreadyPublishedError, UsageError
from loaders.sink import ForeignKeySpec, Removal, Sink, TableSpec
from tests.loaders.engine import engine
from tests.loaders.test_sinks import LEDGER, ROWS, SINKS, duckdb_sink, ledger_row, parquet_sink, rows


def ids(sink: Sink, keys: pa.Table | None = None) -> list[int]:
    batches = sink.stream("rows", ["id"], {}) if keys is None else sink.select("rows", ["id"], keys)
    return sorted(value for batch in batches for value in batch["id"].to_pylist())


@pytest.mark.parametrize("sink_of", SINKS)
def test_rows_are_found_and_deleted_by_keys(tmp_path: Path, sink_of: type) -> None:
    with sink_of(tmp_path) as sink:
        sink.prepare([LEDGER, ROWS], create=True)
        sink.publish("c1", [ledger_row(1), rows(1, 2)])
        sink.publish("c2", [ledger_row(2), rows(3, 4, text=None)])
        keys = pa.table({"id": ["2", "3", "9"]})
        assert ids(sink, keys) == [2, 3]
        assert ids(sink, pa.table({"id": ["2", "3"], "text": pa.array(["x", None], pa.string())})) == [2]
        for _ in range(2):  # the second time there is nothing left to delete
            sink.delete([Removal("rows", keys)])
            assert ids(sink) == [1, 4]
        sink.delete([Removal("rows", pa.table({"id": [1]}))])
        assert (ids(sink), sink.count("rows")) == ([4], 1)


def test_what_cannot_be_published_is_not_deleted(tmp_path: Path) -> None:
    with duckdb_sink(tmp_path) as sink:
        sink.prepare([LEDGER, ROWS], create=True)
        sink.publish("c1", [ledger_row(1), rows(1, 2, 3)])
        gone = [Removal("rows", pa.table({"id": [1, 2]}))]
        with pytest.raises(AlreadyPublishedError):
            sink.publish("c1", [ledger_row(1, "b")], gone)
        assert ids(sink) == [1, 2, 3]
        sink.publish("c2", [ledger_row(2), rows(1, text="new")], gone)
        assert ids(sink) == [1, 3]


def test_a_parquet_target_publishes_and_deletes_apart(tmp_path: Path) -> None:
    with parquet_sink(tmp_path) as sink:
        assert not sink.deletes_at_once(["rows"])
        with pytest.raises(UsageError):
            sink.publish("c1", [ledger_row(1)], [Removal("rows", pa.table({"id": [1]}))])


def test_duckdb_says_which_tables_it_cannot_empty_together(tmp_path: Path) -> None:
    child = TableSpec(
        "child", pa.schema([("row", pa.int64())]), foreign_keys=(ForeignKeySpec(("row",), "rows", ("id",)),)
    )
    with engine(tmp_path) as opened:
        sink = DuckDBSink(opened, tmp_path / "target.duckdb")
        sink.prepare([LEDGER, ROWS, child], create=True)
        assert sink.deletes_at_once(["rows", "ledger"])
        assert not sink.deletes_at_once(["child", "rows"])


def test_rows_that_refer_to_each_other_go_generation_by_generation(tmp_path: Path) -> None:
    with engine(tmp_path) as opened:
        cursor = opened.cursor()
        sink = DuckDBSink(opened, tmp_path / "target.duckdb")
        cursor.execute(
            'CREATE TABLE db0."tree" ("id" DECIMAL(9, 2) PRIMARY KEY, "above" DECIMAL(9, 2) REFERENCES "tree"("id"))'
        )
        for values in ("1, NULL", "2, 1", "3, 2", "4, NULL"):
            cursor.execute(f'INSERT INTO db0."tree" VALUES ({values})')
        sink.delete([Removal("tree", pa.table({"id": [Decimal(1), Decimal(2), Decimal(3)]}))])
        assert cursor.execute('SELECT "id" FROM db0."tree"').fetchall() == [(Decimal("4.00"),)]
