"""Each type against plain Python, one text at a time."""

from __future__ import annotations

import datetime as dt
import math
import struct
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from convert_factory import (
    BASE64,
    BOOL,
    DATE,
    FLOAT,
    HEX,
    INT8,
    INT16,
    INT32,
    INT64,
    STRING,
    TIME,
    TIMESTAMP,
    TIMESTAMPTZ,
    UUID,
    column,
    convert_column,
    decimal,
    rules,
    string,
    table,
    values,
)
from convert_oracle import read
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.contract.plan import ColumnType, Many, Reaction
from transforms.convert import arrow_type, table_schema
from transforms.convert.read import unreadable
from transforms.convert.rules import Reason

DECIMALS = [
    decimal(12, 2),
    decimal(3, 0),
    decimal(3, 3),
    decimal(38, 0),
    decimal(38, 10),
    decimal(38, 38),
    decimal(1, 0),
]
INTEGERS = [INT8, INT16, INT32, INT64]
ALL = [*INTEGERS, *DECIMALS, BOOL, FLOAT, STRING, string(5), DATE, TIME, TIMESTAMP, TIMESTAMPTZ, BASE64, HEX, UUID]

digits = st.text("0123456789", max_size=6) | st.sampled_from(["0", "00", "5", "49", "50", "9" * 38, "9" * 39, "0" * 50])
numbers = st.builds(
    lambda sign, before, point, after, power, space: space + sign + before + point + after + power,
    st.sampled_from(["", "", "", "-", "+", "--"]),
    digits,
    st.sampled_from(["", ".", ".", "..", ","]),
    digits,
    st.sampled_from(["", "", "", "", "e0", "E+5", "e-400", "e400", "e"]),
    st.sampled_from(["", "", " ", "\r\n\t"]),
)
edges = st.sampled_from(
    [
        str(sign * 2 ** (bits - 1) + step) + tail
        for bits in (8, 16, 32, 64)
        for sign in (1, -1)
        for step in (-1, 0, 1)
        for tail in ("", ".0", ".4", ".5")
    ]
    + [
        "INF",
        "-INF",
        "+INF",
        "NaN",
        "inf",
        "nan",
        "Infinity",
        "-nan",
        "0x10",
        "1_000",
        "٣",
        "1d5",
        "½",
        "-0",
        "-0.0",
        ".",
        "-",
        "+.",
        "",
    ]
)


@pytest.mark.parametrize("type_", [*INTEGERS, *DECIMALS], ids=str)
@pytest.mark.parametrize("half_up", [False, True])
@settings(max_examples=20, deadline=None)
@given(texts=st.lists(numbers | edges, min_size=1, max_size=40))
def test_numbers_are_exact(type_: ColumnType, half_up: bool, texts: list[str]) -> None:
    check(texts, type_, half_up=half_up)


@settings(max_examples=200, deadline=None)
@given(
    texts=st.lists(
        numbers | edges | st.floats(allow_nan=False, allow_infinity=False).map(repr), min_size=1, max_size=40
    )
)
def test_floats_are_those_of_python_to_the_last_bit(texts: list[str]) -> None:
    found = values(texts, FLOAT, blank_as_null=False)
    expected = [read(text, FLOAT)[0] for text in texts]
    assert [bits(value) for value in found] == [bits(value) for value in expected]


def bits(value: float | None) -> bytes | None:
    return None if value is None else b"nan" if math.isnan(value) else struct.pack("<d", value)


PIECES = [
    *(
        "0000",
        "0001",
        "1582",
        "1900",
        "2000",
        "2023",
        "2024",
        "9999",
        "-",
        "/",
        "T",
        "t",
        " ",
        ":",
        ".",
        ",",
        "Z",
        "z",
        "+",
        "24",
    ),
    *(
        "00",
        "01",
        "02",
        "10",
        "12",
        "13",
        "23",
        "28",
        "29",
        "30",
        "31",
        "32",
        "59",
        "60",
        "0",
        "5",
        "499",
        "500",
        "999999",
        "0000000000",
    ),
]
dates = st.builds(
    "{:04}-{:02}-{:02}".format,
    st.sampled_from([0, 1, 4, 1900, 2000, 2023, 9999]),
    st.integers(0, 13),
    st.integers(0, 32),
)
clocks = st.builds(
    lambda hour, minute, second, fraction: (
        f"{hour:02}:{minute:02}" + (f":{second:02}{fraction}" if second is not None else "")
    ),
    st.sampled_from([0, 9, 12, 23, 24]),
    st.sampled_from([0, 30, 59, 60]),
    st.none() | st.sampled_from([0, 1, 59, 60]),
    st.sampled_from(
        [
            "",
            ".",
            ".0",
            ".5",
            ".123",
            ".123456",
            ".999999",
            ".9999995",
            ".9999994",
            ".123456000",
            ".1234567890",
            ".12345a",
        ]
    ),
)
zones = st.sampled_from(
    ["", "Z", "z", "+00:00", "+01:00", "-00:01", "-23:59", "+24:00", "+0100", "+01", " Z", "+01:60", "*01:00"]
)
written = st.builds(
    lambda date, gap, clock, zone: date + gap + clock + zone,
    dates,
    st.sampled_from(["T", " ", "  ", "t", ""]),
    clocks,
    zones,
)
temporal = dates | clocks | written | st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


