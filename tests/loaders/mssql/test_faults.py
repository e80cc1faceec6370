"""What the numbers of SQL Server mean for the run."""

from __future__ import annotations

import pytest

from loaders.errors import DataError, LoaderError, TransientError, UnavailableError, UsageError
from loaders.mssql.faults import MSSQL_FAULTS
from loaders.mssql.mssql_python_connection import ToldError
from loaders.mssql.told_number import told_number

TRANSIENT = [
    *(-2, 20, 64, 121, 233, 596, 701, 802, 921, 922, 952, 983, 1204, 1205, 1222, 2714, 2759, 3947, 3948, 3950, 3960),
    *(3961, 3966, 4221, 6005, 18461, 41339, 41805),
    *(
        8645,
        8651,
        10053,
        10054,
        10060,
        10061,
        10928,
        10929,
        10936,
        17142,
        17197,
        17809,
        18401,
        18451,
        40143,
        40166,
        40197,
    ),
    *(40501, 40540, 40549, 40550, 40613, 41301, 41302, 41305, 41325, 41839, 42108, 42109, 49918, 49919, 49920),
]
UNAVAILABLE = [
    *(229, 230, 262, 297, 300, 544, 605, 823, 824, 825, 829, 916, 978, 979, 1088, 1101, 1105, 1121, 2557, 2760),
    *(3902, 3906, 3908, 3930, 3951, 3952, 3958, 3967, 3998, 4834, 5128, 5149, 8101, 9001, 9002, 11728, 15151),
    *(15247, 18452, 18456, 18470, 18486, 18487, 18488, 40544, 40551, 40552, 40615, 40914, 41332, 41333),
    *(41368, 41823, 41840, 47073, 49999, 256, 1132, 8104),
]
DATA = [
    *(220, 241, 242, 244, 245, 248, 295, 296, 298, 511, 512, 515, 517, 535, 547, 550, 1946, 2601, 2627, 2628, 3609),
    *(6602, 8023, 8114, 8115, 8134, 8152, 8169, 9402, 9411, 9420, 13609, 33504, 50000, 50001, 2_000_000_000),
]
USAGE = [102, 156, 207, 208, 209, 911, 4060, 4063, 4064, 4104, 40532]


def error(number: int, message: str = "something", state: str = "42000") -> LoaderError:
    return MSSQL_FAULTS.error("t", ToldError(message, state, number))


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        *((number, TransientError) for number in TRANSIENT),
        *((number, UnavailableError) for number in UNAVAILABLE),
        *((number, DataError) for number in DATA),
        *((number, UsageError) for number in USAGE),
    ],
)
def test_numbers(number: int, kind: type[LoaderError]) -> None:
    assert type(error(number)) is kind


def test_a_column_whose_numbers_are_used_up_is_no_documents_fault() -> None:
    message = "Arithmetic overflow error converting IDENTITY to data type int."
    assert type(error(8115, message, "22003")) is UnavailableError
    assert "used up" in error(8115, message, "22003").hint


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("08S01", TransientError),
        ("08001", TransientError),
        ("HYT00", TransientError),
        ("40001", TransientError),
        ("22003", DataError),
        ("23000", DataError),
        ("28000", UnavailableError),
        ("42S02", UsageError),
        ("HY000", UnavailableError),
    ],
)
def test_states_where_no_number_is_told(state: str, kind: type[LoaderError]) -> None:
    assert type(error(0, "in a language that is not English", state)) is kind


@pytest.mark.parametrize(
    ("message", "number"),
    [
        ("Violation of UNIQUE KEY constraint 'u'. Cannot insert duplicate key in object 'dbo.t'.", 2627),
        ("Cannot insert duplicate key row in object 'dbo.t' with unique index 'i'.", 2601),
        ('The INSERT statement conflicted with the FOREIGN KEY constraint "f".', 547),
        ("Cannot insert the value NULL into column 'c', table 'd.dbo.t'; column does not allow nulls.", 515),
        ("String or binary data would be truncated in table 'd.dbo.t', column 'c'. Truncated value: 'a'.", 2628),
        ("Conversion failed when converting the nvarchar value 'c (datetime) cannot hold 2020' to data type int.", 245),
        ("Transaction (Process ID 5) was deadlocked on lock | communication buffer resources with another", 1205),
        ("The transaction log for database 'd' is full due to 'LOG_BACKUP'.", 9002),
        ("Could not allocate space for object 'dbo.t' in database 'd' because the 'PRIMARY' filegroup is full.", 1105),
        ('Failed to update database "d" because the database is read-only.', 3906),
        ("The INSERT permission was denied on the object 't', database 'd', schema 'dbo'.", 229),
        ("CREATE TABLE permission denied in database 'd'.", 262),
        ("Resource ID : 1. The request limit for the database is 60 and has been reached.", 10928),
        ("Could not connect because the maximum number of '5' user connections has already been reached.", 17809),
        ('Cannot open server "s" requested by the login.  The login failed.', 40532),
        (
            "Cannot open server 's' requested by the login. Client with IP address '1.2.3.4' is not allowed to access"
            " the server.",
            40615,
        ),
        ("Something else entirely.", 0),
    ],
)
def test_texts_of_errors_without_a_number(message: str, number: int) -> None:
    assert told_number(message) == (number, message)


def test_the_bulk_copy_writes_the_number_in_front() -> None:
    text = "Sql Error: 1105: Class 17: State 2: Could not allocate a new page. on SQL1\\A in  at line 1"
    assert told_number(text) == (1105, "Could not allocate a new page.")
