"""Every source: what it cuts covers everything once, and what it reads is what is there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.duckdb_source import DuckDBSource, DuckDBSourceOptions
from loaders.errors import LoaderError, MemoryLimitError, UnavailableError, UsageError
from loaders.folder_source import FolderSource, FolderSourceOptions
from loaders.parquet_source import ParquetSource, ParquetSourceOptions
from loaders.source import EVERYTHING, NULL_KEYS, UNREADABLE, KeyRange, ReadLimits, Source
from tests.loaders.engine import engine

LIMITS = ReadLimits(batch_bytes=500, document_bytes=10_000)

# Key columns by type: SQL type, and an expression over i in 0..59 that repeats some keys.
KEY_TYPES = {
    "bigint": "(i * 7919) % 50",
    "varchar": "'key ' || ((i * 7919) % 50)::VARCHAR || ' é''\"'",
    "varchar collate nocase": "CASE WHEN i % 2 = 0 THEN 'k' ELSE 'K' END || (i % 25)",
    "uuid": "('00000000-0000-0000-0000-0000000000' || lpad(((i * 7919) % 50)::VARCHAR, 2, '0'))::UUID",
    "date": "DATE '2024-01-01' + CAST((i * 7919) % 50 AS INTEGER)",
    "timestamp": "TIMESTAMP '2024-01-01 00:00:00.000001' + INTERVAL (((i * 7919) % 50) * 12345) MICROSECOND",
    "timestamptz": "TIMESTAMPTZ '2024-01-01 00:00:00+02' + INTERVAL ((i * 7919) % 50) HOUR",
    "decimal(20,4)": "((i * 7919) % 50) / 10000",
    "double": "((i * 7919) % 50) / 3.0",
    "hugeint": "((i * 7919) % 50)::HUGEINT * 170141183460469231731687303715884105",
    "blob": "unhex('00FF' || lpad(to_hex((i * 7919) % 50), 2, '0'))",
}


def fill(path: Path, kind: str, *, nulls: bool = True) -> None:
    """Sixty documents with a key of a type, in no order; two with a NULL key."""
    with duckdb.connect(path) as connection:
        connection.execute(f"CREATE TABLE docs (k {kind}, part INTEGER, doc VARCHAR)")
        connection.execute(
            f"INSERT INTO docs SELECT {KEY_TYPES[kind]}, (i % 3)::INTEGER,"
            " '<d>' || repeat('x', (i * 13 % 200)::INTEGER) || i || '</d>'"
            " FROM range(60) t(i) ORDER BY hash(i)"
        )
        if nulls:
            connection.execute("INSERT INTO docs VALUES (NULL, 1, '<d/>'), (NULL, NULL, '<d/>')")


@contextmanager
def duckdb_source(folder: Path, kind: str = "bigint", key: tuple[str, ...] = ("k",)) -> Iterator[Source]:
    if not (folder / "docs.duckdb").exists():
        fill(folder / "docs.duckdb", kind)
    with engine(folder) as opened:
        yield DuckDBSource(opened, DuckDBSourceOptions(folder / "docs.duckdb", key, "doc", table="docs"))


def read_all(source: Source, within: KeyRange, limits: ReadLimits = LIMITS) -> list[tuple[object, ...]]:
    """Key, document and size of every row of a range; the listed keys are those of the rows."""
    with source.read(within, limits) as read:
        rows = [tuple(row.values()) for batch in read.batches() for row in batch.to_pylist()]
        listed = [tuple(row.values()) for row in read.keys.to_pylist()]
    assert sorted(map(str, listed)) == sorted(str(row[:-2]) for row in rows)
    return rows


def check_cuts(source: Source, rows: int, expected: int) -> list[KeyRange]:
    """Ranges of about so many rows that together hold each row once."""
    cuts = list(source.cut(EVERYTHING, rows=rows, total_bytes=10**9))
    ranges = [cut.range for cut in cuts]
    assert source.count(ranges) == [cut.rows for cut in cuts]
    assert sum(cut.rows for cut in cuts) == expected
    assert sum(len(read_all(source, each)) for each in ranges) == expected
    ranks = source.rank([each.high for each in ranges if each.high])
    assert ranks == sorted(set(ranks)), "the ranges stand in the source's order"
    for before, after in pairwise(ranges):
        assert (after.low, after.low_inclusive) == (before.high, False)
    return ranges


@pytest.mark.parametrize("kind", KEY_TYPES)
def test_any_key_type_is_cut_and_read_whole(tmp_path: Path, kind: str) -> None:
    with duckdb_source(tmp_path, kind) as source:
        ranges = check_cuts(source, 7, 60)
        assert len(ranges) > 5
        assert source.count([NULL_KEYS]) == [2]
        every = [row for each in ranges for row in read_all(source, each)]
    with duckdb.connect(tmp_path / "docs.duckdb") as connection:
        there = connection.execute("SELECT doc FROM docs WHERE k IS NOT NULL").fetchall()
    assert sorted(row[-2] for row in every) == sorted(doc for (doc,) in there)


def test_composite_key(tmp_path: Path) -> None:
    with duckdb_source(tmp_path, key=("part", "k")) as source:
        check_cuts(source, 7, 60)
        assert source.count([NULL_KEYS]) == [2]
        assert source.rank([("1", "5"), ("0", "40"), ("1", "5"), ("1", "11")]) == [2, 1, 2, 3]


def test_composite_key_of_parquet(tmp_path: Path) -> None:
    fill(tmp_path / "docs.duckdb", "bigint")
    with duckdb.connect(tmp_path / "docs.duckdb") as connection:
        connection.execute(f"COPY docs TO '{tmp_path}/docs.parquet' (ROW_GROUP_SIZE 16)")
    with engine(tmp_path) as opened:
        source = ParquetSource(opened, ParquetSourceOptions(str(tmp_path / "docs.parquet"), ("part", "k"), "doc"))
        check_cuts(source, 7, 60)


@pytest.mark.parametrize("key", [("k",), ()])
def test_parquet_reads_the_same_as_duckdb(tmp_path: Path, key: tuple[str, ...]) -> None:
    fill(tmp_path / "docs.duckdb", "varchar", nulls=False)
    with duckdb.connect(tmp_path / "docs.duckdb") as connection:
        there = connection.execute("SELECT doc FROM docs").fetchall()
        for part in range(3):
            connection.execute(
                f"COPY (FROM docs WHERE part = {part}) TO '{tmp_path}/{part}.parquet' (ROW_GROUP_SIZE 5)"
            )
    with engine(tmp_path) as opened:
        source = ParquetSource(opened, ParquetSourceOptions(str(tmp_path / "*.parquet"), key, "doc"))
        ranges = check_cuts(source, 7, 60)
        every = [row[-2] for each in ranges for row in read_all(source, each)]
    assert sorted(every) == sorted(doc for (doc,) in there)


def test_folder(tmp_path: Path) -> None:
    for name in ("b.xml", "a.xml", "sub/c.xml", "skip.txt", "sub/Ä.xml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"<d>{name}</d>", encoding="utf-8")
    source = FolderSource(FolderSourceOptions(tmp_path))
    check_cuts(source, 2, 4)
    rows = read_all(source, EVERYTHING)
    assert [row[0] for row in rows] == ["a.xml", "b.xml", "sub/c.xml", "sub/Ä.xml"]
    assert rows[0][1] == b"<d>a.xml</d>"
    assert source.key_at(EVERYTHING, 2) == ("b.xml",)
    assert source.key_at(EVERYTHING, 5) is None


def test_a_document_over_the_limit_is_not_fetched(tmp_path: Path) -> None:
    (tmp_path / "big.xml").write_text("x" * 101)
    (tmp_path / "small.xml").write_text("x" * 100)
    limits = ReadLimits(1000, 100)
    folder = FolderSource(FolderSourceOptions(tmp_path))
    assert read_all(folder, EVERYTHING, limits) == [("big.xml", None, 101), ("small.xml", b"x" * 100, 100)]
    with duckdb.connect(tmp_path / "docs.duckdb") as connection:
        connection.execute(
            "CREATE TABLE docs AS SELECT 1 AS k, repeat('é', 51) AS doc UNION ALL SELECT 2, repeat('é', 50)"
        )
        connection.execute(f"COPY docs TO '{tmp_path}/docs.parquet'")
    with duckdb_source(tmp_path) as source:
        assert read_all(source, EVERYTHING, limits) == [("1", None, 102), ("2", "é" * 50, 100)]
    with engine(tmp_path) as opened:
        parquet = ParquetSource(opened, ParquetSourceOptions(str(tmp_path / "docs.parquet"), ("k",), "doc"))
        assert read_all(parquet, EVERYTHING, limits) == [("1", None, 102), ("2", "é" * 50, 100)]


def test_a_range_is_read_in_one_snapshot(tmp_path: Path) -> None:
    """What is added while a range is read belongs to nobody's batch: the listed keys are those of the rows."""
    fill(tmp_path / "docs.duckdb", "bigint", nulls=False)
    with engine(tmp_path) as opened:
        catalog = opened.attach(tmp_path / "docs.duckdb", read_only=False)
        source = DuckDBSource(opened, DuckDBSourceOptions(tmp_path / "docs.duckdb", ("k",), "doc", table="docs"))
        with source.read(EVERYTHING, LIMITS) as read:
            batches = read.batches()
            first = next(batches)
            opened.cursor().execute(f"INSERT INTO {catalog}.docs VALUES (49, 0, '<late/>')")
            assert len(first) + sum(len(batch) for batch in batches) == len(read.keys) == 60


