"""Types of SQL Server: which Arrow type holds them, and what fits into them."""

from __future__ import annotations

import pyarrow as pa
import pytest

from loaders.errors import UsageError
from loaders.mssql.dialect import MSSQL
from loaders.mssql.key_types import key_bytes
from loaders.mssql.types import arrow_type, sql_type
from loaders.sink import ForeignKeySpec, MadeColumnSpec, TableSpec
from tests.loaders.mssql.statements import TYPES, column


@pytest.mark.parametrize(
    ("text", "arrow"),
    [
        ("bit", pa.bool_()),
        ("tinyint", pa.int16()),
        ("numeric(38,10)", pa.decimal128(38, 10)),
        ("decimal", pa.decimal128(18, 0)),
        ("money", pa.decimal128(19, 4)),
        ("datetime2", pa.timestamp("us")),
        ("datetimeoffset(7)", pa.timestamp("us", "UTC")),
        ("varchar(max)", pa.string()),
        ("xml", pa.string()),
        ("timestamp", pa.binary()),
        ("sql_variant", None),
        ("geography", None),
    ],
)
def test_arrow_types(text: str, arrow: pa.DataType | None) -> None:
    assert arrow_type(text) == arrow


def test_types_without_a_modifier_have_their_own() -> None:
    assert sql_type("datetime2").scale == 7
    assert sql_type("char").length == 1
    assert sql_type("nvarchar(max)").length is None
    assert sql_type("sysname").length == 128


@pytest.mark.parametrize("kind", [pa.bool_(), pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.float64(), pa.date32()])
@pytest.mark.parametrize("key", [False, True])
def test_what_is_made_for_a_type_takes_it(kind: pa.DataType, key: bool) -> None:
    assert MSSQL.tables.fits(kind, column(MSSQL.tables.ddl_type(kind, key=key)))


@pytest.mark.parametrize(
    ("kind", "stored", "fits"),
    [
        (pa.int8(), "tinyint", True),
        (pa.int16(), "tinyint", False),
        (pa.int16(), "smallint", True),
        (pa.int32(), "smallint", False),
        (pa.int64(), "decimal(19,0)", True),
        (pa.int64(), "decimal(18,0)", False),
        (pa.bool_(), "tinyint", False),
        (pa.decimal128(12, 2), "decimal(12,2)", True),
        (pa.decimal128(12, 2), "decimal(12,3)", False),
        (pa.decimal128(15, 4), "money", True),
        (pa.decimal128(16, 4), "smallmoney", False),
        (pa.float64(), "real", False),
        (pa.timestamp("us"), "datetime", True),
        (pa.timestamp("us"), "datetimeoffset(6)", False),
        (pa.timestamp("us", "UTC"), "datetimeoffset(6)", True),
        (pa.timestamp("us", "UTC"), "datetime2(7)", False),
        (pa.string(), "nvarchar(20)", True),
        (pa.string(), "text", True),
        (pa.string(), "xml", True),
        (pa.string(), "int", False),
        (pa.binary(), "varbinary(20)", True),
        (pa.binary(), "binary(20)", False),
        (pa.time64("us"), "time(3)", True),
    ],
)
def test_fits(kind: pa.DataType, stored: str, fits: bool) -> None:
    assert MSSQL.tables.fits(kind, column(stored)) is fits


def test_texts_fit_by_their_length() -> None:
    assert not MSSQL.tables.fits(pa.string(), column("varchar(20)"), length=21)
    assert MSSQL.tables.fits(pa.string(), column("varchar(20)"), length=20)
    assert MSSQL.tables.fits(pa.string(), column("char(36)"), uuid=True)
    assert not MSSQL.tables.fits(pa.string(), column("char(32)"), uuid=True)


def test_a_list_has_no_type() -> None:
    with pytest.raises(UsageError, match="SQL Server has no type"):
        MSSQL.tables.ddl_type(pa.list_(pa.int64()))


@pytest.mark.parametrize("kind", [each for each in TYPES if each != "timestamp"])
def test_every_type_can_be_staged(kind: str) -> None:
    staged = column(MSSQL.writing.staged_type(column(kind)))
    assert MSSQL.tables.fits(MSSQL.writing.written_as(column(kind)), staged) or kind == "real"


def spec(**more: object) -> TableSpec:
    fields = [pa.field("a", pa.string(), nullable=False), pa.field("b", pa.string(), nullable=False)]
    return TableSpec("t", pa.schema(fields), key=("a", "b"), **more)  # type: ignore[arg-type]


def test_texts_of_a_key_share_what_an_index_takes() -> None:
    types = MSSQL.tables.key_types(spec(), [spec()], "dbo")
    assert types == {"a": "nvarchar(225)", "b": "nvarchar(225)"}
    assert key_bytes(list(types.values())) == 900


def test_a_key_that_no_index_takes_is_told_before() -> None:
    wide = spec(lengths=(("a", 500), ("b", 500)))
    (problem,) = MSSQL.tables.problems([wide], "dbo")
    assert problem == "t: its key may take 4,000 bytes, and an index of SQL Server takes 1,700"


def test_a_reference_has_the_type_of_what_it_refers_to() -> None:
    child = TableSpec(
        "child",
        pa.schema([pa.field("x", pa.string()), pa.field("y", pa.string())]),
        key=("x", "y"),
        foreign_keys=(ForeignKeySpec(("y", "x"), "t", ("a", "b")),),
        lengths=(("x", 3),),
    )
    assert MSSQL.tables.key_types(child, [spec(), child], "dbo") == {"x": "nvarchar(225)", "y": "nvarchar(225)"}


def test_a_computed_column_has_no_type_of_its_own() -> None:
    made = (MadeColumnSpec("c", computed="[a] + [b]"), MadeColumnSpec("d", computed="1); DROP TABLE t; --"))
    (problem,) = MSSQL.tables.problems([spec(made=made)], "dbo")
    assert problem.startswith("t.d: its SQL is more than an expression")
