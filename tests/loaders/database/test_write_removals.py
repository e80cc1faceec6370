"""Rows found and deleted by keys in databases, as these compare them."""

from __future__ import annotations

import pyarrow as pa
import pytest

from loaders.errors import AlreadyPublishedError, DataError
from loaders.sink import ForeignKeySpec, Part, Removal, TableSpec
from tests.loaders.database.targets import Target
from tests.loaders.test_removals import ids
from tests.loaders.test_sinks import LEDGER, ROWS, ledger_row, rows


def test_rows_are_found_and_deleted_by_keys(target: Target) -> None:
    sink = target.sink()
    sink.prepare([LEDGER, ROWS], create=True)
    sink.publish("c1", [ledger_row(1), rows(1, 2)])
    sink.publish("c2", [ledger_row(2), rows(3, 4, text=None)])
    keys = pa.table({"id": ["2", "3", "9", "2", "none"]})
    assert ids(sink, keys) == [2, 3]
    assert ids(sink, pa.table({"id": ["2", "3"], "text": pa.array(["x", None], pa.string())})) == [2]
    assert ids(sink, pa.table({"id": pa.array([], pa.int64())})) == []
    for _ in range(2):  # the second time there is nothing left to delete
        sink.delete([Removal("rows", keys)])
        assert ids(sink) == [1, 4]
    sink.delete([Removal("rows", pa.table({"id": [1]}))])
    assert (ids(sink), sink.count("rows")) == ([4], 1)


def test_more_keys_than_one_select_takes(target: Target) -> None:
    sink = target.sink()
    sink.prepare([LEDGER, ROWS], create=True)
    sink.publish("c1", [ledger_row(1), rows(*range(2_000))])
    keys = pa.table({"id": range(500, 1_000), "text": ["x"] * 500})
    assert ids(sink, keys) == list(range(500, 1_000))
    sink.delete([Removal("rows", keys)])
    assert sink.count("rows") == 1_500


def test_what_cannot_be_published_is_not_deleted(target: Target) -> None:
    sink = target.sink()
    sink.prepare([LEDGER, ROWS], create=True)
    sink.publish("c1", [ledger_row(1), rows(1, 2, 3)])
    assert sink.deletes_at_once(["rows", "ledger"])
    gone = [Removal("rows", pa.table({"id": [1, 2]}))]
    with pytest.raises(AlreadyPublishedError):
        sink.publish("c1", [ledger_row(1, "b")], gone)
    with pytest.raises(DataError):
        sink.publish("c2", [ledger_row(2), rows(3)], gone)
    assert ids(sink) == [1, 2, 3]
    sink.publish("c2", [ledger_row(2), rows(1, text="new")], gone)
    assert ids(sink) == [1, 3]


def test_children_go_first_in_one_transaction(target: Target) -> None:
    link = ForeignKeySpec(("row",), "rows", ("id",))
    child = TableSpec("child", pa.schema([("row", pa.int64())]), foreign_keys=(link,))
    sink = target.sink()
    sink.prepare([LEDGER, ROWS, child], create=True)
    family = [rows(1, 2), Part("child", pa.table({"row": [1, 1, 2]}))]
    sink.publish("c1", [ledger_row(1), *family])
    parents, children = Removal("rows", pa.table({"id": [1]})), Removal("child", pa.table({"row": [1]}))
    with pytest.raises(DataError):
        sink.publish("c2", [ledger_row(2)], [parents])
    sink.publish("c2", [ledger_row(2)], [children, parents])
    assert (sink.count("rows"), sink.count("child")) == (1, 1)


def test_rows_that_refer_to_each_other_go_too(target: Target) -> None:
    fields = [pa.field("id", pa.decimal128(9, 2), nullable=False), ("above", pa.decimal128(9, 2))]
    tree = TableSpec("tree", pa.schema(fields), ("id",), (ForeignKeySpec(("above",), "tree", ("id",)),))
    sink = target.sink()
    sink.prepare([LEDGER, tree], create=True)
    values = {"id": [3, 2, 1, 4], "above": [2, 1, None, None]}  # integers into decimals
    sink.publish("c1", [ledger_row(1), Part("tree", pa.table(values))])
    sink.delete([Removal("tree", pa.table({"id": [1, 2, 3]}))])
    assert [str(each) for each in sink.read("tree", ["id"], {})["id"].to_pylist()] == ["4.00"]


def test_keys_are_compared_as_the_target_does(target: Target) -> None:
    """In a column that ignores case a key finds its row, and finds it once."""
    kinds = {
        "postgresql": "CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);"
        'CREATE TABLE t (k varchar(20) COLLATE "ci" PRIMARY KEY, n bigint)',
        "mariadb": "CREATE TABLE t (k varchar(20) COLLATE utf8mb4_general_ci PRIMARY KEY, n bigint) CHARSET utf8mb4",
        "sqlite": "CREATE TABLE t (k varchar(20) COLLATE NOCASE PRIMARY KEY, n bigint)",
    }
    for statement in kinds[target.name].split(";"):
        target.execute(statement)
    spec = TableSpec("t", pa.schema([("k", pa.string()), ("n", pa.int64())]), ("k",))
    sink = target.sink()
    sink.prepare([LEDGER], create=True)
    sink.prepare([spec], create=False)
    sink.publish("c1", [ledger_row(1), Part("t", pa.table({"k": ["Ab", "c", "D"], "n": [1, 2, 3]}))])
    keys = pa.table({"k": ["aB", "AB", "ab", "C", "x", "x" * 30]})
    found = [value for batch in sink.select("t", ["n"], keys) for value in batch["n"].to_pylist()]
    assert sorted(found) == [1, 2]
    sink.delete([Removal("t", keys)])
    assert sink.read("t", ["k"], {})["k"].to_pylist() == ["D"]
