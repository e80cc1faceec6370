"""Slots: several rows from one element, and their names inside paths."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.contract import ContractPlan, read_contract
from transforms.contract.extracts import extracts_of
from transforms.contract.plan import TablePlan
from transforms.contract.slot_text import SlotTextError, holds_slot, in_slot, uses_slot
from transforms.errors import ContractError
from transforms.path.model import Compare, TerminalKind, ValuePath, XPath
from transforms.path.parse import parse_value_path


def plan_of(slots: str, columns: str) -> ContractPlan:
    return read_contract(
        f"version: 1\nroot: r\ntables: {{t: {{rows: /r, slots: {slots}, columns: {columns}}}}}", name="slots.yaml"
    )


def sources(table: TablePlan) -> dict[str, dict[str, str]]:
    return {slot.name: {column: path.source for column, path in slot.paths} for slot in table.slots}


def test_a_range_a_list_and_names_with_paths_are_one_thing() -> None:
    columns = "{no: $slot, v: '@v{slot}'}"
    plans = [plan_of(slots, columns) for slots in ("1..3", "[1, '2', 3]", "{1: {}, 2: , 3: {}}")]
    assert plans[0] == plans[1] == plans[2]
    assert sources(plans[0].tables[0]) == {str(n): {"no": f"'{n}'", "v": f"@v{n}"} for n in (1, 2, 3)}


def test_a_path_alone_is_that_of_the_column_without_one() -> None:
    columns = "{name: $slot, v: {type: int32}}"
    one, other = (plan_of(slots, columns) for slots in ("{A: '@a', B: '@b'}", "{A: {v: '@a'}, B: {v: '@b'}}"))
    assert one == other
    assert sources(one.tables[0]) == {"A": {"name": "'A'", "v": "@a"}, "B": {"name": "'B'", "v": "@b"}}


def test_a_column_that_differs_does_not_stand_for_the_parents_key() -> None:
    contract = (
        "version: 1\nroot: r\ntables:\n  a: {rows: /r, columns: {id: '@id'}, key: [id]}\n"
        "  b: {rows: /r/b, parent: a, slots: 1..2, columns: {id: '../@id', v: '@v{slot}'}}\n"
    )
    assert read_contract(contract, name="same.yaml").table("b").inherited == ()
    with pytest.raises(ContractError, match="gains, and has another value here"):
        read_contract(contract.replace("'../@id'", "'../@id{slot}'"), name="clash.yaml")


def test_the_order_of_slots_means_something() -> None:
    one, other = (plan_of(slots, "{v: '@v{slot}'}") for slots in ("[A, B]", "[B, A]"))
    assert one.sha256 != other.sha256
    assert [slot.name for slot in other.tables[0].slots] == ["B", "A"]
    assert read_contract(other.text, name="again") == other


def test_paths_of_the_slots() -> None:
    table = plan_of(
        "{A: '@a', B: {v: '@b', w: w/@x, u: '@other'}, C: {v: '@c'}}",
        "{name: $slot, v: {type: int32}, w: 'w{slot}', x: {xpath: 'count(x[@n=$slot])'}, u: '@u', s: {sql: upper(u)}}",
    ).tables[0]
    assert sources(table) == {
        "A": {"name": "'A'", "v": "@a", "w": "wA", "x": "count(x[@n='A'])", "u": "@u"},
        "B": {"name": "'B'", "v": "@b", "w": "w/@x", "x": "count(x[@n='B'])", "u": "@other"},
        "C": {"name": "'C'", "v": "@c", "w": "wC", "x": "count(x[@n='C'])", "u": "@u"},
    }
    paths = {column.name: column.path for column in table.columns}
    assert paths["s"] is None
    assert paths["v"] == parse_value_path("@a", {}), "the first slot's path stands for the column"
    assert isinstance(paths["x"], XPath)
    assert isinstance(paths["name"], ValuePath)
    assert (paths["name"].terminal.kind, paths["name"].terminal.text) == (TerminalKind.CONSTANT, "A")


def test_a_column_may_have_no_path_in_some_slots() -> None:
    plan = plan_of("{A: {v: '@a'}, B: {v: '@b', w: '@w'}}", "{v: {}, w: {}, u: '@u'}")
    assert sources(plan.tables[0]) == {"A": {"v": "@a"}, "B": {"v": "@b", "w": "@w"}}
    (extract,) = extracts_of(plan)
    assert [column.name for column in extract.columns] == ["v[A]", "v[B]", "w[B]", "u"]


def test_a_dollar_slot_without_slots_is_a_column_of_the_source_key() -> None:
    contract = "version: 1\nroot: r\ntables: {t: {rows: /r, columns: {c: $slot, d: \"'{slot}'\"}}}"
    path, text = (column.path for column in read_contract(contract, name="key.yaml").tables[0].columns)
    assert isinstance(path, ValuePath)
    assert path.terminal.kind is TerminalKind.KEY
    assert isinstance(text, ValuePath)
    assert text.terminal.text == "{slot}"


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("@v{slot}", "1", "@v1"),
        ("x{slot}/y{slot}", "a.b-c", "xa.b-c/ya.b-c"),
        ("$slot", "a b", "'a b'"),
        ("$slot", "it's", '"it\'s"'),
        ("x[@n=$slot]", 'a"b', "x[@n='a\"b']"),
        ("x[@n='no {slot}']", "7", "x[@n='no 7']"),
        ("x[@n='no {slot}']", "it's", 'x[@n="no it\'s"]'),
        ('x[@n="{slot}"]', 'a"b', "x[@n='a\"b']"),
        ("'$slot'", "1", "'$slot'"),
        ("$slots", "1", "$slots"),
        ("item[{slot}]", "2", "item[2]"),
    ],
)
def test_a_name_in_a_path(text: str, name: str, expected: str) -> None:
    assert in_slot(text, name) == expected
    assert uses_slot(text) is (text != expected)


@pytest.mark.parametrize(("text", "name"), [("@v{slot}", "a b"), ("@v{slot}", ""), ("$slot", "'\"")])
def test_a_name_that_cannot_stand_there(text: str, name: str) -> None:
    with pytest.raises(SlotTextError):
        in_slot(text, name)


def test_where_only_a_slot_can_be_meant() -> None:
    assert holds_slot("@v{slot}")
    assert not holds_slot("'{slot}'")


@given(st.text(min_size=1, max_size=8))
def test_a_value_never_leaves_its_quotes(name: str) -> None:
    try:
        path = parse_value_path(in_slot("x[@n=$slot]/@v", name), {})
        other = parse_value_path(in_slot("x[@n='{slot}']/@v", name), {})
    except SlotTextError:
        assert "'" in name
        assert '"' in name
        return
    for found in (path, other):
        ((predicate,),) = [step.predicates for step in found.steps]
        assert isinstance(predicate, Compare)
        assert predicate.literal == name


def test_every_slot_has_its_own_problem_and_a_column_one() -> None:
    with pytest.raises(ContractError) as caught:
        plan_of("{A: {v: '@a/'}, B: {v: '@b/'}}", "{v: {}, w: '@w{slot}/'}")
    assert [problem.key for problem in caught.value.problems] == [
        "tables.t.slots.A.v",
        "tables.t.slots.B.v",
        "tables.t.columns.w.path",
    ]
