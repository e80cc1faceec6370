"""Rows that make room for others in a DuckDB file whose tables refer to each other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from loaders import duckdb_sink as module
from loaders.duckdb_sink import DuckDBSink
from loaders.errors import DataError
from loaders.sink import ForeignKeySpec, Part, Removal, TableSpec
from tests.loaders.engine import engine
from tests.loaders.test_sinks import LEDGER, ledger_row

ID, NO, X = (
    pa.field("id", pa.int64(), nullable=False),
    pa.field("no", pa.int32(), nullable=False),
    pa.field("x", pa.string()),
)
APP = TableSpec("app", pa.schema([ID, X]), ("id",), omitted=("x",))
ITEM = TableSpec("item", pa.schema([ID, NO, X]), ("id", "no"), (ForeignKeySpec(("id",), "app", ("id",)),))
PRICE = TableSpec("price", pa.schema([ID, NO, X]), (), (ForeignKeySpec(("id", "no"), "item", ("id", "no")),))


@contextmanager
def opened(folder: Path) -> Iterator[DuckDBSink]:
    with engine(folder) as made:
        sink = DuckDBSink(made, folder / "target.duckdb")
        sink.prepare([LEDGER, APP, ITEM, PRICE], create=True)
        yield sink


def part(spec: TableSpec, *rows: tuple[Any, ...]) -> Part:
    columns = zip(*rows, strict=True) if rows else [()] * len(spec.schema)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, spec.schema, strict=True)]
    return Part(spec.name, pa.table(arrays, schema=pa.schema([field.with_nullable(True) for field in spec.schema])))


def held(sink: DuckDBSink, spec: TableSpec) -> list[tuple[Any, ...]]:
    rows = sink.read(spec.name, spec.schema.names, {}).to_pylist()
    return sorted(tuple(row.values()) for row in rows)


def gone(*ids: int) -> list[Removal]:
    return [Removal(name, pa.table({"id": list(ids)})) for name in ("price", "item", "app")]


FIRST = [
    part(APP, (1, "a"), (2, "b")),
    part(ITEM, (1, 1, "i"), (1, 2, "j"), (2, 1, "k")),
    part(PRICE, (1, 1, "p"), (1, 2, "q"), (2, 1, "r")),
]
OTHER = [part(APP, (1, None)), part(ITEM, (1, 1, "new"), (1, 3, "l")), part(PRICE, (1, 3, "s"))]
THEN = ([(1, None), (2, "b")], [(1, 1, "new"), (1, 3, "l"), (2, 1, "k")], [(1, 3, "s"), (2, 1, "r")])


def test_parents_and_children_make_room_in_one_publication(tmp_path: Path) -> None:
    with opened(tmp_path) as sink:
        sink.publish("c1", [ledger_row(1), *FIRST])
        assert sink.replaces_at_once(["price", "item", "app"])
        assert not sink.deletes_at_once(["price", "item", "app"])
        sink.probe(OTHER, gone(1))
        assert held(sink, APP) == [(1, "a"), (2, "b")]
        sink.publish("c2", [ledger_row(2), *OTHER], gone(1))
        assert (held(sink, APP), held(sink, ITEM), held(sink, PRICE)) == THEN


def test_what_a_killed_process_left_over_goes_before_anything_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def kill(*_: object) -> None:
        raise Killed

    with opened(tmp_path) as sink:
        sink.publish("c1", [ledger_row(1), *FIRST])
        monkeypatch.setattr(module, "leftovers", kill)
        with pytest.raises(Killed):
            sink.publish("c2", [ledger_row(2), *OTHER], gone(1))
        assert (1, 2, "j") in held(sink, ITEM), "it is left over"
    monkeypatch.undo()
    with opened(tmp_path) as sink:
        assert (held(sink, APP), held(sink, ITEM), held(sink, PRICE)) == THEN
        sink.publish("c3", [ledger_row(3), part(APP), part(ITEM, (1, 2, "back"))])
        sink.prepare([LEDGER, APP, ITEM, PRICE], create=False)
        assert (1, 2, "back") in held(sink, ITEM), "what is gone is not deleted twice"


def test_rows_of_others_are_not_overwritten(tmp_path: Path) -> None:
    with opened(tmp_path) as sink:
        sink.publish("c1", [ledger_row(1), *FIRST])
        with pytest.raises(DataError):
            sink.publish("c2", [ledger_row(2), part(APP, (2, "x"))], gone(1))
        assert held(sink, APP) == [(1, "a"), (2, "b")]
        assert held(sink, LEDGER) == [(1, "a")]


def test_a_default_applies_to_what_is_updated_in_place(tmp_path: Path) -> None:
    with engine(tmp_path) as made:
        sink = DuckDBSink(made, tmp_path / "target.duckdb")
        made.cursor().execute("CREATE TABLE db0.app (id BIGINT PRIMARY KEY, x VARCHAR DEFAULT 'new')")
        sink.prepare([LEDGER, APP, ITEM, PRICE], create=True)
        sink.publish("c1", [ledger_row(1), *FIRST])
        sink.publish("c2", [ledger_row(2), *OTHER], gone(1))
        assert held(sink, APP) == [(1, "new"), (2, "b")]