@pytest.mark.parametrize("type_", [DATE, TIME, TIMESTAMP, TIMESTAMPTZ], ids=str)
@pytest.mark.parametrize("half_up", [False, True])
@settings(max_examples=60, deadline=None)
@given(texts=st.lists(temporal, min_size=1, max_size=40))
def test_iso_8601(type_: ColumnType, half_up: bool, texts: list[str]) -> None:
    check(texts, type_, half_up=half_up)


@pytest.mark.parametrize("formats", [(), ("%Y-%m-%d",)])
def test_every_day_there_is_and_some_there_are_not(formats: tuple[str, ...]) -> None:
    years = (0, 1, 4, 100, 1582, 1900, 1904, 1970, 2000, 2023, 2100, 9999)
    texts = [f"{year:04}-{month:02}-{day:02}" for year in years for month in range(14) for day in range(33)]
    assert values(texts, DATE, formats=formats) == [read(text, DATE)[0] for text in texts]


def test_every_second_there_is_and_some_there_are_not() -> None:
    texts = [f"{hour:02}:{minute:02}" for hour in range(26) for minute in range(62)]
    texts += [f"{text}:{second:02}" for text in ("00:00", "23:59", "24:00") for second in range(63)]
    texts += [f"23:59:59.{'9' * digits}" for digits in range(11)]
    check(texts, TIME)
    check([f"2024-02-29T{text}" for text in texts], TIMESTAMP)
    check([f"2024-02-29 {text}-23:59" for text in texts], TIMESTAMPTZ)


hexadecimal = st.text("0123456789abcdefABCDEF", max_size=6)
words = st.sampled_from(
    ["true", "TRUE", "t", "yes", "Y", "1", "false", "F", "no", "N", "0", "on", "truee", "", " y ", "01", "ｙ"]
)
base64_texts = st.text("AQgwEU+/=z \n", max_size=12) | st.binary(max_size=7).map(
    lambda data: __import__("base64").b64encode(data).decode()
)
uuids = (
    st.uuids().map(str)
    | st.uuids().map(lambda value: "{" + str(value).upper() + "}")
    | st.uuids().map(lambda value: value.hex)
)
damaged = st.builds(
    lambda text, at, piece: text[:at] + piece + text[at + 1 :],
    uuids,
    st.integers(0, 40),
    st.sampled_from(["", "{", "}", "-", "g"]),
)


@pytest.mark.parametrize(
    ("type_", "texts_of"),
    [(BOOL, words), (HEX, hexadecimal | words), (BASE64, base64_texts), (UUID, uuids | damaged)],
    ids=str,
)
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_words_and_bytes(type_: ColumnType, texts_of: st.SearchStrategy[str], data: st.DataObject) -> None:
    check(data.draw(st.lists(texts_of, min_size=1, max_size=30)), type_)


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(st.text(max_size=8), min_size=1, max_size=30), truncate=st.booleans())
def test_length_counts_code_points(texts: list[str], truncate: bool) -> None:
    check([text.encode("utf-8", "replace").decode() for text in texts], string(3), truncate=truncate)


def check(texts: list[str], type_: ColumnType, *, half_up: bool = False, truncate: bool = False) -> None:
    """Values, problems and changes of texts, next to NULLs, are those of the oracle."""
    expected = [read(text, type_, half_up=half_up, truncate=truncate) for text in texts]
    options: dict[str, Any] = dict.fromkeys(("on_invalid", "on_too_long", "on_inexact"), Reaction.NULL)
    options |= {"on_inexact": Reaction.ROUND_HALF_UP} if half_up else {}
    options |= {"on_too_long": Reaction.TRUNCATE} if truncate else {}
    converted = convert_column([None, *texts, None], type_, blank_as_null=False, **options)
    found = converted.tables["t"]["c"].to_pylist()
    assert found == [None, *(value for value, _, _ in expected), None], texts
    counts: dict[str, int] = {}
    for _, reason, change in expected:
        name = change or (f"nulled_{reason.removesuffix('_value')}" if reason else "")
        counts[name] = counts.get(name, 0) + bool(name)
    counts.pop("", None)
    assert rules(converted) == counts, texts


