"""Sources over drivers: what they cut covers everything once, and what they read is what is there."""

from __future__ import annotations

import threading
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from loaders.database.key_ranges import _RANKED_AT_ONCE
from loaders.database.range_reading import _Page
from loaders.duckdb_source import DuckDBSource, DuckDBSourceOptions
from loaders.errors import TransientError, UnavailableError, UsageError
from loaders.source import BROKEN_TEXT, EVERYTHING, NULL_KEYS, KeyRange, ReadLimits, Source
from tests.loaders.database.readers import READERS, Reader
from tests.loaders.engine import engine
from tests.loaders.test_sources import LIMITS, check_cuts, read_all
from tests.servers.mariadb import MariaDBServer

# Key columns by type, for each database: its SQL type, and the keys of sixty rows by their number.
ORDINARY = {
    "bigint": ("bigint", lambda i: i * 7919 % 50 - 20),
    "smallint": ("smallint", lambda i: i * 7919 % 50 - 20),
    "varchar": ("varchar(60)", lambda i: f"key {i * 7919 % 50} é'\"\\%_"),
    "decimal": ("decimal(20,4)", lambda i: i * 7919 % 50 / 10000),
    "double": ("double precision", lambda i: (i * 7919 % 50) / 3.0),
    "date": ("date", lambda i: f"2024-01-{i * 7919 % 30 + 1:02}"),
}
TYPES: dict[str, dict[str, tuple[str, object]]] = {
    "sqlite": {
        **{name: ORDINARY[name] for name in ("bigint", "varchar", "double")},
        "nocase": ("text COLLATE NOCASE", lambda i: ("k" if i % 2 else "K") + str(i % 25)),
        "date": ("text", ORDINARY["date"][1]),
        # Whose affinity is that of a number: texts that are none stay texts.
        "datetime": ("datetime", ORDINARY["date"][1]),
        "integer": ("integer", lambda i: [i * 7919 % 50, i / 4, f"k{i}", f"1{i} "][i % 4]),
        "untyped": ("", lambda i: [i % 20, str(i % 20), i / 8, str(i / 8), f"k{i}", f"'{i}'"][i % 6]),
    },
    "postgresql": {
        **ORDINARY,
        "text": ("text", ORDINARY["varchar"][1]),
        "char": ("char(20)", lambda i: f"k{i * 7919 % 50}"),
        "ci": ("text COLLATE ci", lambda i: ("k" if i % 2 else "K") + str(i % 25)),
        "ai": ("text COLLATE ai", lambda i: ("é" if i % 2 else "e") + str(i % 25)),
        "uuid": ("uuid", lambda i: f"{i * 7919 % 50:08X}-0000-0000-0000-00000000000{i % 2}"),
        "timestamp": ("timestamp", lambda i: f"2024-01-01 00:00:00.{i * 7919 % 50 * 12345:06}"),
        "timestamptz": ("timestamptz", lambda i: f"2024-01-01 {i * 7919 % 20:02}:30:00+02"),
        "numeric": ("numeric", lambda i: f"{i * 7919 % 50}.{'1' * 40}"),
        "real": ("real", lambda i: (i * 7919 % 50) / 10),
        "bytea": ("bytea", lambda i: bytes([0, 255, i * 7919 % 50])),
        "time": ("time", lambda i: f"10:00:{i * 7919 % 50:02}.5"),
        "boolean": ("boolean", lambda i: "true" if i % 2 else "false"),
    },
    "mariadb": {
        **ORDINARY,
        "unsigned": ("bigint unsigned", lambda i: 2**64 - 1 - i * 7919 % 50),
        "char": ("char(20)", lambda i: f"k{i * 7919 % 50}"),
        "ci": ("varchar(30) COLLATE utf8mb4_general_ci", lambda i: ("é" if i % 2 else "E") + str(i % 25)),
        "bin": ("varchar(30) COLLATE utf8mb4_bin", lambda i: ("é" if i % 2 else "E") + str(i % 25)),
        "latin1": ("varchar(30) CHARACTER SET latin1", lambda i: ("é" if i % 2 else "E") + str(i % 25)),
        "datetime": ("datetime(6)", lambda i: f"2024-01-01 00:00:00.{i * 7919 % 50 * 12345:06}"),
        "timestamp": ("timestamp(3)", lambda i: f"2024-01-01 00:00:00.{i * 7919 % 50:03}"),
        "time": ("time(6)", lambda i: f"10:00:{i * 7919 % 50:02}.5"),
        "float": ("float", lambda i: (i * 7919 % 50) / 10),
        "varbinary": ("varbinary(10)", lambda i: bytes([0, 255, i * 7919 % 50])),
        "uuid": ("uuid", lambda i: f"{i * 7919 % 50:08X}-0000-0000-0000-00000000000{i % 2}"),
        "year": ("year", lambda i: 2000 + i * 7919 % 50),
    },
}
COLLATIONS = (
    "CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);"
    "CREATE COLLATION ai (provider = icu, locale = 'und-u-ks-level1', deterministic = false)"
)