def test_fewer_rows_at_a_time_where_memory_is_short(tmp_path: Path) -> None:
    """Documents a hundred times as large as those before them: the engine refuses, and the reader asks for less."""
    with duckdb.connect(tmp_path / "docs.duckdb") as connection:
        connection.execute("ATTACH ':memory:' AS m")
        connection.execute("PRAGMA force_compression='uncompressed'")
        connection.execute(
            "CREATE TABLE docs AS SELECT i AS k, '<d>' || repeat('x', 20000) || '</d>' AS doc FROM range(200) t(i)"
        )
        connection.execute(
            "INSERT INTO docs SELECT 200 + i, '<d>' || repeat('y', 2000000) || '</d>' FROM range(60) t(i)"
        )
    with engine(tmp_path, memory=60_000_000) as opened:
        source = DuckDBSource(opened, DuckDBSourceOptions(tmp_path / "docs.duckdb", ("k",), "doc", table="docs"))
        source._mean = 20_000  # as a sample of the small ones would say
        limits = ReadLimits(batch_bytes=2_000_000, document_bytes=10_000_000)
        with source.read(EVERYTHING, limits) as read:
            assert sum(len(batch) for batch in read.batches()) == 260


@given(
    st.lists(
        st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=5), min_size=1, max_size=30
    )
)
@settings(max_examples=25)
def test_any_text_is_a_key(tmp_path_factory: pytest.TempPathFactory, keys: list[str]) -> None:
    folder = tmp_path_factory.mktemp("keys")
    with duckdb.connect(folder / "docs.duckdb") as connection:
        connection.execute("CREATE TABLE docs (k VARCHAR, doc VARCHAR)")
        connection.executemany("INSERT INTO docs VALUES (?, '<d/>')", [[key] for key in keys])
    with duckdb_source(folder) as source:
        check_cuts(source, 3, len(keys))


