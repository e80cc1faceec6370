"""Several rows from one element."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from assemble_plans import assembled, column, pick, slots, table, values

from transforms.assemble.gather import gather
from transforms.contract.plan import TablePlan

SCORES = slots({"TU": {"type": "'TU'", "score": "@tu"}, "EX": {"type": "'EX'", "score": "@ex"}})


def scores(*more: Any, **options: Any) -> TablePlan:
    columns = (column("who", "@who"), column("type", "'TU'"), column("score", "@tu", null_words=("n/a",)), *more)
    return table("t", "//s", *columns, slots=SCORES, **options)


def test_a_row_for_every_slot_with_something_in_it() -> None:
    document = (
        "<d><s who='a' tu='700' ex='690'/><s who='b' tu=' ' ex='1'/><s who='c' tu=' N/A '/><s who='d' tu='2'/></d>"
    )
    result = assembled([document], scores())
    assert [tuple(row.values()) for row in values(result, "t")] == [
        ("a", "TU", "700"),
        ("a", "EX", "690"),
        ("b", "EX", "1"),
        ("d", "TU", "2"),
    ]
    assert result.extracts["t"].column("_row").to_pylist() == [0, 1, 3, 6]
    assert result.extracts["t"].column("_position").to_pylist() == [1, 2, 3, 4]
    assert result.changes.to_pylist() == [{"table": "t", "column": "", "rule": "empty_slot", "values": 4}]


def test_positions_are_counted_below_each_parent_even_where_rows_are_inside_rows() -> None:
    document = "<d><g><s tu='1'><g><s tu='2' ex='3'/></g></s><s ex='4'/></g><s tu='5'/><s ex='6'/></d>"
    result = assembled([document, "<d><s tu='7'/></d>"], table("g", "//g"), scores(parent="g"))
    rows = result.extracts["t"].select(["_document", "_parent", "_position", "_row", "score"]).to_pylist()
    assert [tuple(row.values()) for row in rows] == [
        (0, 0, 1, 0, "1"),
        (0, 1, 1, 2, "2"),
        (0, 1, 2, 3, "3"),
        (0, 0, 2, 5, "4"),
        (0, None, 1, 6, "5"),
        (0, None, 2, 9, "6"),
        (1, None, 1, 0, "7"),
    ]


def test_slots_of_constants_only_are_never_empty() -> None:
    rows = table("t", "/d/s", column("n", "'1'"), slots=slots({"1": {"n": "'1'"}, "2": {"n": "''"}}))
    result = assembled(["<d><s/></d>"], rows)
    assert values(result, "t") == [{"n": "1"}, {"n": ""}]
    assert result.changes.num_rows == 0


def test_a_column_that_a_slot_does_not_have_is_null_there() -> None:
    own = slots({"1": {"a": "@a1", "b": "@b1"}, "2": {"a": "@a2"}, "3": {"b": "'only'"}})
    rows = table("t", "/d/s", column("a", "@a1"), column("b", "@b1"), slots=own)
    result = assembled(["<d><s a2='x' b1='y'/><s/></d>"], rows)
    assert values(result, "t") == [
        {"a": None, "b": "y"},
        {"a": "x", "b": None},
        {"a": None, "b": "only"},
        {"a": None, "b": "only"},
    ]
    assert result.changes.to_pylist()[0]["values"] == 2


def test_a_slot_may_read_a_pick_and_a_list() -> None:
    own = slots({"1": {"v": "@v1", "all": "n/@x"}, "2": {"v": "@v2", "all": "n/@y"}})
    columns = (column("v", "@v1", "p"), column("all", "n/@x", "p", many="list"))
    rows = table("t", "/d/s", *columns, slots=own, picks=(pick("p", "/d/s/c", take="last"),))
    document = "<d><s><c v1='no'/><c v1='1'><n x='a' y=' '/><n x='b'/></c></s><s/></d>"
    result = assembled([document], rows)
    assert values(result, "t") == [{"v": "1", "all": ["a", "b"]}]
    assert result.changes.to_pylist()[0]["values"] == 3


@pytest.mark.parametrize("documents", [[], ["<wrong"], ["<d/>"]])
def test_no_elements(documents: list[str]) -> None:
    result = assembled(documents, scores())
    assert result.extracts["t"].num_rows == 0
    assert result.changes.num_rows == 0


class Narrow:
    """Texts of which no more than two can be taken at once, as where more would pass 2 GiB."""

    type = pa.string()

    def take(self, positions: pa.Array) -> pa.Array:
        if len(positions) > 2:
            raise pa.ArrowInvalid("Take operation overflowed binary array capacity")
        return pa.array(["a", "b"]).take(positions)


def test_texts_that_do_not_fit_into_one_array_become_chunks() -> None:
    taken = gather(Narrow(), pa.array([1, 0, None, 1, 1]))  # type: ignore[arg-type]
    assert taken.to_pylist() == ["b", "a", None, "b", "b"]
    assert taken.num_chunks > 1