def document(i: int) -> str:
    return f"<d>{'x' * (i * 13 % 200)}{i}é😀</d>"


def fill(reader: Reader, kind: str = "bigint", *, nulls: bool = True) -> None:
    """Sixty documents with a key of a type, in no order, some keys more than once; two with a NULL key."""
    declared, key = TYPES[reader.backend][kind]
    if "COLLATE" in declared and reader.backend == "postgresql":
        reader.execute(COLLATIONS)
    reader.execute(f"CREATE TABLE docs (k {declared}, part integer, doc {reader.long_text})")
    rows = [(key(i), i % 3, document(i)) for i in sorted(range(60), key=lambda i: i * 37 % 61)]  # type: ignore[operator]
    reader.insert("docs", rows)
    if nulls:
        reader.insert("docs", [(None, 1, "<d/>"), (None, None, "<d/>")])


PAIRS = [(reader, kind) for reader in READERS for kind in TYPES[reader.partition(" ")[0]]]


@pytest.mark.parametrize(("reader", "kind"), PAIRS, indirect=["reader"])
def test_any_key_type_is_cut_and_read_whole(reader: Reader, kind: str) -> None:
    fill(reader, kind)
    source = reader.source()
    few = kind == "boolean"
    ranges = check_cuts(source, 7, 60)
    assert len(ranges) > (1 if few else 5)
    assert source.count([NULL_KEYS]) == [2]
    every = [row for each in ranges for row in read_all(source, each)]
    assert sorted(row[-2] for row in every) == sorted(document(i) for i in range(60))
    measured = source.measure([*ranges, EVERYTHING])
    assert [each.rows for each in measured] == [*(len(read_all(source, each)) for each in ranges), 60]
    assert len({each.digest for each in measured}) == len(measured)
    # Each key leads back to its rows.
    key = next(iter(row[:1] for row in every))
    assert any(row[:1] == key for row in read_all(source, KeyRange(key, key, low_inclusive=True)))
    source.close()


def test_it_reads_in_pages_smaller_than_a_key_has_rows(reader: Reader) -> None:
    """Keys that are equal for the database and differ in their text stay together."""
    kind = {"sqlite": "nocase", "postgresql": "ci", "mariadb": "ci"}[reader.backend]
    fill(reader, kind)
    source = reader.source()
    for batch_bytes in (1, 300, 10_000):
        rows = read_all(source, EVERYTHING, ReadLimits(batch_bytes, 10_000))
        assert sorted(str(row[-2]) for row in rows) == sorted(document(i) for i in range(60))
    source.close()


def test_the_same_as_duckdb(reader: Reader, tmp_path: Path) -> None:
    fill(reader)
    with duckdb.connect(tmp_path / "docs.duckdb") as connection:
        connection.execute("CREATE TABLE docs (k BIGINT, part INTEGER, doc VARCHAR)")
        key = ORDINARY["bigint"][1]
        rows = [[key(i), i % 3, document(i)] for i in range(60)]  # type: ignore[no-untyped-call]
        connection.executemany("INSERT INTO docs VALUES (?, ?, ?)", [*rows, [None, 1, "<d/>"], [None, None, "<d/>"]])
    ours = reader.source()
    with engine(tmp_path) as opened:
        theirs: Source = DuckDBSource(
            opened, DuckDBSourceOptions(tmp_path / "docs.duckdb", ("k",), "doc", table="docs")
        )
        assert sorted(read_all(ours, EVERYTHING)) == sorted(read_all(theirs, EVERYTHING))
        keys = [(str(number),) for number in (5, -3, 5, 700, -20)]
        assert ours.rank(keys) == theirs.rank(keys)
        for number in (1, 30, 60, 61):
            assert ours.key_at(EVERYTHING, number) == theirs.key_at(EVERYTHING, number)
        with ours.read(EVERYTHING, LIMITS) as one, theirs.read(EVERYTHING, LIMITS) as other:
            assert one.keys.equals(other.keys)
        by_rows = [list(each.cut(EVERYTHING, rows=7, total_bytes=10**9)) for each in (ours, theirs)]
        assert by_rows[0] == by_rows[1]
    ours.close()


