from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from columnar.errors import JobError
from columnar.jobs.job_file import parse_job
from columnar.jobs.key_text import key_parts, parse_key, parse_where_key
from tests.columnar.cli.command import REPOSITORY


@pytest.mark.parametrize(
    ("text", "parts", "expected"),
    [
        ("1..9", 1, (("1",), ("9",))),
        ("1..", 1, (("1",), None)),
        ("..9", 1, (None, ("9",))),
        ("2024-01-01..2024-01-31", 1, (("2024-01-01",), ("2024-01-31",))),
        ("1.5..2.5", 1, (("1.5",), ("2.5",))),
        ("a,1..b,2", 2, (("a", "1"), ("b", "2"))),
        ("a,b..c", 1, (("a,b",), ("c",))),
        ('["a,b","1"]..["c..d",2]', 2, (("a,b", "1"), ("c..d", "2"))),
        ('["a..b"]..', 1, (("a..b",), None)),
        ('..["c..d"]', 1, (None, ("c..d",))),
        ("[x]..[y]", 1, (("[x]",), ("[y]",))),
    ],
)
def test_ranges(text: str, parts: int, expected: object) -> None:
    assert parse_where_key(text, parts) == expected


@pytest.mark.parametrize(
    ("text", "parts", "says"),
    [
        ("17", 1, "is not a range"),
        ("..", 1, "names no key"),
        ("a..b..c", 1, "more than one"),
        ("a..b,2", 2, "of 1 part, the source's has 2"),
        ('["a"]..b,2', 2, "of 1 part, the source's has 2"),
    ],
)
def test_what_is_no_range_is_told(text: str, parts: int, says: str) -> None:
    with pytest.raises(JobError, match=says) as caught:
        parse_where_key(text, parts)
    assert caught.value.hint


@given(st.lists(st.text(min_size=1), min_size=1, max_size=3), st.lists(st.text(min_size=1), min_size=3, max_size=3))
def test_json_arrays_say_every_key(low: list[str], high: list[str]) -> None:
    high = high[: len(low)]
    text = f"{json.dumps(low)}..{json.dumps(high)}"
    assert parse_where_key(text, len(low)) == (tuple(low), tuple(high))
    assert parse_key(json.dumps(low), len(low)) == tuple(low)


@pytest.mark.parametrize(
    ("source", "parts"),
    [
        ("{url: 'folder:x'}", 1),
        ("{url: 'parquet:x'}", 2),
        ("{url: 'parquet:x', key: [a, b, c]}", 3),
        ("{url: 'duckdb:x', table: t, key: a}", 1),
    ],
)
def test_the_parts_of_a_jobs_key(source: str, parts: int) -> None:
    text = f"{{name: j, source: {source}, contract: c, target: {{url: 'parquet:y'}}}}"
    assert key_parts(parse_job(text, name="job", base=REPOSITORY)) == parts
