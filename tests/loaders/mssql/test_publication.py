"""A publication as SQL Server hears it: staged by bulk copy, moved in one transaction, the ledger row first."""

from __future__ import annotations

import re

import pyarrow as pa
import pytest

from loaders.database.database_sink import DatabaseSink, DatabaseSinkOptions
from loaders.errors import DataError
from loaders.mssql.connect import connect_to_write
from loaders.mssql.dialect import MSSQL
from loaders.sink import Part, Removal, TableSpec
from tests.loaders.mssql.statements import GOLDEN
from tests.loaders.mssql.target_answers import Target
from tests.loaders.mssql.test_connecting import address
from tests.servers.tds_process import TdsProcess

pytest.importorskip("mssql_python")
LEDGER = TableSpec(
    "ledger",
    pa.schema([pa.field("chunk", pa.int64(), nullable=False), pa.field("attempt", pa.string(), nullable=False)]),
    ("chunk",),
)
ITEM = TableSpec(
    "item",
    pa.schema([pa.field("id", pa.int64(), nullable=False), pa.field("name", pa.string())]),
    ("id",),
    lengths=(("name", 20),),
)
PARTS = [
    Part("ledger", pa.table({"chunk": [1], "attempt": ["a"]})),
    Part("item", pa.table({"id": [1, 2, 3], "name": [None, "😀", "x"]})),
]
GOLDEN_FILE = GOLDEN / "publication.sql"
_TOKEN = re.compile(r"columnar_[0-9a-f]{12}")


def sink(server: TdsProcess) -> DatabaseSink:
    where = address(server.port)
    return DatabaseSink(
        DatabaseSinkOptions(
            dialect=MSSQL,
            connect=lambda rows: connect_to_write(where),
            identity=str(where),
            staging_schema="columnar",
        )
    )


def said(server: TdsProcess) -> list[str]:
    return [_TOKEN.sub("columnar_0123456789ab", sql) for sql, _ in server.statements]


def conversation() -> str:
    """What the server hears of one publication."""
    with TdsProcess(Target()) as server:
        target = sink(server)
        target.prepare([LEDGER, ITEM], create=True)
        before = len(server.statements)
        target.publish("job-g1-c000000001", PARTS)
        target.close()
        # What the bulk copy asks of a table is its own affair.
        sent = [sql for sql in said(server)[before:] if not sql.startswith("SELECT @@TRANCOUNT;")]
    return "".join(f"{sql.rstrip()}\nGO\n" for sql in sent)


def test_the_conversation_is_the_golden_one() -> None:
    assert conversation() == GOLDEN_FILE.read_text(encoding="utf-8")


def test_what_the_target_refuses_is_undone_and_nothing_stays_staged() -> None:
    with TdsProcess(Target(refuse=2627)) as server:
        target = sink(server)
        target.prepare([LEDGER, ITEM], create=True)
        before = len(server.statements)
        with pytest.raises(DataError, match="Violation of PRIMARY KEY"):
            target.publish("job-g1-c000000001", PARTS)
        target.close()
        sent = said(server)[before:]
    assert "IF @@TRANCOUNT > 0 ROLLBACK TRANSACTION;" in sent
    assert not [sql for sql in sent if sql.startswith("COMMIT")]
    created = {sql.split()[2] for sql in sent if sql.startswith("CREATE TABLE")}
    dropped = {sql.split()[-1] for sql in sent if sql.startswith("DROP TABLE")}
    assert created == dropped
    assert len(created) == 2


def test_what_runs_left_behind_is_swept() -> None:
    left = ("columnar_0123456789ab_job_g1_c000000001_1_0", "somebody_elses")
    with TdsProcess(Target(left=left)) as server:
        target = sink(server)
        target.prepare([LEDGER, ITEM], create=True)
        target.close()
        sent = said(server)
    assert f"DROP TABLE [columnar].[{left[0]}]" in sent
    assert not [sql for sql in sent if left[1] in sql]


def test_keys_are_compared_by_the_target_in_a_table_of_the_session() -> None:
    with TdsProcess(Target()) as server:
        target = sink(server)
        target.prepare([LEDGER, ITEM], create=True)
        found = target.as_stored("ledger", pa.table({"attempt": ["e", "a", "A"]}))
        target.close()
        sent = said(server)
        values = [each for sql, each in server.statements if sql.startswith("INSERT INTO [#columnar_compared]")]
    assert found["attempt"].to_pylist() == ["É", "a", "a"]
    created = "CREATE TABLE [#columnar_compared] ([columnar_row] bigint NOT NULL, [attempt] nvarchar(max)"
    assert [sql for sql in sent if sql.startswith(created + " COLLATE Latin1_General_CI_AS NULL)")]
    assert "DROP TABLE [#columnar_compared]" in sent
    assert values == [("e", 0), ("a", 1), ("A", 2)]


def test_texts_are_kept_as_they_are_without_asking() -> None:
    given = pa.table({"attempt": ["e", "a", "A ", "x" * 9000]})
    with TdsProcess(Target()) as server:
        target = sink(server)
        target.prepare([LEDGER, ITEM], create=True)
        assert target.as_kept("ledger", given).equals(given)
        target.close()
        assert not [sql for sql in said(server) if "columnar_compared" in sql]


def test_rows_are_deleted_in_the_same_transaction_after_the_ledger_row() -> None:
    keys = pa.table({"id": pa.array([7, 8], pa.int64())})
    with TdsProcess(Target()) as server:
        target = sink(server)
        target.prepare([LEDGER, ITEM], create=True)
        assert target.deletes_at_once(["item"])
        before = len(server.statements)
        target.publish("job-g1-c000000001", PARTS, [Removal("item", keys)])
        target.close()
        sent = said(server)[before:]
        values = [each for sql, each in server.statements if sql.startswith("INSERT INTO [#columnar_compared_0]")]
    starts = (
        "INSERT INTO [#",
        "INSERT INTO [dbo].[ledger]",
        "DECLARE @gone",
        "INSERT INTO [dbo].[item]",
        "COMMIT TRAN",
    )
    places = [max(at for at, sql in enumerate(sent) if sql.startswith(start)) for start in starts]
    assert places == sorted(places)
    assert sum(sql.startswith("SET TRANSACTION") for sql in sent[: places[1]]) == 2  # the keys' own, and this one
    assert values == [(7, 0), (8, 1)]


def test_a_target_that_does_not_fit_is_told_before_anything_is_made() -> None:
    wrong = TableSpec("item", pa.schema([pa.field("id", pa.string()), pa.field("nam", pa.string())]), ("id",))
    with TdsProcess(Target()) as server:
        target = sink(server)
        problems = target.mismatches([LEDGER, wrong], create=True)
        target.close()
    assert problems == [
        "item.id is bigint, which cannot take nvarchar(max)",
        "table item has no column nam; did you mean 'name'?",
    ]