def test_a_document_larger_than_the_memory_is_told_apart(tmp_path: Path) -> None:
    with duckdb.connect(tmp_path / "docs.duckdb") as connection:
        connection.execute("PRAGMA force_compression='uncompressed'")
        connection.execute(
            "CREATE TABLE docs AS SELECT 1 AS k, repeat('x', 60000000) AS doc UNION ALL SELECT 2, '<d/>'"
        )
    with engine(tmp_path, memory=40_000_000) as opened:
        source = DuckDBSource(opened, DuckDBSourceOptions(tmp_path / "docs.duckdb", ("k",), "doc", table="docs"))
        source._mean = 100
        rows = read_all(source, EVERYTHING, ReadLimits(batch_bytes=1_000_000, document_bytes=10_000_000))
    assert rows == [("1", None, UNREADABLE), ("2", "<d/>", 4)]


def test_packed_documents_are_read_whole_ranges_at_a_time(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{tmp_path}/docs.duckdb' AS s (STORAGE_VERSION 'latest')")
        connection.execute("USE s")
        connection.execute("PRAGMA force_compression='zstd'")
        connection.execute(
            "CREATE TABLE docs AS SELECT i AS k, repeat('abcdefg' || i, 2000) AS doc FROM range(3000) t(i)"
        )
        connection.execute("CHECKPOINT")
    with duckdb_source(tmp_path) as source:
        assert any("ZSTD" in note for note in source.notes())
        check_cuts(source, 1000, 3000)


def test_a_key_that_is_not_one_is_refused(tmp_path: Path) -> None:
    with duckdb_source(tmp_path) as source, pytest.raises(UsageError, match="not a key of \\(k BIGINT\\)"):
        source.rank([("abc",)])


def test_a_key_shared_by_very_many_rows_is_refused(tmp_path: Path) -> None:
    with duckdb.connect(tmp_path / "docs.duckdb") as connection:
        connection.execute("CREATE TABLE docs AS SELECT 1 AS k, '<d/>' AS doc FROM range(100001)")
    with duckdb_source(tmp_path) as source, pytest.raises(UsageError, match="shared by 100,001 rows"):
        list(source.cut(EVERYTHING, rows=10, total_bytes=10**9))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"key": ("kk",)}, "no column kk; did you mean 'k'"),
        ({"key": ()}, "names no key"),
        ({"document": "docu"}, "no column docu; did you mean 'doc'"),
        ({"document": "part"}, "is INTEGER, neither text nor binary"),
        ({"table": "doc"}, "did you mean 'docs'"),
        ({"path": Path("missing.duckdb")}, "there is no database file"),
        ({"query": "SELECT nothing FROM docs", "table": None}, "nothing"),
    ],
)
def test_what_is_not_there_is_named(tmp_path: Path, options: dict[str, object], message: str) -> None:
    fill(tmp_path / "docs.duckdb", "bigint")
    given_options = {"path": tmp_path / "docs.duckdb", "key": ("k",), "document": "doc", "table": "docs"} | options
    with engine(tmp_path) as opened, pytest.raises(UsageError) as caught:
        DuckDBSource(opened, DuckDBSourceOptions(**given_options))  # type: ignore[arg-type]
    assert message in f"{caught.value}; {caught.value.hint}"


