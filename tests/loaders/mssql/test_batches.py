"""Batches of several statements and their parameters, as Microsoft's driver sends them and reads the answers."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pytest

from loaders.database.bulk import BulkTarget
from loaders.database.select import Select, Selected
from loaders.errors import TransientError
from loaders.mssql.connect import MSSQL_PYTHON, READERS, TURBODBC, connect
from loaders.mssql.dialect import MSSQL
from loaders.mssql.session import ROLLBACK
from tests.loaders.mssql.answers import Documents, Fails, behind_others
from tests.loaders.mssql.statements import TABLE, TYPES, column
from tests.loaders.mssql.test_connecting import address
from tests.loaders.mssql.test_fetching import SELECT, read
from tests.servers.tds_endpoint import ServerError
from tests.servers.tds_process import TdsProcess

pytest.importorskip("mssql_python")
# What the server says of a batch that it cannot tell the parameters of, and of one with a temporary table.
UNDESCRIBED = (None, ServerError(11506, "The batch could not be analyzed because of compile errors."))
_TEMPORARY = ServerError(11525, "The metadata could not be determined because it uses a temp table.")
# Kinds of keys whose values are others than digits.
_VALUES = {"varchar": "ä€", "char": "ä", "nvarchar": "漢😀", "nchar": "漢"}
ONE = Select((Selected("n", "CAST(1 AS bigint)", pa.int64()),), "")


@pytest.fixture(params=READERS)
def reader(request: pytest.FixtureRequest) -> str:
    if request.param == TURBODBC:
        pytest.importorskip("turbodbc")
    return str(request.param)


@pytest.mark.parametrize("undescribed", UNDESCRIBED, ids=["described", "not described"])
def test_parameters_arrive_whatever_the_server_says_of_them(reader: str, undescribed: ServerError | None) -> None:
    """turbodbc has them described before it binds them (sp_describe_undeclared_parameters), which the server refuses
    for some batches; mssql-python asks nothing."""
    kinds = [kind for kind in TYPES if kind not in ("xml", "text", "ntext", "image")]
    given = [_VALUES.get(kind.partition("(")[0], "12345") for kind in kinds]
    where = " AND ".join(f"t.[a] > {MSSQL.reading.bound(column(kind))}" for kind in kinds)
    select = replace(SELECT, tail=f"FROM t WHERE {where} AND t.[id] = CAST(? AS int)", values=(*given, 5))
    with TdsProcess(Documents(("<a/>",)), undescribed=undescribed) as server:
        connection = connect(address(server.port), reader=reader, memory=16_000_000)
        assert read(connection, select) == ["<a/>"]
        connection.close()
        sent = [values for sql, values in server.statements if "[xml]" in sql and sql != "sp_prepare"]
        asked = server.described
    assert all(values[-len(given) - 1 :] == (*given, 5) for values in sent if values[:1] != (None,))
    assert sent
    assert bool(asked) is (reader == TURBODBC)


def test_what_stands_before_a_select_is_no_result_of_its_own(reader: str) -> None:
    with TdsProcess(behind_others) as server:
        connection = connect(address(server.port), reader=reader, memory=16_000_000)
        assert [each.to_pylist() for each in connection.fetch(replace(ONE, rows=1, longest=0))] == [[{"n": 1}]]
        if reader == MSSQL_PYTHON:
            asked = [Select((each("columnar"),), "") for each in (MSSQL.writing.lock, MSSQL.writing.unlock)]
            made = MSSQL.writing.next_values(TABLE, column("int", identity=True), 1)
            assert made is not None
            assert [connection.table(each).num_rows for each in (*asked, made)] == [1, 1, 1]
        connection.close()


def test_long_keys_reach_a_temporary_table() -> None:
    """The driver binds as nvarchar(max) for one row only, and refuses it for several."""
    texts = ["x" * 4_001, "short", None, "😀" * 2_001, ""]
    rows = pa.table({"a": texts, "n": pa.array(range(5), pa.int64())})
    target = BulkTarget("", "#t", ("a", "n"), "INSERT INTO [#t] ([a], [n]) VALUES (CAST(? AS nvarchar(max)), ?)")
    with TdsProcess(undescribed=_TEMPORARY) as server:
        connection = connect(address(server.port), reader=MSSQL_PYTHON, memory=1)
        assert connection.insert(target, rows) == 5
        connection.close()
        sent = [values for sql, values in server.statements if sql.startswith("INSERT INTO [#t]")]
    assert sorted(sent, key=lambda row: row[1]) == list(zip(texts, range(5), strict=True))


def test_a_result_that_is_not_read_to_its_end_keeps_no_transaction_open() -> None:
    """The driver is busy with it until it is let go of, and would refuse to undo anything."""
    with TdsProcess(Documents(("x" * 100_000,) * 50)) as server:
        connection = connect(address(server.port), reader=MSSQL_PYTHON, memory=1)
        connection.begin(snapshot=True)
        batches = connection.fetch(replace(SELECT, rows=50, longest=200_000), batch_bytes=1)
        next(batches)
        connection.rollback()
        sent = [sql for sql, _ in server.statements]
        assert read(connection, replace(SELECT, rows=50)) == ["x" * 100_000] * 50
        batches.close()
        connection.close()
    assert sent[-1] == ROLLBACK


def test_a_transaction_that_cannot_be_undone_ends_with_its_connection() -> None:
    with TdsProcess(Fails("ROLLBACK", 3903, "The ROLLBACK TRANSACTION request has no BEGIN TRANSACTION.")) as server:
        connection = connect(address(server.port), reader=MSSQL_PYTHON, memory=1)
        connection.rollback()
        with pytest.raises(TransientError, match="the connection is closed"):
            connection.table(ONE)
