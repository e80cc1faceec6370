"""Texts around every length at which a buffer ends: what arrives is what is there, or an error, never other bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.database.select import Select, Selected
from loaders.database.truncation_guard import TooLongError, TruncationGuard, _utf16_bytes
from loaders.database.turbodbc_connection import _SIZES
from loaders.errors import TransientError, UnavailableError
from loaders.odbc_drivers import SQLITE, driver_library
from tests.loaders.database.readers import Reader, sqlite_reader

EMOJI = "😀"


def around(limit: int) -> list[str]:
    """Texts one below, at and above a limit in bytes, of one byte a character, of two, and with four across it."""
    texts = ["x" * (limit + more) for more in (-1, 0, 1)]
    texts += ["é" * ((limit + more) // 2) for more in (-2, 0, 2)]
    texts += ["y" * (limit - within) + EMOJI for within in range(5)]
    return texts


def documents(
    *, select_longest: int | None = None, rows: int | None = None, document: str | None = "doc", below: int = 10**6
) -> Select:
    columns = (Selected("k", "k", pa.int64()), Selected("doc", "doc", pa.string()))
    return Select(columns, f"FROM docs WHERE k < {below}", document=document, longest=select_longest, rows=rows)


def fill(reader: Reader, texts: list[str | None]) -> dict[int, str | None]:
    reader.execute(f"CREATE TABLE docs (k integer, doc {reader.long_text})")
    for at, text in enumerate(texts):
        reader.insert("docs", [(at, text)])
    return dict(enumerate(texts))


def as_dict(batches: list[pa.RecordBatch]) -> dict[int, Any]:
    table = pa.Table.from_batches(batches)
    return dict(zip(table["k"].to_pylist(), table["doc"].to_pylist(), strict=True))


@pytest.mark.parametrize("limit", _SIZES)
def test_around_every_size_of_buffers(reader: Reader, limit: int) -> None:
    """With the longest text one below the size of a buffer, exactly as long, and above it."""
    texts: list[str | None] = [None, *sorted(["", EMOJI, *around(limit)], key=size)]
    there = fill(reader, texts)
    connection = reader.connect()
    for most in (limit - 1, limit, max(map(size, texts))):
        some = {at: text for at, text in there.items() if size(text) <= most}
        below = len(some)
        for select in (
            documents(below=below),
            documents(document=None, below=below),
            documents(select_longest=most, rows=len(some), below=below),
            documents(select_longest=most, below=below),
        ):
            assert as_dict(list(connection.fetch(select))) == some
        assert as_dict(connection.table(documents(below=below)).to_batches()) == some
    connection.begin(snapshot=True, longest=10)  # less than there is
    assert as_dict(list(connection.fetch(documents()))) == there
    connection.rollback()
    connection.close()


def size(text: str | None) -> int:
    return len((text or "").encode())


def test_a_longer_document_stays_on_the_server(reader: Reader) -> None:
    fill(reader, [None, "x" * 99, "é" * 50, "x" * 101])
    connection = reader.connect()
    there = as_dict(list(connection.fetch(documents(select_longest=100, rows=4))))
    assert there == {0: None, 1: "x" * 99, 2: "é" * 50, 3: None}
    connection.close()


@pytest.mark.slow
def test_twenty_megabytes(reader: Reader) -> None:
    there = fill(reader, ["<d/>", "äöü€😀" * 1_538_462, None])
    connection = reader.connect()
    assert as_dict(list(connection.fetch(documents()))) == there
    connection.close()


def test_short_texts_are_guarded_too(reader: Reader) -> None:
    """Names and keys: columns whose length the driver knows, or believes to know."""
    names = ["n" * 250, "é" * 250, EMOJI * 250, "x" * 255, EMOJI * 255]
    reader.execute("CREATE TABLE names (k integer, short varchar(255), fixed char(255))")
    reader.insert("names", [(at, name, name) for at, name in enumerate(names)])
    reading = reader.dialect.reading
    columns = (
        Selected("k", "k", pa.int64()),
        Selected("short", reading.quote("short"), pa.string()),
        Selected("twice", f"{reading.quote('short')}", pa.string()),
        Selected("fixed", reading.quote("fixed"), pa.string()),
    )
    if reader.backend == "postgresql":
        columns = columns[:3]  # its char is not text until it is cast
    connection = reader.connect()
    found = connection.table(Select(columns, "FROM names", order="ORDER BY k"))
    assert found["short"].to_pylist() == found["twice"].to_pylist() == names
    connection.close()


def test_a_number_of_rows_that_is_not_there(reader: Reader) -> None:
    fill(reader, ["a", "b", "c"])
    connection = reader.connect()
    for rows in (2, 4):
        with pytest.raises(TransientError, match="while they were read"):
            list(connection.fetch(documents(select_longest=100, rows=rows)))
        connection.close()
        connection = reader.connect()
    connection.close()


# The guard taken away, on SQLite's driver: it needs no server.


def raw(file: Path, sql: str, limit: int) -> pa.Table:
    """As turbodbc alone reads."""
    import turbodbc

    options = turbodbc.make_options(
        varchar_max_character_limit=limit, limit_varchar_results_to_max=True, read_buffer_size=turbodbc.Rows(1000)
    )
    connection = turbodbc.connect(
        connection_string=f"Driver={driver_library(SQLITE)};Database={file}", turbodbc_options=options
    )
    cursor = connection.cursor()
    cursor.execute(sql)
    table = cursor.fetchallarrow()
    cursor.close()
    connection.close()
    return table


def test_without_the_guard_other_bytes_come_through(tmp_path: Path) -> None:
    """What all of this is for: the right length, and the wrong text. It passes a check of lengths."""
    limit, text = 300, "abc" * 200
    reader = sqlite_reader(tmp_path / "docs.db")
    fill(reader, [text, text, text])
    lengths = "length(CAST(doc AS BLOB))"
    found = raw(tmp_path / "docs.db", f"SELECT doc AS c0, {lengths} AS n0 FROM docs", limit)
    got = [value.as_buffer().to_pybytes() for value in found["c0"].cast(pa.binary()).chunk(0)]
    assert [len(each) for each in got] == [600, 600, 600] == found["n0"].to_pylist()
    assert all(each != text.encode() for each in got)
    assert all(each[:limit] == text.encode()[:limit] and each[limit] == 0 for each in got)

    select = Select((Selected("doc", "doc", pa.string()),), "FROM docs")
    guard = TruncationGuard(lambda sql: f"length(CAST({sql} AS BLOB))", utf16=False, what="tests")
    with pytest.raises(UnavailableError, match="has a NUL, as text has that was cut") as caught:
        guard.checked(found, select, 1000)  # as if the buffer had been longer than it was
    assert "abc" not in str(caught.value), "what was read is not told"
    with pytest.raises(TooLongError, match="600 bytes, more than 300"):
        guard.checked(found, select, limit)

    connection = reader.connect()
    assert list(as_dict(list(connection.fetch(documents()))).values()) == [text] * 3
    connection.close()


GUARD = TruncationGuard(lambda sql: f"octet_length({sql})", utf16=False, what="tests")
WIDE = TruncationGuard(lambda sql: f"datalength({sql})", utf16=True, what="tests")
ONE = Select((Selected("doc", "doc", pa.string()),), "FROM docs", document="doc")


def arrived(values: list[str | None], lengths: list[int | None]) -> pa.Table:
    return pa.table({"c0": pa.array(values, pa.string()), "n0": pa.array(lengths, pa.int64())})


@pytest.mark.parametrize(
    ("values", "lengths", "message"),
    [
        (["abc"], [4], "another length"),
        (["abcd"], [3], "another length"),
        (["é"], [1], "another length"),
        (["", "a"], [3, 1], "another length"),
        (["a" * 300 + "\0c"], [302], "a NUL"),
        (["a" * 400, "a" * 400 + "\0"], [400, 401], "a NUL"),
        (["a" * 400 + "\0", "a" * 401 + "\0"], [401, 402], "a NUL"),
        ([None], [3], "NULL where the server has a text"),
        (["abc"], [None], "NULL where the server has a text"),
    ],
)
def test_what_the_guard_refuses(values: list[str | None], lengths: list[int | None], message: str) -> None:
    with pytest.raises(UnavailableError, match=message):
        GUARD.checked(arrived(values, lengths), ONE, 1000)


def test_what_the_guard_accepts() -> None:
    values = ["abc", None, "", "é😀"]
    found = GUARD.checked(arrived(values, [3, None, 0, 6]), ONE, 100)
    assert found[0].to_pylist() == values
    sliced = arrived(["zz", *values], [2, 3, None, 0, 6]).slice(1)
    assert GUARD.checked(sliced, ONE, 100)[0].to_pylist() == values


def test_a_nul_of_its_own_is_told_from_a_cut() -> None:
    """Buffers are surely as long as a text that came whole, and 255 at the least."""
    values = ["x\0y", "a" * 1000, "b" * 999 + "\0", None]
    found = GUARD.checked(arrived(values, [3, 1000, 1000, None]), ONE, 2000)
    assert found[0].to_pylist() == [None, "a" * 1000, None, None]
    with pytest.raises(UnavailableError, match="a NUL"):
        GUARD.checked(arrived(["x\0y"], [3]), Select(ONE.columns, ONE.tail), 100)


def test_half_a_surrogate_pair_is_no_text() -> None:
    """turbodbc gives '' for it: a document is NULL then, and anything else an error."""
    assert WIDE.checked(arrived(["", "", "é😀"], [0, 8, 6]), ONE, 100)[0].to_pylist() == ["", None, "é😀"]
    name = Select(ONE.columns, ONE.tail)
    with pytest.raises(UnavailableError, match="another length"):
        WIDE.checked(arrived([""], [8]), name, 100)


@given(st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"])), max_size=20), st.integers(0, 5))
def test_lengths_in_utf16(texts: list[str | None], start: int) -> None:
    array = pa.array(texts, pa.string()).slice(start)
    expected = [None if text is None else len(text.encode("utf-16-le")) for text in texts[start:]]
    assert _utf16_bytes(array).to_pylist() == expected
