"""A table read in pages along a key has every row once, whatever the key and its order."""

from __future__ import annotations

import pyarrow as pa
import pytest

from loaders.database.keyed_pages import pages, paging_key
from loaders.sink import Part, TableSpec
from tests.loaders.database.targets import DIRECT, Target, on
from tests.loaders.test_sinks import LEDGER, ledger_row


@pytest.mark.parametrize("rows", [1, 3, 7, 100])
@on(*DIRECT)
def test_pages_have_every_row_once(target: Target, rows: int) -> None:
    fields = [pa.field("a", pa.string(), nullable=False), pa.field("b", pa.int64(), nullable=False), ("v", pa.string())]
    spec = TableSpec("t", pa.schema(fields), ("a", "b"), lengths=(("a", 20),))
    sink = target.sink()
    sink.prepare([LEDGER, spec], create=True)
    keys = [(text, number) for text in ("", "a", "A", "a ", "é", "z😀") for number in (-5, 0, 10, 9)]
    values = {"a": [key[0] for key in keys], "b": [key[1] for key in keys], "v": ["x"] * 23 + [None]}
    sink.publish("c1", [ledger_row(1), Part("t", pa.table(values))])
    key = paging_key(sink._tables.stored("t"))
    assert [column.name for column in key] == ["a", "b"]
    with sink._connections.reading() as connection:
        for equal, expected in ({}, keys), ({"a": "a"}, [("a", number) for number in (-5, 0, 10, 9)]):
            select = sink._select("t", ["b", "a"], equal)
            found = pa.concat_tables(pages(connection, target.dialect.reading, select, key, rows=rows))
            assert sorted((row["a"], row["b"]) for row in found.to_pylist()) == sorted(expected)


def test_a_key_that_may_be_null_orders_nothing(target: Target) -> None:
    sink = target.sink()
    target.execute("CREATE TABLE t (a int UNIQUE, b int)")
    assert paging_key(sink._tables.stored("t")) == ()
