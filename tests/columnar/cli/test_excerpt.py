from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from columnar.looking.excerpt import excerpt

TEXT = "\n".join(f"line {number}" for number in range(1, 21))


def test_the_marked_line_stands_between_three_before_and_three_after() -> None:
    found = excerpt(TEXT, 10, 3)
    assert (found.first, found.marked, found.marker) == (7, 10, 2)
    assert found.lines == tuple(f"line {number}" for number in range(7, 14))


def test_without_a_line_the_first_ones_are_shown() -> None:
    found = excerpt(TEXT, 0, 0)
    assert (found.first, found.marked, found.marker) == (1, 0, None)
    assert len(found.lines) == 4


def test_a_long_line_is_cut_around_the_column() -> None:
    found = excerpt("a" * 500 + "X" + "b" * 500, 1, 501)
    line = found.lines[0]
    assert len(line) < 130
    assert found.marker is not None
    assert line[found.marker] == "X"
    assert line.startswith("…")
    assert line.endswith("…")


def test_line_ends_are_those_of_xml() -> None:
    assert excerpt("a\r\nb\rc\nd", 3, 1).lines == ("a", "b", "c", "d")


@given(
    st.text(st.characters(codec="utf-8"), max_size=400),
    st.integers(0, 50),
    st.integers(0, 500),
)
def test_any_place_in_any_text_gives_a_short_and_tame_excerpt(text: str, line: int, column: int) -> None:
    found = excerpt(text, line, column)
    assert 1 <= len(found.lines) <= 7
    assert not any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for line in found.lines for character in line)
    if found.marker is not None:
        assert 0 <= found.marker <= len(found.lines[found.marked - found.first])
