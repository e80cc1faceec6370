"""Formats mean exactly Python's strptime."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from convert_factory import TIMESTAMP, TIMESTAMPTZ, values
from convert_oracle import strptime
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.contract.plan import TypeKind
from transforms.convert import read_temporal
from transforms.convert.read_temporal import format_problem


@pytest.fixture(params=["shapes", "expressions"], autouse=True, scope="module")
def way(request: pytest.FixtureRequest) -> Iterator[None]:
    """Few texts and many are read in different ways, and both have to be right."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(read_temporal, "FEW_SHAPES", 0)
        patch.setattr(read_temporal, "TEXTS_A_SHAPE", 0 if request.param == "shapes" else 1_000_000)
        yield


FORMATS = [
    "%Y-%m-%d",
    "%m/%d/%Y",
    "%d.%m.%y",
    "%Y%m%d",
    "%Y%m%d%H%M%S",
    "%Y-%m-%d %H:%M:%S.%f",
    "%Y-%m-%dT%H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %I:%M:%S %p",
    "%I:%M%p %d %b %Y",
    "%I %H %Y",
    "%H %I %p %Y",
    "%B %d, %Y",
    "%A %d %B %Y",
    "%a, %d %b %Y %H:%M:%S",
    "%Y-%j",
    "%j%Y",
    "%j/%m/%y",
    "%f%Y",
    "%S.%f %Y",
    "%y %Y",
    "%Y %y",
    "%H%M",
    "%d%m",
    "%m%d",
    "%d",
    "%w %u %Y",
    "%b%d",
    "100%% %Y",
    "[%Y].(%m)*%d",
    "kst %Y é",
    "%Y \t %m",
    "%H:%M:%S",
    "%p",
    "%A",
    "01%%",
]
ZONED = ["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M:%S.%f %z", "%z%Y", "%Y%z %H"]

PIECES = [
    *"0123456789 -/:.,TZ+%",
    *("00", "01", "02", "09", "10", "12", "13", "19", "20", "23", "24", "28", "29", "30", "31", "32", "59", "60", "61"),
    *("62", "68", "69", "99", "001", "059", "060", "365", "366", "367", "0000", "0001", "1900", "1999", "2000", "2023"),
    *(
        "2024",
        "9999",
        "123",
        "1234567",
        "  ",
        "\t",
        "\u00a0",
        "\x1c",
        "AM",
        "pm",
        "Pm",
        "Jan",
        "FEB",
        "mar",
        "Sept",
        "may",
    ),
    *("june", "December", "mon", "Tuesday", "sun", "+01:00", "-0530", "+0000", "-00:00:01", "+23:59:59.999999"),
    *("+24:00", "+01:0030", "+010030", "+0100:30", "Z", "z", "KST ", "kst ", "é", "É", "100% ", "[", "].(", ")*"),
]


def written(pattern: str) -> st.SearchStrategy[str]:
    """Texts that the format writes, some of them with one piece put in, taken out or replaced."""
    moments = st.datetimes(dt.datetime(1, 1, 1), dt.datetime(9999, 12, 31))
    edges = st.sampled_from(
        [dt.datetime(2024, 2, 29, 12), dt.datetime(9999, 12, 31, 23, 59, 59, 999999), dt.datetime(1, 1, 1)]
    )
    zones = st.sampled_from([dt.timedelta(0), dt.timedelta(hours=5, minutes=30), dt.timedelta(hours=-23, minutes=-59)])

    def write(moment: dt.datetime, zone: dt.timedelta) -> str:
        return moment.replace(tzinfo=dt.timezone(zone)).strftime(pattern.replace("%Y", f"{moment.year:04}"))

    def damage(text: str, at: float, length: int, piece: str) -> str:
        start = int(at * len(text))
        return text[:start] + piece + text[start + length :]

    exact = st.builds(write, moments | edges, zones)
    narrow = exact.map(lambda text: text.replace("/0", "/").removeprefix("0"))
    damaged = st.builds(damage, exact, st.floats(0, 1), st.integers(0, 4), st.sampled_from(["", *PIECES]))
    return exact | narrow | damaged | st.lists(st.sampled_from(PIECES), max_size=9).map("".join)


@pytest.mark.parametrize("pattern", FORMATS)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_a_format_reads_what_strptime_reads(pattern: str, data: st.DataObject) -> None:
    texts = data.draw(st.lists(written(pattern), min_size=1, max_size=40))
    expected = [strptime(text.strip(" \t\r\n"), pattern) if ascii_enough(text) else None for text in texts]
    compared = [at for at, text in enumerate(texts) if ascii_enough(text)]
    found = values(texts, TIMESTAMP, formats=(pattern,))
    assert [found[at] for at in compared] == [expected[at] for at in compared], texts


def ascii_enough(text: str) -> bool:
    """The oracle knows only ASCII; the format with an accent is tested below."""
    return text.isascii()


