"""Types, formats, defaults, sizes and names: the small languages inside a contract."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.contract.column_type import TypeTextError, parse_type, type_text
from transforms.contract.formats import format_fault
from transforms.contract.literal import literal_fault
from transforms.contract.names import folded, name_fault
from transforms.contract.plan import ColumnType, TypeKind
from transforms.contract.sizes import byte_count
from transforms.contract.sql_text import sql_fault
from transforms.convert.read_temporal import format_problem

TYPES = st.one_of(
    st.sampled_from([ColumnType(TypeKind.STRING), ColumnType(TypeKind.BOOL), ColumnType(TypeKind.FLOAT)]),
    st.sampled_from([ColumnType(kind) for kind in (TypeKind.DATE, TypeKind.TIME, TypeKind.TIMESTAMP, TypeKind.UUID)]),
    st.sampled_from([8, 16, 32, 64]).map(lambda bits: ColumnType(TypeKind.INT, bits=bits)),
    st.integers(1, 10**9 - 1).map(lambda length: ColumnType(TypeKind.STRING, length=length)),
    st.integers(1, 38).flatmap(
        lambda precision: st.integers(0, precision).map(
            lambda scale: ColumnType(TypeKind.DECIMAL, precision=precision, scale=scale)
        )
    ),
    st.sampled_from(["base64", "hex"]).map(lambda encoding: ColumnType(TypeKind.BINARY, encoding=encoding)),
)


@given(TYPES)
def test_a_type_reads_what_it_writes(column_type: ColumnType) -> None:
    assert parse_type(type_text(column_type)) == column_type
    assert parse_type(f" {type_text(column_type)} ".replace(",", " , ").replace("(", " ( ")) == column_type


@given(st.text(max_size=20))
def test_any_text_is_a_type_or_an_error(text: str) -> None:
    try:
        parse_type(text)
    except TypeTextError as error:
        helped = error.expected or error.nearest
    else:
        helped = text
    assert helped


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("int", "int32"),
        ("Int64", "int64"),
        ("varchar(50)", "string(50)"),
        ("NVARCHAR", "string"),
        ("numeric(12,2)", "decimal(12,2)"),
        ("numeric", "decimal(12,2)"),
        ("datetime2", "timestamp"),
        ("bigint", "int64"),
        ("strng(20)", "string(20)"),
        ("timestampz", "timestamptz"),
        ("guid", "uuid"),
    ],
)
def test_what_other_systems_call_a_type(text: str, nearest: str) -> None:
    with pytest.raises(TypeTextError) as caught:
        parse_type(text)
    assert caught.value.nearest == nearest
    parse_type(nearest)


FORMATS = {
    TypeKind.DATE: [
        "%Y-%m-%d",
        "%m/%d/%Y %H:%M:%S",
        "%d %b %y",
        "%Y%j",
        "%B %d, %Y",
        "%Y-%m-%d %I:%M %p",
        "100%% %Y%m%d",
    ],
    TypeKind.TIMESTAMP: ["%Y-%m-%dT%H:%M:%S.%f", "%m/%d/%Y"],
    TypeKind.TIMESTAMPTZ: ["%Y-%m-%dT%H:%M:%S%z"],
    TypeKind.TIME: ["%H:%M", "%I:%M %p"],
}


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in FORMATS.items() for text in texts])
def test_right_formats_are_pythons_too(kind: TypeKind, text: str) -> None:
    assert format_fault(text, kind) is None
    moment = datetime.fromisoformat("2020-11-23T10:20:30+00:00")
    datetime.strptime(moment.strftime(text), text)


@given(st.text(alphabet="%YymdHIMSfpzbBjQ -", max_size=10), st.sampled_from(list(FORMATS)))
def test_whatever_is_accepted_conversion_and_python_accept(text: str, kind: TypeKind) -> None:
    if format_fault(text, kind) is None:
        assert format_problem(text, kind) is None
        datetime.strptime(datetime.fromisoformat("2020-11-23T10:20:30+00:00").strftime(text), text)


READ = {
    "bool": ["YES", "0"],
    "int8": ["-128", "+127"],
    "int16": ["5.00", " 7\n"],
    "int32": ["0000000000000000000000000000007"],
    "int64": ["-9223372036854775808"],
    "float64": ["1e5", "-INF", ".5"],
    "decimal(5,2)": ["-123.45", "1.5000", "000123"],
    "decimal(2,2)": [".25"],
    "string": [""],
    "string(3)": ["äöü"],
    "date": ["2020-02-29"],
    "time": ["23:59", "23:59:59.123456"],
    "timestamp": ["2020-01-01", "2020-01-01T10:00", "2020-01-01 10:00:00.1", "2020-01-01 10:00:00.123456000"],
    "timestamptz": ["2020-01-01T10:00:00Z", "2020-01-01 10:00+02:00"],
    "binary": ["aGk=", ""],
    "binary(hex)": ["00fF"],
    "uuid": ["123E4567-e89b-12d3-a456-426614174000"],
}
NOT_READ = {
    "bool": ["maybe", ""],
    "int8": ["128", "-129"],
    "int16": ["5.5", "1e3", "0x10"],
    "int32": ["٣"],
    "int64": ["9" * 5000],
    "float64": ["inf", "1,5"],
    "decimal(5,2)": ["1.005", "1234", "1e2", "."],
    "string(3)": ["abcd"],
    "date": ["2020-02-30", "20200101", "2020-01-01T00:00"],
    "time": ["24:00:01"],
    "timestamp": ["2020-01-01T10:00:00Z", "2020-01-01T10:00:60", "2020-01-01 10:00:00.1234567"],
    "timestamptz": ["2020-01-01T10:00:00", "2020-01-01"],
    "binary": ["a"],
    "binary(hex)": ["0", "zz"],
    "uuid": ["123"],
}


def pairs(texts: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(column_type, text) for column_type, listed in texts.items() for text in listed]


@pytest.mark.parametrize(("column_type", "text"), pairs(READ))
def test_literals_that_types_read(column_type: str, text: str) -> None:
    assert literal_fault([text], parse_type(column_type), ()) is None


@pytest.mark.parametrize(("column_type", "text"), pairs(NOT_READ))
def test_literals_that_types_do_not_read(column_type: str, text: str) -> None:
    assert literal_fault([text], parse_type(column_type), ())


def test_literals_follow_the_formats() -> None:
    date = parse_type("date")
    formats = ("%d.%m.%Y", "%Y%m%d")
    assert literal_fault(["31.12.2020", "20201231"], date, formats) is None
    assert literal_fault(["31.12.2020", "2020-12-31", "x"], date, formats) == (1, "'2020-12-31' is not a date")


@pytest.mark.parametrize(
    ("text", "count"),
    [("5B", 5), ("64MiB", 64 * 2**20), ("500KB", 500_000), ("1 GiB", 2**30), ("2gb", 2 * 10**9), (7, 7), (None, None)],
)
def test_sizes(text: object, count: object) -> None:
    assert byte_count(text) == count


@pytest.mark.parametrize("text", ["", "5", "MiB", "5 M", "1.5MB", "-1KB", "5MB\n", "٣MB"])
def test_texts_that_are_no_sizes(text: str) -> None:
    with pytest.raises(ValueError, match="is not a size"):
        byte_count(text)


@pytest.mark.parametrize("name", ["a", "_x", "order items", "Größe", "数量", "a1", "x" * 128])
def test_names(name: str) -> None:
    assert name_fault(name) == ""


@pytest.mark.parametrize("name", ["", "1a", "a-b", "a.b", " a", "a ", "a  b", "a\tb", 'a"b', "a;b", "x" * 129, "a\n"])
def test_texts_that_are_no_names(name: str) -> None:
    assert name_fault(name)


def test_names_that_a_database_takes_for_one() -> None:
    assert folded("Größe") == folded("GRO\u0308SSE")


@pytest.mark.parametrize("text", ["a = 1", "a = ';'", '";" IS NULL', "a = 'it''s;'"])
def test_sql_that_may_be_one_expression(text: str) -> None:
    assert sql_fault(text) == ("", 0)


@pytest.mark.parametrize(("text", "offset"), [("", 0), (" \n", 0), ("a; b", 1), ("a = ';' ;", 8), ("a = '';'", 6)])
def test_sql_that_is_plainly_none(text: str, offset: int) -> None:
    fault, at = sql_fault(text)
    assert fault
    assert at == offset
