"""The bulk copy into staging tables: what it is told, what it is never given, and what becomes of its errors."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pyarrow as pa
import pytest

from loaders.database.bulk import BulkTarget
from loaders.database.written_columns import written_rows
from loaders.errors import DataError, LoaderError, TransientError, UnavailableError
from loaders.mssql.bulk_copy import bulk_copy
from loaders.mssql.connect import connect_to_write
from loaders.mssql.dialect import MSSQL
from tests.loaders.mssql.answers import STAGED, Fails, copied, every_type
from tests.loaders.mssql.statements import column
from tests.loaders.mssql.test_connecting import PASSWORD, address
from tests.mssql_conformance.writing import VALUES
from tests.servers.tds_bulk import bulk_rows
from tests.servers.tds_process import TdsProcess

pytest.importorskip("mssql_python")
TARGET = BulkTarget("col]umnar", "staged", ("columnar_row", "note"), "")
ROWS = pa.table({"a": pa.array([1, 2, 3], pa.int64()), "b": pa.array(["x", None, "😀" * 3_000])})


def test_rows_go_by_name_as_one_batch_in_a_transaction_of_its_own() -> None:
    with TdsProcess(copied) as server:
        connection = connect_to_write(address(server.port))
        assert connection.insert(TARGET, ROWS) == 3
        connection.close()
        sent = [sql for sql, _ in server.statements]
        (data,) = server.bulk
        logins = server.logins
    assert [(login.user, login.password, login.database) for login in logins] == [("sa", PASSWORD, "loans")] * 2
    assert sent[-3:] == [
        "TM_BEGIN",
        "INSERT BULK [col]]umnar].[staged] ([columnar_row] bigint, [note] nvarchar(max) COLLATE Latin1_General_CI_AS)"
        " WITH (KEEP_NULLS, TABLOCK)",
        "TM_COMMIT",
    ]
    assert ("😀" * 3_000).encode("utf-16-le") in data


def test_fewer_rows_than_were_sent_are_no_success() -> None:
    with pytest.raises(TransientError, match="3 rows were sent and 2 arrived"):
        bulk_copy(lambda *_, **__: {"rows_copied": 2}, TARGET, ROWS)


@pytest.mark.parametrize(
    ("number", "message", "kind"),
    [
        (
            1105,
            "Could not allocate space for object 'dbo.t' because the 'PRIMARY' filegroup is full.",
            UnavailableError,
        ),
        (9002, "The transaction log for database 'db' is full due to 'LOG_BACKUP'.", UnavailableError),
        (1205, "Transaction (Process ID 52) was deadlocked on lock resources with another process.", TransientError),
        (2628, "String or binary data would be truncated in table 't', column 'c'.", DataError),
        (0, "", TransientError),
    ],
)
def test_its_errors_are_known_by_their_numbers(number: int, message: str, kind: type[LoaderError]) -> None:
    with TdsProcess(Fails("BULK", number, message)) as server, pytest.raises(kind) as told:
        connect_to_write(address(server.port)).insert(TARGET, ROWS)
    assert type(told.value) is kind
    assert message in told.value.message
    assert "Sql Error" not in told.value.message


@pytest.mark.parametrize(
    "kind",
    [pa.int8(), pa.uint8(), pa.null(), pa.dictionary(pa.int32(), pa.string()), pa.list_(pa.int64()), pa.float16()],
)
def test_types_it_would_mistake_are_never_sent(kind: pa.DataType) -> None:
    with pytest.raises(UnavailableError, match="takes no"):
        bulk_copy(lambda *_, **__: {"rows_copied": 1}, TARGET, pa.table({"a": pa.nulls(1, kind)}))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_float_that_is_no_number_is_the_documents_fault(value: float) -> None:
    with pytest.raises(DataError, match="no NaN and no infinity"):
        bulk_copy(lambda *_, **__: {"rows_copied": 2}, TARGET, pa.table({"a": [None, value]}))


def test_nothing_is_sent_for_no_rows() -> None:
    assert bulk_copy(lambda *_, **__: pytest.fail("sent"), TARGET, ROWS.slice(0, 0)) == 0


def test_a_temporary_table_is_filled_by_the_session_that_sees_it() -> None:
    rows = pa.table(
        {
            "when": pa.array([dt.datetime(1, 1, 1, 0, 0, 0, 1), None], pa.timestamp("us")),
            "amount": pa.array([Decimal("0.0000000001"), None], pa.decimal128(38, 10)),
            "name": ["ä😀", None],
            "columnar_row": pa.array([0, 1], pa.int64()),
        }
    )
    statement = "INSERT INTO [#columnar_compared] VALUES (CAST(? AS nvarchar(40)), ?, ?, ?)"
    target = BulkTarget("", "#columnar_compared", tuple(rows.column_names), statement)
    with TdsProcess() as server:
        connection = connect_to_write(address(server.port))
        assert connection.insert(target, rows) == 2
        connection.close()
        sent = [values for sql, values in server.statements if "columnar_compared" in sql and values]
    assert ("0001-01-01 00:00:00.000001", "0.0000000001", "ä😀", 0) in sent
    assert (None, None, None, 1) in sent


def test_values_of_every_type_are_sent_as_they_are() -> None:
    """NULLs first; the types are those that staging tables have."""
    kinds = {name: column(MSSQL.tables.ddl_type(kind)) for name, (kind, _) in VALUES.items()}
    staged = {name: MSSQL.writing.staged_type(each).removesuffix("(max)") for name, each in kinds.items()}
    assert {name: kind.removesuffix("(max)") for name, kind in STAGED.items()} == staged
    rows = pa.table({name: pa.array(values, kind) for name, (kind, values) in VALUES.items()})
    written = written_rows(
        rows, [(replace(each, name=name), MSSQL.writing.written_as(each)) for name, each in kinds.items()], "t"
    )
    with TdsProcess(every_type) as server:
        connection = connect_to_write(address(server.port))
        assert connection.insert(BulkTarget("dbo", "staged", tuple(VALUES), ""), written) == 3
        connection.close()
        (data,) = server.bulk
    for at, row in enumerate(bulk_rows(data)):
        assert dict(zip(VALUES, row, strict=True)) == {name: values[at] for name, (_, values) in VALUES.items()}
