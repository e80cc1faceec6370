"""A source of documents in SQL Server, over both readers: ranges, sizes, limits, pages."""

from __future__ import annotations

import pytest

from loaders.database.database_source import DatabaseSource, DatabaseSourceOptions
from loaders.mssql.connect import READERS, TURBODBC, connect
from loaders.mssql.dialect import MSSQL
from loaders.source import EVERYTHING, KeyRange, ReadLimits
from tests.loaders.mssql.source_answers import Incoming
from tests.loaders.mssql.test_connecting import address
from tests.servers.tds_process import TdsProcess

pytest.importorskip("mssql_python")
DOCUMENTS = ((-5, "<a/>"), (1, "é" * 3_000), (2, None), (3, "x" * 70_000), (9_000_000_000, "😀" * 10))


@pytest.fixture(params=READERS)
def reader(request: pytest.FixtureRequest) -> str:
    if request.param == TURBODBC:
        pytest.importorskip("turbodbc")
    return str(request.param)


def source(server: TdsProcess, reader: str) -> DatabaseSource:
    where = address(server.port)
    return DatabaseSource(
        DatabaseSourceOptions(
            dialect=MSSQL,
            connect=lambda: connect(where, reader=reader, memory=16_000_000),
            key=("id",),
            document="document",
            identity=str(where),
            memory=16_000_000,
            table="incoming",
        )
    )


@pytest.mark.parametrize("batch_bytes", [1, 100_000])
def test_every_document_by_its_key(reader: str, batch_bytes: int) -> None:
    with TdsProcess(Incoming(DOCUMENTS)) as server:
        opened = source(server, reader)
        found = {}
        with opened.read(EVERYTHING, ReadLimits(batch_bytes, 50_000)) as read:
            assert read.keys["id"].to_pylist() == [str(key) for key, _ in DOCUMENTS]
            assert read.found.rows == 5
            for batch in read.batches():
                found |= dict(zip(batch["id"].to_pylist(), batch["document"].to_pylist(), strict=True))
        opened.close()
    assert found == {str(key): text if key != 3 else None for key, text in DOCUMENTS}  # 70,000 bytes are too many


def test_ranges_are_cut_and_counted(reader: str) -> None:
    with TdsProcess(Incoming(DOCUMENTS)) as server:
        opened = source(server, reader)
        ranges = [each.range for each in opened.cut(EVERYTHING, rows=1, total_bytes=1 << 30)]
        assert [each.high for each in ranges] == [(str(key),) for key, _ in DOCUMENTS]
        assert opened.count(ranges) == [1] * 5
        assert opened.count([KeyRange(("-5",), ("3",))]) == [3]
        assert opened.document_bytes() > 1
        assert not opened.notes()
        opened.close()