@pytest.mark.parametrize("type_", ALL, ids=str)
@pytest.mark.parametrize("many", [Many.FIRST, Many.LIST])
@pytest.mark.parametrize("texts", [[], [None], [None, None]], ids=len)
def test_the_arrow_type_is_the_declared_one_without_values_too(
    type_: ColumnType, many: Many, texts: list[None]
) -> None:
    typed = convert_column(texts, type_, many=many).tables["t"]
    expected = pa.list_(arrow_type(type_)) if many is Many.LIST else arrow_type(type_)
    assert typed.schema.field("c").type == expected
    assert typed["c"].null_count == len(texts)
    typed.validate(full=True)


def test_the_schema_of_a_table_begins_with_what_it_inherits() -> None:
    child = table("child", column("b", decimal(12, 2), nullable=False), column("c", STRING, many=Many.LIST))
    child = type(child)("child", child.rows, "parent", (column("a", INT64, nullable=False),), child.columns)
    assert table_schema(child) == pa.schema(
        [
            pa.field("a", pa.int64(), nullable=False),
            pa.field("b", pa.decimal128(12, 2), nullable=False),
            pa.field("c", pa.list_(pa.string())),
        ]
    )


@pytest.mark.parametrize(
    ("type_", "text", "expected"),
    [
        (INT8, "-5.00", -5),
        (INT64, "0000000000000000000000000000000000000000012", 12),
        (decimal(38, 0), "9" * 38, Decimal("9" * 38)),
        (decimal(12, 2), "-0.00", Decimal("0.00")),
        (FLOAT, "-0", -0.0),
        (TIME, "23:59", dt.time(23, 59)),
        (TIMESTAMPTZ, "2020-01-01T00:30:00+01:00", dt.datetime(2019, 12, 31, 23, 30, tzinfo=dt.UTC)),
        (BASE64, " Q\nQ = =", b"A"),
        (UUID, "{0123456A-89AB-CDEF-0123-456789ABCDEF}", "0123456a-89ab-cdef-0123-456789abcdef"),
        (DATE, "0001-01-01", dt.date(1, 1, 1)),
        (DATE, "9999-12-31", dt.date(9999, 12, 31)),
    ],
)
def test_values_worth_naming(type_: ColumnType, text: str, expected: Any) -> None:
    assert values([text], type_) == [expected]


@pytest.mark.parametrize(
    ("type_", "text", "half_up", "expected"),
    [
        (decimal(12, 2), "1.005", Reaction.ROUND_HALF_UP, Decimal("1.01")),
        (decimal(12, 2), "-1.005", Reaction.ROUND_HALF_UP, Decimal("-1.01")),
        (decimal(12, 2), "-0.004", Reaction.ROUND_HALF_UP, Decimal("0.00")),
        (decimal(38, 2), "9" * 36 + ".994999", Reaction.ROUND_HALF_UP, Decimal("9" * 36 + ".99")),
        (decimal(38, 2), "9" * 36 + ".995", Reaction.ROUND_HALF_UP, None),
        (INT8, "127.5", Reaction.ROUND_HALF_UP, None),
        (INT8, "-2.5", Reaction.ROUND_HALF_UP, -3),
        (TIME, "23:59:59.9999995", Reaction.ROUND_HALF_UP, None),
        (INT8, "5.5", Reaction.NULL, None),
    ],
)
def test_rounding(type_: ColumnType, text: str, half_up: Reaction, expected: Any) -> None:
    assert values([text], type_, on_inexact=half_up) == [expected]


def test_a_default_is_judged_by_its_type() -> None:
    assert unreadable("5", INT8) is None
    assert unreadable("500", INT8) is Reason.OUT_OF_RANGE
    assert unreadable("abcdef", string(5)) is Reason.TOO_LONG
    assert unreadable("1.005", decimal(12, 2)) is Reason.INEXACT
    assert unreadable("2020-01-02", DATE, ("%m/%d/%Y",)) is Reason.INVALID
