"""Picks: where their candidates are, what decides between them, and in which order they are chosen."""

from __future__ import annotations

from typing import Any

import pytest

from transforms.contract import ContractPlan, read_contract
from transforms.contract.extracts import extracts_of
from transforms.contract.plan import Pick, Preference, Take
from transforms.path.parse import parse_row_path, parse_value_path

NAMESPACES = {"p": "urn:p"}


def plan_of(picks: str, columns: str, *, rows: str = "/r/row", more: str = "") -> ContractPlan:
    return read_contract(
        f"version: 1\nroot: r\nnamespaces: {{p: 'urn:p'}}\ntables:\n  t:\n    rows: {rows}\n    picks: {picks}\n"
        f"    columns: {columns}\n{more}",
        name="picks.yaml",
    )


def pick_of(text: str, **options: Any) -> Pick:
    (pick,) = plan_of(f"{{p: {text}}}", "{c: {of: p, path: '@c'}}", **options).tables[0].picks
    return pick


def test_everything_that_a_pick_can_say() -> None:
    pick = pick_of(
        "{path: \"a/p:b[@x='1']\", match: {'@b': '@a', '@a': ../@id}, require: ['@i'], require_any: ['@j', k],"
        " prefer: {'@role': [PR, 2], x: [true]}, ignore_case: true, take: last, filled: true}"
    )
    assert pick == Pick(
        name="p",
        rows=parse_row_path("/r/row/a/p:b[@x='1']", NAMESPACES),
        match=(
            (parse_value_path("@a", {}), parse_value_path("../@id", {})),
            (parse_value_path("@b", {}), parse_value_path("@a", {})),
        ),
        require=(parse_value_path("@i", {}),),
        require_any=(parse_value_path("@j", {}), parse_value_path("k", {})),
        prefer=(
            Preference(parse_value_path("@role", {}), ("PR", "2")),
            Preference(parse_value_path("x", {}), ("true",)),
        ),
        ignore_case=True,
        take=Take.LAST,
        filled=True,
    )


def test_a_path_alone_is_the_first_such_element() -> None:
    assert pick_of("a") == Pick("p", parse_row_path("/r/row/a", {}))
    assert pick_of("{path: a, require: '@i'}").require == (parse_value_path("@i", {}),)


@pytest.mark.parametrize(
    ("path", "rows", "everywhere"),
    [
        ("a/b[1]", "/r/row/a/b[1]", False),
        ("./a", "/r/row/a", False),
        (".//a", "/r/row//a", False),
        ("a//b", "/r/row/a//b", False),
        ("/r/x", "/r/x", True),
        ("//x[@y]", "//x[@y]", True),
    ],
)
def test_candidates(path: str, rows: str, everywhere: bool) -> None:
    pick = pick_of(f"'{path}'")
    assert pick.rows == parse_row_path(rows, {})
    assert pick.everywhere is everywhere


def test_candidates_of_another_pick_stand_below_its_elements_and_come_after_it() -> None:
    plan = plan_of(
        "{a: {path: x, of: b}, b: {path: y, of: c}, c: {path: //z}, d: {path: /r/w, of: a, match: {'@i': '@j'}}}",
        "{v: {of: a, path: '@v'}, w: {of: d, path: ../@w}}",
    )
    picks = plan.tables[0].picks
    assert [pick.name for pick in picks] == ["c", "b", "a", "d"]
    assert [pick.rows.source for pick in picks] == ["//z", "//z/y", "//z/y/x", "/r/w"]
    assert [(pick.of, pick.everywhere) for pick in picks] == [(None, True), ("c", False), ("b", False), ("a", True)]
    assert [(column.of, column.path) for column in plan.tables[0].columns] == [
        ("a", parse_value_path("@v", {})),
        ("d", parse_value_path("../@w", {})),
    ]
    read = {extract.name: [column.name for column in extract.columns] for extract in extracts_of(plan)}
    assert read == {"t": [], "t.c": [], "t.b": [], "t.a": ["v", "d.ours[0]"], "t.d": ["w", "d.theirs[0]"]}


def test_the_order_of_picks_and_of_what_they_match_means_nothing() -> None:
    columns = "{v: {of: a, path: .}, w: {of: b, path: .}}"
    one = plan_of("{a: {path: x, match: {'@i': '@j', '@k': '@l'}}, b: y}", columns)
    other = plan_of("{b: y, a: {match: {'@k': '@l', '@i': '@j'}, path: x}}", columns)
    assert one == other


def test_the_order_of_preferences_does() -> None:
    one, other = (
        plan_of(f"{{a: {{path: x, prefer: {{{prefer}}}}}}}", "{v: {of: a, path: .}}")
        for prefer in ("'@i': [A], '@j': [B]", "'@j': [B], '@i': [A]")
    )
    assert one.sha256 != other.sha256
    assert read_contract(one.text, name="again") == one
    assert read_contract(other.text, name="again") == other


def test_a_column_of_a_pick_does_not_stand_for_the_parents_key() -> None:
    contract = (
        "version: 1\nroot: r\ntables:\n  a: {rows: /r, columns: {id: '@id'}, key: [id]}\n"
        "  b: {rows: /r/b, parent: a, picks: {p: x}, columns: {id: {of: p, path: ../@id}}}\n"
    )
    with pytest.raises(Exception, match="gains, and has another value here"):
        read_contract(contract, name="clash.yaml")