def test_composite_key(reader: Reader) -> None:
    fill(reader)
    source = reader.source(key=("part", "k"))
    check_cuts(source, 7, 60)
    assert source.count([NULL_KEYS]) == [2]
    assert source.rank([("1", "5"), ("0", "40"), ("1", "5"), ("1", "11")]) == [2, 1, 2, 3]
    source.close()


def test_rows_without_a_key_are_read_by_themselves(reader: Reader) -> None:
    fill(reader)
    for key in (("k",), ("part", "k")):
        source = reader.source(key=key)
        for batch_bytes in (1, 10_000):
            rows = read_all(source, NULL_KEYS, ReadLimits(batch_bytes, 10_000))
            assert [row[-2] for row in rows] == ["<d/>", "<d/>"]
        source.close()


def test_many_keys_are_ranked_by_samples(reader: Reader) -> None:
    fill(reader)
    source = reader.source(key=("k", "part"))
    keys = [(str(i * 7919 % 401), str(i * 31 % 7)) for i in range(_RANKED_AT_ONCE * 4 + 3)]
    numbers = sorted({(int(one), int(other)) for one, other in keys})
    assert source.rank(keys) == [numbers.index((int(one), int(other))) + 1 for one, other in keys]
    assert source.rank([]) == []
    source.close()


@pytest.mark.parametrize("reader", [each for each in READERS if each != "sqlite"], indirect=True)
def test_a_range_is_read_in_one_snapshot(reader: Reader) -> None:
    """A reader of SQLite keeps others from writing."""
    fill(reader, nulls=False)
    reader.execute("UPDATE docs SET doc = repeat(doc, 100)")  # to need other buffers than keys do
    source = reader.source()
    with source.read(EVERYTHING, ReadLimits(50_000, 1 << 20)) as read:
        batches = read.batches()
        first = next(batches)
        reader.execute(f"INSERT INTO docs VALUES (-20, 0, '{'<late/>' * 20_000}')")
        reader.execute("DELETE FROM docs WHERE k > 25")
        assert len(first) + sum(len(batch) for batch in batches) == len(read.keys) == 60
        assert read.found.rows == 60
    assert source.measure([EVERYTHING])[0] != read.found
    source.close()


def test_a_document_over_the_limit_is_not_fetched(reader: Reader) -> None:
    reader.execute(f"CREATE TABLE docs (k integer, doc {reader.long_text})")
    reader.insert("docs", [(1, "é" * 51), (2, "é" * 50), (3, None), (4, "")])
    source = reader.source()
    rows = read_all(source, EVERYTHING, ReadLimits(1000, 100))
    assert sorted(rows) == [("1", None, 102), ("2", "é" * 50, 100), ("3", None, None), ("4", "", 0)]
    source.close()


def test_binary_documents_stay_binary(reader: Reader) -> None:
    reader.execute(f"CREATE TABLE docs (k integer, doc {reader.long_binary})")
    there = [(1, b"\x00\xff<d/>"), (2, None), (3, b""), (4, bytes(range(256)) * 400)]
    reader.insert("docs", there)
    source = reader.source()
    rows = sorted(read_all(source, EVERYTHING, ReadLimits(1 << 20, 1 << 20)))
    assert rows == [(str(key), value, None if value is None else len(value)) for key, value in there]
    rows = sorted(read_all(source, EVERYTHING, ReadLimits(1 << 20, 100)))
    assert rows[3] == ("4", None, 102_400)
    source.close()