@pytest.mark.parametrize("pattern", ZONED)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_an_offset_is_read_as_strptime_reads_it(pattern: str, data: st.DataObject) -> None:
    texts = [text for text in data.draw(st.lists(written(pattern), min_size=1, max_size=40)) if text.isascii()]
    expected = []
    for text in texts:
        moment = strptime(text.strip(" \t\r\n"), pattern)
        try:
            expected.append(moment and moment.astimezone(dt.UTC))
        except OverflowError:
            expected.append(None)  # before the year 1 or after 9999
    assert values(texts, TIMESTAMPTZ, formats=(pattern,)) == expected, texts


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("%S.%f %Y", "01.123 2020", dt.datetime(2020, 1, 1, 0, 0, 1, 123000)),
        ("%Y-%m-%d %H:%M:%S.%f", "2020-01-02 03:04:05.", None),
        ("%Y-%m-%d %H:%M:%S.%f", "2020-01-02 03:04:05.1234567", None),
        ("%Y-%m-%d %H:%M:%S.%f", "2020-01-02 03:04:05.7", dt.datetime(2020, 1, 2, 3, 4, 5, 700000)),
        ("%H:%M:%S", "23:59:60", None),
        ("%H:%M:%S", "23:59:61", None),
        ("%Y-%m-%d", "20-01-02", None),
        ("%Y-%m-%d", "0000-01-02", None),
        ("%Y-%m-%d", "2020-1-2", dt.datetime(2020, 1, 2)),
        ("%Y-%m-%d", "2020-01- 2", dt.datetime(2020, 1, 2)),
        ("%Y-%m-%d", "٢٠٢٠-01-02", None),
        ("%d.%m.%y", "01.02.68", dt.datetime(2068, 2, 1)),
        ("%d.%m.%y", "01.02.69", dt.datetime(1969, 2, 1)),
        ("%m/%d/%Y", "31/31/2020", None),
        ("%m/%d/%Y", "02/29/2100", None),
        ("%m/%d/%Y", "02/29/2000", dt.datetime(2000, 2, 29)),
        ("%d %b %Y", "02 ſep 2020", None),
        ("%d %b %Y", "02 SEP 2020", dt.datetime(2020, 9, 2)),
        ("%Y-%j", "2021-366", dt.datetime(2022, 1, 1)),
        ("%Y-%j", "9999-366", None),
        ("%m/%d/%Y %I:%M %p", "01/02/2020 12:00 am", dt.datetime(2020, 1, 2)),
        ("%m/%d/%Y %I:%M %p", "01/02/2020 12:00 PM", dt.datetime(2020, 1, 2, 12)),
        ("%m/%d/%Y %I:%M %p", "01/02/2020 13:00 PM", None),
        ("%Y été", "2020 ÉTÉ", dt.datetime(2020, 1, 1)),
        ("%Y\u00a0%m", "2020 \u2003\x1c07", dt.datetime(2020, 7, 1)),
    ],
)
def test_the_traps_of_other_engines(pattern: str, text: str, expected: dt.datetime | None) -> None:
    assert values([text], TIMESTAMP, formats=(pattern,)) == [expected]


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("%Y-%m-%d", "2024-12-30"),
        ("%Y-%m-%d %H:%M:%S.%f", "2019-10-09 23:59:59.98"),
        ("%m/%d/%Y %I:%M:%S %p", "10/31/2019 09:59:08 PM"),
        ("%d.%m.%y %H:%M", "9.9.69 7:05"),
        ("%Y%m%d%H%M%S", "20191231235959"),
    ],
)
def test_any_character_anywhere(pattern: str, text: str) -> None:
    """Fixed-width texts are read in words of eight bytes: no byte may pass for a digit or a literal that is none."""
    letters = [chr(code) for code in range(1, 128)]
    texts = [text[:at] + letter + text[at + 1 :] for at in range(len(text)) for letter in letters]
    expected = [strptime(part.strip(" \t\r\n"), pattern) for part in texts]
    assert values(texts, TIMESTAMP, formats=(pattern,)) == expected


def test_the_first_format_that_fits_wins() -> None:
    texts = ["01/02/2020", "13/02/2020", "2020-01-02", "x", None, "01/32/2020"]
    day_last = dt.datetime(2020, 1, 2)
    expected = [day_last, dt.datetime(2020, 2, 13), day_last, None, None, None]
    assert values(texts, TIMESTAMP, formats=("%m/%d/%Y", "%d/%m/%Y", "%Y-%m-%d")) == expected


@pytest.mark.parametrize(
    ("pattern", "kind", "fragment"),
    [
        ("%Y-%q", TypeKind.DATE, "%q"),
        ("%Y %", TypeKind.DATE, "percent sign"),
        ("%Y % d", TypeKind.DATE, "no directive"),
        ("%Y-%Y", TypeKind.DATE, "twice"),
        ("%c", TypeKind.TIMESTAMP, "machine"),
        ("%G-%V-%u", TypeKind.DATE, "week"),
        ("%Y%z", TypeKind.TIMESTAMP, "offset"),
        ("%Y", TypeKind.TIMESTAMPTZ, "%z"),
    ],
)
def test_a_format_that_cannot_be_is_named(pattern: str, kind: TypeKind, fragment: str) -> None:
    problem = format_problem(pattern, kind)
    assert problem is not None
    assert fragment in problem


def test_an_offset_is_never_read_by_a_type_that_cannot_keep_it() -> None:
    assert values(["2020 +0100"], TIMESTAMP, formats=("%Y %z",)) == [None]
    assert values(["2020"], TIMESTAMPTZ, formats=("%Y",)) == [None]


@pytest.mark.parametrize("pattern", FORMATS)
def test_other_formats_have_no_problem(pattern: str) -> None:
    assert format_problem(pattern, TypeKind.TIMESTAMP) is None
