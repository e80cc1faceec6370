"""Line and column of keys, values and single characters, however they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.contract import read_contract
from transforms.contract.problems import Problems
from transforms.contract.source import read_source
from transforms.errors import ContractError, Problem

TEXT = """\
a: 1
b:
  - x
  - {c: "d", 'e f': g}
h: &anchor
  i: j
k: *anchor
"""


def test_positions_of_keys_and_values() -> None:
    source = read_source(TEXT, problems=Problems("f"))
    assert source.value == {"a": 1, "b": ["x", {"c": "d", "e f": "g"}], "h": {"i": "j"}, "k": {"i": "j"}}
    assert source.key_position(("a",)) == (1, 1)
    assert source.value_position(("a",)) == (1, 4)
    assert source.value_position(("b", 0)) == (3, 5)
    assert source.key_position(("b", 1, "e f")) == (4, 14)
    assert source.value_position(("b", 1, "e f")) == (4, 21)
    assert source.value_position(("k", "i")) == (6, 6)  # where it is written


def test_a_place_that_is_not_there_is_that_of_what_should_hold_it() -> None:
    source = read_source(TEXT, problems=Problems("f"))
    assert source.value_position(("b", 1, "missing")) == source.value_position(("b", 1))
    assert source.known(("b", "list", 1, "dict", "c")) == ("b", 1, "c")


@given(
    st.text(alphabet="ab'\"\\é\t\U0001f600 #:", min_size=1, max_size=12),
    st.sampled_from(["single", "double", "escaped"]),
)
def test_a_character_is_found_in_quotes(text: str, style: str) -> None:
    if style == "single":
        parts = [character.replace("'", "''") for character in text]
        quote = "'"
    else:
        named = {'"': '\\"', "\\": "\\\\", "\t": "\\t"}
        parts = [f"\\U{ord(part):08x}" if style == "escaped" else named.get(part, part) for part in text]
        quote = '"'
    written = f"key: {quote}{''.join(parts)}{quote}\n"
    source = read_source(written, problems=Problems("f"))
    assert source.value == {"key": text}
    for offset in range(len(text)):
        assert source.character_position(("key",), offset) == (1, 7 + len("".join(parts[:offset])))


def path_problem(scalar: str) -> Problem:
    text = f"version: 1\nroot: r\ntables:\n  t:\n    rows: /r\n    columns:\n      c: {scalar}\n"
    with pytest.raises(ContractError) as caught:
        read_contract(text, name="f.yaml")
    return caught.value.problems[0]


@pytest.mark.parametrize(
    ("scalar", "line", "column"),
    [
        ("aa/!b", 7, 13),
        ('"aa/!b"', 7, 14),
        ("\"a\\u0061/!b\"", 7, 19),
        ("'aa/!b'", 7, 14),
        ("'a[@x=''1'']/!b'", 7, 23),
        ("{path: aa/!b}", 7, 20),
        ("|\n        aa/!b", 7, 10),
        ('"aa\n        /!b"', 7, 10),
    ],
)  # fmt: skip
def test_a_path_error_points_at_its_character(scalar: str, line: int, column: int) -> None:
    problem = path_problem(scalar)
    assert (problem.line, problem.column) == (line, column)
    assert problem.key == "tables.t.columns.c.path"


def test_lines_end_as_windows_ends_them() -> None:
    with pytest.raises(ContractError) as caught:
        read_contract("version: 1\r\nroot: r\r\ntables:\r\n  t: 5\r\n", name="f.yaml")
    assert (caught.value.problems[0].line, caught.value.problems[0].column) == (4, 6)