def test_what_is_not_a_database(tmp_path: Path) -> None:
    (tmp_path / "docs.duckdb").write_text("this is not a database, whatever its name says" * 100)
    with pytest.raises(UnavailableError, match="not a valid DuckDB"), duckdb_source(tmp_path):
        pass
    (tmp_path / "docs.parquet").write_text("nor this a Parquet file")
    with engine(tmp_path) as opened, pytest.raises(UnavailableError, match="not a readable Parquet file"):
        ParquetSource(opened, ParquetSourceOptions(str(tmp_path / "docs.parquet"), (), "doc"))
    with pytest.raises(UsageError, match="there is no folder"):
        FolderSource(FolderSourceOptions(tmp_path / "missing"))


def test_errors_survive_pickling() -> None:
    import pickle

    error = pickle.loads(pickle.dumps(MemoryLimitError("too much", hint="take less")))  # noqa: S301 - its own
    assert isinstance(error, LoaderError)
    assert (error.message, error.hint, str(error)) == ("too much", "take less", "too much")


def test_a_query_is_a_source(tmp_path: Path) -> None:
    fill(tmp_path / "docs.duckdb", "bigint", nulls=False)
    query = "SELECT k + part * 100 AS id, doc AS xml FROM docs WHERE part > 0;"
    with engine(tmp_path) as opened:
        source = DuckDBSource(opened, DuckDBSourceOptions(tmp_path / "docs.duckdb", ("id",), "xml", query=query))
        check_cuts(source, 7, 40)
        assert "query:" in source.identity


def test_binary_documents_stay_binary(tmp_path: Path) -> None:
    with duckdb.connect(tmp_path / "docs.duckdb") as connection:
        connection.execute("CREATE TABLE docs AS SELECT 1 AS k, '\\x00\\xFF<d/>'::BLOB AS doc")
    with duckdb_source(tmp_path) as source, source.read(EVERYTHING, LIMITS) as read:
        batch = next(iter(read.batches()))
        assert batch.schema.field("document").type == pa.binary()
        assert batch["document"].to_pylist() == [b"\x00\xff<d/>"]