@pytest.mark.parametrize("reader", ["mariadb"], indirect=True)
def test_a_document_with_a_nul_is_told_apart(reader: Reader) -> None:
    """MariaDB allows it in text; XML does not."""
    reader.execute(f"CREATE TABLE docs (k integer PRIMARY KEY, doc {reader.long_text})")
    reader.execute("INSERT INTO docs VALUES (1, '<d/>'), (2, CONCAT('<d>', CHAR(0), '</d>')), (3, '<e/>')")
    source = reader.source()
    assert sorted(read_all(source, EVERYTHING)) == [("1", "<d/>", 4), ("2", None, BROKEN_TEXT), ("3", "<e/>", 4)]
    source.close()


def test_documents_of_very_different_sizes(reader: Reader) -> None:
    """Small ones that sit beside large ones, in pages of their own buffers."""
    reader.execute(f"CREATE TABLE docs (k integer PRIMARY KEY, doc {reader.long_text})")
    sizes = [100, 70_000, 5, 300_000, 1_200_000, 0, 4_096, 4_097, 900_000]
    reader.insert("docs", [(at, "é" * (size // 2)) for at, size in enumerate(sizes)])
    source = reader.source()
    for batch_bytes in (1000, 400_000, 10_000_000):
        rows = read_all(source, EVERYTHING, ReadLimits(batch_bytes, 10_000_000))
        assert {int(row[0]): len(str(row[1]).encode()) for row in rows} == {  # type: ignore[call-overload]
            at: size // 2 * 2 for at, size in enumerate(sizes)
        }
    cuts = list(source.cut(EVERYTHING, rows=100, total_bytes=1_000_000))
    assert sum(cut.rows for cut in cuts) == len(sizes)
    assert len(cuts) > 1
    source.close()


def test_several_ranges_at_once(reader: Reader) -> None:
    fill(reader, nulls=False)
    source = reader.source()
    ranges = [cut.range for cut in source.cut(EVERYTHING, rows=10, total_bytes=10**9)]
    found: dict[int, list[tuple[object, ...]]] = {}

    def read(at: int) -> None:
        found[at] = read_all(source, ranges[at])

    threads = [threading.Thread(target=read, args=(at,)) for at in range(len(ranges))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(len(rows) for rows in found.values()) == 60
    source.close()


def test_a_source_that_shrinks_between_listing_and_reading(reader: Reader) -> None:
    """Where it is no snapshot that is read, it is an error that passes, and never a range with fewer rows."""
    fill(reader, nulls=False)
    connection = reader.connect()
    source = reader.source()
    keys = source._keys
    with source.read(EVERYTHING, LIMITS) as read:
        select = read._select(_Page(EVERYTHING, 0, 60, 10_000))
    assert keys.count(connection, EVERYTHING) == 60
    reader.execute("DELETE FROM docs WHERE k > 25")
    with pytest.raises(TransientError, match="while they were read"):
        list(connection.fetch(select))
    connection.close()
    source.close()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"key": ("kk",)}, "no column kk; did you mean 'k'"),
        ({"key": ()}, "names no key"),
        ({"document": "docu"}, "no column docu; did you mean 'doc'"),
        ({"document": "part"}, "neither text nor binary"),
        ({"table": "doc"}, "did you mean 'docs'"),
        ({"query": "SELECT nothing FROM docs", "table": None}, "nothing"),
    ],
)
def test_what_is_not_there_is_named(reader: Reader, options: dict[str, object], message: str) -> None:
    fill(reader)
    with pytest.raises(UsageError) as caught:
        reader.source(**options)  # type: ignore[arg-type]
    assert message in f"{caught.value}; {caught.value.hint}"


def test_what_is_no_key_is_named(reader: Reader) -> None:
    fill(reader)
    source = reader.source()
    if reader.backend != "sqlite":  # whose columns hold anything
        with pytest.raises(UsageError, match="not a key of \\(k bigint"):
            source.rank([("abc",)])
    source.close()


@pytest.mark.parametrize("reader", ["mariadb"], indirect=True)
@pytest.mark.parametrize(
    ("kind", "cast"),
    [("enum('z','b','a')", "CAST(k AS CHAR(9))"), ("set('z','b','a')", "CAST(k AS CHAR(9))"), ("bit(12)", "k + 0")],
)
def test_a_key_that_is_ordered_otherwise_than_it_is_compared(reader: Reader, kind: str, cast: str) -> None:
    """Its ranges would leave rows out, or have them twice."""
    reader.execute(f"CREATE TABLE docs (k {kind}, doc longtext)")
    reader.insert("docs", [(number % 3 + 1, document(number)) for number in range(9)])
    with pytest.raises(UsageError, match="key column k is") as caught:
        reader.source()
    assert "SELECT CAST(k AS CHAR" in caught.value.hint
    source = reader.source(query=f"SELECT {cast} AS k, doc FROM docs", table=None)
    check_cuts(source, 3, 9)
    source.close()


def test_a_query_is_a_source(reader: Reader) -> None:
    fill(reader, nulls=False)
    source = reader.source(
        query="SELECT k + part * 100 AS id, doc AS xml FROM docs WHERE part > 0;",
        table=None,
        key=("id",),
        document="xml",
    )
    ranges = check_cuts(source, 7, 40)
    for before, after in pairwise(ranges):
        assert before.high == after.low
    source.close()


def test_a_key_without_a_constraint_is_told(reader: Reader) -> None:
    fill(reader)
    source = reader.source()
    assert any("neither a primary key nor a unique constraint" in note for note in source.notes())
    source.close()
    reader.execute("CREATE TABLE keyed (k integer PRIMARY KEY, doc varchar(100))")
    source = reader.source(table="keyed")
    assert source.notes() == []
    assert list(source.cut(EVERYTHING, rows=10, total_bytes=1000)) == []
    assert source.document_bytes() == 1
    assert source.key_at(EVERYTHING, 1) is None
    source.close()


@pytest.mark.parametrize("reader", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("declared", "key"), [("integer", b"1"), ("text", b"k"), ("text", "CAST(x'6bff' AS TEXT)")])
def test_a_key_of_other_bytes_is_an_error(reader: Reader, declared: str, key: object) -> None:
    """As a text it would stand at another place than it has in the order."""
    reader.execute(f"CREATE TABLE docs (k {declared}, doc text)")
    reader.insert("docs", [(1, "<d/>"), (2, "<d/>")])
    literal = key if isinstance(key, str) else reader.literal(key)
    reader.execute(f"INSERT INTO docs VALUES ({literal}, '<d/>')")
    with pytest.raises((UsageError, UnavailableError), match=r"malformed JSON|no UTF-8"):
        list(reader.source().cut(EVERYTHING, rows=1, total_bytes=1000))


@pytest.mark.parametrize("reader", ["postgresql", "postgresql by adbc"], indirect=True)
def test_a_table_without_a_schema_is_that_of_the_default_one(reader: Reader) -> None:
    """Not that of a schema which the user's search_path names first."""
    reader.execute("CREATE TABLE docs (k int PRIMARY KEY, doc text); INSERT INTO docs VALUES (1, '<d>1</d>')")
    reader.execute("CREATE SCHEMA other; CREATE TABLE other.docs (k int PRIMARY KEY, doc text)")
    reader.execute(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = other', current_database()); END $$"
    )
    source = reader.source()
    assert [row[-2] for row in read_all(source, EVERYTHING)] == ["<d>1</d>"]
    source.close()


@pytest.mark.parametrize("reader", ["mariadb"], indirect=True)
def test_settings_of_a_server_that_would_leave_rows_out(reader: Reader, mariadb_server: MariaDBServer) -> None:
    """sql_select_limit cuts results, and a packet bytes: that is an error, and no document without a text."""
    reader.execute("CREATE TABLE docs (k int PRIMARY KEY, doc longtext)")
    reader.insert("docs", [(at, document(at)) for at in range(10)])
    reader.execute("CREATE TABLE held (k int PRIMARY KEY, doc longblob)")
    reader.execute("INSERT INTO held VALUES (1, repeat('x', 600000))")
    mariadb_server.execute("SET GLOBAL sql_select_limit = 3, GLOBAL max_allowed_packet = 1048576")
    try:
        source, held = reader.source(), reader.source(table="held")
        ranges = check_cuts(source, 2, 10)
        assert sum(len(read_all(source, each)) for each in ranges) == 10
        with pytest.raises(UnavailableError, match="no binary"):
            read_all(held, EVERYTHING, ReadLimits(1_000_000, 1_000_000))
        source.close()
        held.close()
    finally:
        mariadb_server.execute("SET GLOBAL sql_select_limit = DEFAULT, GLOBAL max_allowed_packet = 268435456")
