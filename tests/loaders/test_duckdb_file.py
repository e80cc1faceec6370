"""A DuckDB file that is there wholly or not at all, one that is only read, and rows of Parquet files."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from loaders.duckdb_file import DuckDBFile
from loaders.duckdb_reader import DuckDBReader
from loaders.errors import DISK_FULL, UnavailableError, UsageError
from loaders.parquet_rows import ParquetRows
from tests.loaders.engine import engine

MEMORY = 100_000_000


def rows(path: Path) -> list[tuple[object, ...]]:
    with closing(DuckDBReader(path)) as reader:
        return reader.rows("FROM t ORDER BY ALL")


def test_it_is_there_once_it_is_finished(tmp_path: Path) -> None:
    path = tmp_path / "f.duckdb"
    for value in (1, 2):
        with closing(DuckDBFile(path, memory=MEMORY, threads=1)) as file:
            file.append("t", pa.table({"b": [value], "a": ["x"]}))
            file.append("t", pa.table({"a": ["y"], "b": [value]}))
            file.describe("TABLE", "t", "It's told.")
            assert file.columns("t") == ["b", "a"]
            assert file.execute("SELECT comment FROM duckdb_tables()") == [("It's told.",)]
            file.finish()
        assert rows(path) == [(value, "x"), (value, "y")]
    with closing(DuckDBFile(path, memory=MEMORY, threads=1)) as file:
        file.append("t", pa.table({"b": [3]}))
    assert rows(path) == [(2, "x"), (2, "y")], "what is not finished replaces nothing"
    assert [each.name for each in tmp_path.iterdir()] == ["f.duckdb"]


def test_places_where_no_file_can_be(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a folder"):
        DuckDBFile(tmp_path, memory=MEMORY, threads=1)
    with pytest.raises(UsageError, match="there is no folder"):
        DuckDBFile(tmp_path / "no" / "f", memory=MEMORY, threads=1)
    with pytest.raises(UsageError, match="there is no database file"):
        DuckDBReader(tmp_path / "none")
    (tmp_path / "text").write_text("this is no database")
    with pytest.raises(UsageError, match="is no DuckDB file"):
        DuckDBReader(tmp_path / "text")


def test_a_file_that_cannot_even_be_begun_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: str, **_: object) -> None:
        Path(path).touch()
        raise duckdb.IOException("Could not write file: No space left on device")

    monkeypatch.setattr("loaders.duckdb_file.duckdb.connect", full)
    with pytest.raises(UnavailableError, match="No space left") as raised:
        DuckDBFile(tmp_path / "f.duckdb", memory=MEMORY, threads=1)
    assert raised.value.hint == DISK_FULL
    assert list(tmp_path.iterdir()) == []


def test_rows_of_files_with_different_columns(tmp_path: Path) -> None:
    folder = tmp_path / "run=7"  # not a column
    folder.mkdir()
    pq.write_table(pa.table({"id": [1, 2, 3], "list": [[1], None, []]}), folder / "a.parquet")
    pq.write_table(pa.table({"id": pa.array([4], pa.int32()), "name": ["x"]}), folder / "b.parquet")
    with engine(tmp_path) as opened, closing(ParquetRows(opened, str(folder))) as read:
        assert read.columns == ["id", "list", "name"]
        found = [(file.name, number, table.to_pylist()) for file, number, table in read.batches(2)]
    assert [(name, number, len(listed)) for name, number, listed in found] == [
        ("a.parquet", 0, 2),
        ("a.parquet", 2, 1),
        ("b.parquet", 0, 1),
    ]
    assert found[0][2] == [{"id": 1, "list": "[1]", "name": None}, {"id": 2, "list": None, "name": None}]
    assert found[2][2] == [{"id": 4, "list": None, "name": "x"}]
