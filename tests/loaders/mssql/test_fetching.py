"""Documents of any length, by both readers: as the server has them, or an error."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa
import pytest

from loaders.database.bulk import BulkConnection
from loaders.database.select import Select, Selected
from loaders.errors import DataError, TransientError
from loaders.mssql.arrow_batches import arrow_batches
from loaders.mssql.connect import MSSQL_PYTHON, READERS, TURBODBC, connect
from tests.loaders.mssql.answers import HALF, Breaks, Documents, Fails, counted
from tests.loaders.mssql.test_connecting import address
from tests.servers.tds_process import TdsProcess

pytest.importorskip("mssql_python")
SELECT = Select(
    (Selected("id", "CAST(t.[id] AS bigint)", pa.int64()), Selected("document", "t.[xml]", pa.string())),
    "FROM [dbo].[t] AS t WHERE t.[id] > CAST(? AS bigint)",
    ("7",),
    document="document",
)
# One unit below, at and above what turbodbc's buffers hold: 4,096 bytes of UTF-16, 64 KiB, 256 KiB, 1 MiB.
LENGTHS = [at + by for at in (2_048, 32_768, 131_072, 524_288) for by in (-1, 0, 1)]


@pytest.fixture(params=READERS)
def reader(request: pytest.FixtureRequest) -> str:
    if request.param == TURBODBC:
        pytest.importorskip("turbodbc")
    return str(request.param)


def read(connection: BulkConnection, select: Select = SELECT, **more: int) -> list[str | None]:
    table = pa.Table.from_batches(list(connection.fetch(select, **more)), select.schema).sort_by("id")
    assert table["id"].to_pylist() == list(range(len(table)))
    return list(table["document"].to_pylist())


def fetched(texts: Sequence[str | bytes | None], reader: str, select: Select = SELECT, **more: int) -> list[str | None]:
    with TdsProcess(Documents(tuple(texts))) as server:
        connection = connect(address(server.port), reader=reader, memory=64_000_000)
        try:
            return read(connection, select, **more)
        finally:
            connection.close()


@pytest.mark.parametrize("end", ["x", "é", "😀"])
def test_lengths_around_every_buffer(reader: str, end: str) -> None:
    units = len(end.encode("utf-16-le")) // 2
    texts = ["a" * (length - units) + end for length in LENGTHS]
    assert fetched(texts, reader) == texts


def test_nothing_empty_and_twenty_megabytes(reader: str) -> None:
    texts = [None, "", "ä" * 10_000_000, None, "<a/>"]
    assert fetched(texts, reader) == texts


def test_half_a_pair_is_no_text_and_its_replacement_is_one(reader: str) -> None:
    texts = ["<a/>", HALF, "has \ufffd itself", None, "<b/>"]
    assert fetched(texts, reader) == ["<a/>", None, "has \ufffd itself", None, "<b/>"]


def test_a_document_with_a_nul_is_no_text(reader: str) -> None:
    texts = ["<a/>", "<a>\0</a>", None, "", "<b/>" * 1_000]
    assert fetched(texts, reader) == ["<a/>", None, None, "", "<b/>" * 1_000]


def test_what_is_longer_than_wanted_comes_as_null(reader: str) -> None:
    texts = ["a" * 10, "b" * 5_000, "c" * 5_001]
    assert fetched(texts, reader, replace(SELECT, longest=10_000)) == [texts[0], texts[1], None]


def test_rows_that_changed_meanwhile_are_read_again(reader: str) -> None:
    with pytest.raises(TransientError, match="while they were read"):
        fetched(["a", "b"], reader, replace(SELECT, rows=3, longest=100))


def test_batches_grow_with_what_they_hold() -> None:
    asked: list[int] = []

    def fetch(rows: int) -> pa.RecordBatch:
        asked.append(rows)
        size = 1_000_000 if len(asked) == 4 else 100
        rows = 0 if len(asked) == 7 else rows
        return pa.record_batch({"document": ["x" * size] * rows})

    list(arrow_batches(fetch, 8_000_000, documents=True))
    assert asked[:4] == [4, 16, 64, 256]
    assert all(rows <= 8 for rows in asked[4:])


def test_a_snapshot_and_its_end() -> None:
    with TdsProcess(Documents(("a",))) as server:
        connection = connect(address(server.port), reader=MSSQL_PYTHON, memory=1)
        connection.begin(snapshot=True)
        read(connection)
        connection.commit()
        connection.rollback()
        connection.close()
        sent = [sql for sql, _ in server.statements]
    assert "SET XACT_ABORT ON" in sent[0]
    assert sent[2:] == [
        "SET TRANSACTION ISOLATION LEVEL SNAPSHOT;\nBEGIN TRANSACTION;",
        "SELECT CAST(t.[id] AS bigint) AS c0, t.[xml] AS c1 FROM [dbo].[t] AS t WHERE t.[id] > CAST(@P1 AS bigint)",
        "COMMIT TRANSACTION;",
        "IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION;",
    ]


def test_turbodbc_sends_its_settings_with_every_select() -> None:
    """It has every statement run by a procedure, behind which settings are what they were."""
    pytest.importorskip("turbodbc")
    with TdsProcess(Documents(("a",))) as server:
        connection = connect(address(server.port, "encrypt=optional&lock_timeout=7"), reader=TURBODBC, memory=1)
        connection.begin(snapshot=True)
        read(connection)
        connection.commit()
        connection.close()
        sent = [sql for sql, _ in server.statements if sql.startswith("SET ")]
        others = [sql for sql, _ in server.statements if sql.startswith("TM_")]
    assert len(sent) == 2
    assert all(sql.startswith("SET NOCOUNT ON; SET LOCK_TIMEOUT 7000; IF ") for sql in sent)
    assert not others


def test_parameters_are_typed_whatever_they_hold() -> None:
    with TdsProcess(Documents(())) as server:
        connection = connect(address(server.port), reader=MSSQL_PYTHON, memory=1)
        values = ("ascii", "😀ä", None, 5, -(2**62), "x" * 5_000)
        marks = ", ".join(f"CAST(? AS nvarchar({at + 1}))" for at in range(len(values)))
        connection.run(f"EXEC something {marks}", values)
        connection.close()
        assert server.statements[-1][1] == values
        (declared,) = server.declared
    short, number = "nvarchar(4000)", "bigint"
    types = [short, short, short, number, number, "nvarchar(max)"]
    assert declared == ",".join(f"@P{at} {kind}" for at, kind in enumerate(types, 1))


def test_the_count_is_that_of_the_statement_and_not_of_its_trigger() -> None:
    with TdsProcess(counted) as server:
        connection = connect(address(server.port), reader=MSSQL_PYTHON, memory=1)
        assert connection.run("INSERT INTO [t] ([a]) SELECT 1") == 5
        assert connection.run("CREATE TABLE [t] ([a] int)") == -1
        with pytest.raises(DataError, match="conflicted"):
            connection.run("UPDATE [t] SET [a] = 1 -- fails later")
        connection.close()


@pytest.mark.parametrize("number", [1205, 0])
@pytest.mark.parametrize("rows", [0, 3, 5_000])
@pytest.mark.parametrize("known", [True, False])
def test_a_result_that_breaks_off_is_no_result(reader: str, number: int, rows: int, known: bool) -> None:
    select = replace(SELECT, rows=rows + 1, longest=100) if known else SELECT
    with TdsProcess(Breaks(number, rows)) as server:
        connection = connect(address(server.port), reader=reader, memory=16_000_000)
        with pytest.raises(TransientError):
            list(connection.fetch(select))
        connection.close()
        connection = connect(address(server.port), reader=reader, memory=16_000_000)
        with pytest.raises(TransientError):  # where nobody knows how many rows there are
            connection.table(replace(SELECT, document=None))
        connection.close()


@pytest.mark.parametrize(
    ("number", "message", "kind"),
    [
        (2627, "Violation of PRIMARY KEY constraint 'PK'. Cannot insert duplicate key in object 'dbo.t'.", DataError),
        (1205, "Transaction (Process ID 53) was deadlocked on lock resources with another process.", TransientError),
        (0, "", TransientError),
    ],
)
def test_an_error_is_known_by_its_number(reader: str, number: int, message: str, kind: type[Exception]) -> None:
    with TdsProcess(Fails("[boom]", number, message)) as server:
        connection = connect(address(server.port), reader=reader, memory=1_000_000)
        with pytest.raises(kind, match=re.escape(message or "127.0.0.1")):
            connection.run("INSERT INTO [boom] ([a]) SELECT 1")
        connection.rollback()
        connection.close()
