"""How a range is read: short documents up to the length that is expected, longer ones by themselves, and their keys."""

from __future__ import annotations

import hashlib

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.database.key_ranges import _digest, _sum
from loaders.database.range_reading import _Page
from loaders.errors import TransientError
from loaders.source import EVERYTHING, KeyRange, ReadLimits
from tests.loaders.database.readers import Reader
from tests.loaders.database.test_read_source import fill
from tests.loaders.test_sources import LIMITS, check_cuts, read_all

# Of 120 documents, which are longer than four times the mean: within the buffers of the others, and beyond them.
LONGER = {7: 3_000, 40: 9_000, 41: 70_000, 90: 300_000}


def text(number: int) -> str:
    return f"<d>{number}{'é' * (LONGER.get(number, 100 + number % 13) // 2)}</d>"


@pytest.mark.parametrize("batch_bytes", [1, 9_000, 10_000_000])
def test_longer_documents_among_short_ones(reader: Reader, batch_bytes: int) -> None:
    """Each arrives once and whole, in one page or many; some share a key."""
    reader.execute(f"CREATE TABLE docs (k bigint, doc {reader.long_text})")
    reader.insert("docs", [(number // 2, text(number)) for number in range(120)])
    reader.insert("docs", [(60, None), (61, "")])
    source = reader.source()
    for _ in range(2):  # the second time it is known how long they are
        rows = read_all(source, EVERYTHING, ReadLimits(batch_bytes, 100_000))
        found = {str(row[1]): row[2] for row in rows if row[1]}
        assert found == {text(number): len(text(number).encode()) for number in range(120) if number != 90}
        assert [row for row in rows if not row[1]].count(("60", None, None)) == 1
        assert ("45", None, len(text(90).encode())) in rows, "over the limit of documents"
        assert len(rows) == 122
    source.close()


@pytest.mark.parametrize("key", [("k",), ("k", "part")])
def test_pages_of_a_unique_key_begin_behind_the_last(reader: Reader, key: tuple[str, ...]) -> None:
    """Where rows do not come as they are consumed; also where the last one of a page is longer."""
    columns = ", ".join(key)
    reader.execute(f"CREATE TABLE docs (k bigint, part integer, doc {reader.long_text}, PRIMARY KEY ({columns}))")
    there = {text(number): (number // len(key) * 7 - 300, number % 2) for number in range(120)}
    reader.insert("docs", [(*places, document) for document, places in there.items()])
    for batch_bytes in (500, 2_000, 10_000_000):
        source = reader.source(key=key)  # which does not know yet how long they are
        with source.read(EVERYTHING, ReadLimits(batch_bytes, 1 << 20)) as read:
            assert read._in_one == (reader.backend != "sqlite")
            rows = [row for batch in read.batches() for row in batch.to_pylist()]
            found = {row["document"]: tuple(int(row[part]) for part in key) for row in rows}
            keys = [tuple(map(int, each)) for each in zip(*read.keys.to_pydict().values(), strict=True)]
        assert found == {document: places[: len(key)] for document, places in there.items()}
        assert keys == sorted(found.values())
        assert source.measure([EVERYTHING]) == [read.found]
        source.close()


def test_short_documents_are_read_without_a_look_at_each(reader: Reader) -> None:
    """The path of the test above; integer keys come with the rows where these are streamed."""
    fill(reader, nulls=False)
    source = reader.source()
    with source.read(EVERYTHING, LIMITS) as read:
        assert read._alike
        assert read._in_one == (reader.backend == "postgresql")
        assert read._sizes is None
        assert pc.sum(pa.array([len(batch) for batch in read.batches()])).as_py() == 60
    source.close()


@pytest.mark.parametrize("kind", ["bigint", "varchar"])
def test_keys_are_the_same_before_and_after_the_documents(reader: Reader, kind: str) -> None:
    fill(reader, kind, nulls=False)
    for key in (("k",), ("part", "k")):
        source = reader.source(key=key)
        for within in (EVERYTHING, *check_cuts(source, 25, 60)):
            with source.read(within, LIMITS) as read:
                list(read.batches())
                after = read.keys
            with source.read(within, LIMITS) as read:
                assert read.keys.equals(after)
                assert [read.found] == source.measure([within])
                assert len(list(read.batches())) > 0
        nowhere = KeyRange(*(("1", "500")[-len(key) :] for _ in "ab")) if kind == "bigint" else None
        if nowhere is not None:
            with source.read(nowhere, LIMITS) as read:
                assert [read.found] == source.measure([nowhere])
                assert list(read.batches()) == []
                assert len(read.keys) == 0
        source.close()


def test_rows_beyond_those_that_were_counted_are_an_error(reader: Reader) -> None:
    """Where it is no snapshot that is read: never a range without some of its rows."""
    fill(reader, nulls=False)
    source, connection = reader.source(), reader.connect()
    with source.read(EVERYTHING, LIMITS) as read:
        list(read.batches())
        read.found = type(read.found)(42, read.found.digest)  # six blocks of such buffers
        with pytest.raises(TransientError, match="42 rows became 60"):
            list(connection.fetch(read._select(_Page(EVERYTHING, 0, 42, 1 << 20))))
    connection.close()
    source.close()


@given(st.lists(st.tuples(st.text(max_size=4), st.none() | st.text(max_size=3)), max_size=8))
def test_the_digest_of_keys_is_that_of_each(rows: list[tuple[str, str | None]]) -> None:
    """As books that were written before have it."""
    keys = pa.table([pa.array([row[at] for row in rows], pa.string()) for at in (0, 1)], names=["a", "b"])
    digest = hashlib.sha256()
    for value in sorted(f"{one}\x1f{other or ''}".encode() for one, other in rows):
        digest.update(len(value).to_bytes(4, "big") + value)
    assert _digest(keys) == digest.hexdigest()[:32]


@given(st.lists(st.integers(-(2**63), 2**63 - 1)))
def test_sums_do_not_overflow(numbers: list[int]) -> None:
    assert _sum(pa.chunked_array([pa.array(numbers, pa.int64())])) == sum(numbers)
