"""Whatever the text, reading it gives a plan or a ContractError whose problems have a message."""

from __future__ import annotations

import json
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wrong_contracts import read_cases

from transforms.contract import ContractPlan, read_contract
from transforms.contract.column import CLEAN_STEPS, Column, Defaults
from transforms.contract.model import Contract, Table
from transforms.errors import ContractError

SEEDS = [case.contract for case in read_cases()]
WORDS = sorted(
    {*Contract.model_fields, *Table.model_fields, *Column.model_fields, *Defaults.model_fields, *CLEAN_STEPS}
    | {
        "int64",
        "string(3)",
        "decimal(5,2)",
        "date",
        "@a",
        "/r",
        "r",
        "//x",
        "$key",
        "%Y-%m-%d",
        "null",
        "first",
        "",
        "1",
    }
)


def read(text: str) -> ContractPlan | None:
    try:
        return read_contract(text, name="f.yaml")
    except ContractError as error:
        problems = error.problems
    assert problems
    assert all(problem.message and problem.line >= 0 and problem.column >= 0 for problem in problems)
    return None


ODD = [
    "\x00\xff\xfe",
    "%YAML 9.9\n---\na",
    "%TAG ! foo\n--- !x y",
    "!!int x",
    "? [a]\n: b",
    "&a [*a]",
    "a: &a\n  b: *a",
    "<<: {a: 1}",
    "--- |",
    '"\\x"',
    '"\\U99999999"',
    "- " * 5000,
    "[" * 100_000,
    "{a: " * 100_000,
    "version: " + "9" * 10_000,
    "\ufeff\ufeff",
    "...",
    "? ",
    ": :",
]


@pytest.mark.parametrize("text", ODD, ids=lambda text: ascii(text[:12]))
def test_odd_texts(text: str) -> None:
    assert read(text) is None


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_any_text(text: str) -> None:
    read(text)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="&*!|>-?:,[]{}#%@'\"\\ \t\n\r\u0085\u2028aA01~.", max_size=60))
def test_any_punctuation(text: str) -> None:
    read(text)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SEEDS), st.data())
def test_damaged_contracts(seed: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(seed)))
    end = data.draw(st.integers(start, min(len(seed), start + 12)))
    read(seed[:start] + data.draw(st.sampled_from(["", *WORDS, *string.punctuation, "\n", "\n  "])) + seed[end:])


RICH: dict[str, object] = {
    "version": 1,
    "root": "p:r",
    "namespaces": {"p": "urn:p"},
    "document": {"decode": ["gzip"], "limits": {"bytes": "1MiB"}},
    "lookups": {"flag": {"Y": True, "N": None}},
    "defaults": {"trim": True, "formats": {"date": ["%Y-%m-%d"]}},
    "tables": {
        "a": {"rows": "/p:r", "columns": {"id": {"path": "@id", "type": "int64"}, "x": "@x"}, "key": ["id"]},
        "b": {
            "rows": "/p:r/c",
            "parent": "a",
            "columns": {
                "flag": {"path": "@f", "type": "bool", "lookup": "flag", "on_unknown": None, "ignore_case": True},
                "day": {"path": "d", "type": "date", "default": "2020-01-01", "on_invalid": "default"},
                "n": {"path": "n", "clean": ["digits", {"number": {"decimal": ","}}, {"replace": {"pattern": "x"}}]},
                "t": {"path": "t", "type": "string(3)", "many": "join", "separator": ",", "on_too_long": "truncate"},
                "s": {"xpath": "count(*)", "type": "decimal(5,2)", "nullable": False, "null_words": ["none"]},
            },
            "where": "n > 1",
            "distinct": {"on": ["flag"], "order": "n"},
            "keep_if_any": ["flag", "n"],
            "load": True,
        },
    },
}


def places(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in inner for place in places(item, (*path, key)))]


def edited(value: object, path: tuple[str | int, ...], new: object) -> object:
    """A copy with `new` at `path`; without the path's end where `new` is Ellipsis."""
    if not path:
        return {} if new is ... else new
    key, *rest = path
    items = dict(value.items() if isinstance(value, dict) else enumerate(value))  # type: ignore[attr-defined, arg-type]
    if not rest and new is ...:
        items.pop(key, None)
    else:
        items[key] = edited(items.get(key), tuple(rest), new)
    return items if isinstance(value, dict) else list(items.values())


ANYTHING = st.recursive(
    st.sampled_from(WORDS)
    | st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_almost_contracts(data: st.DataObject) -> None:
    """A right contract with one or two places replaced, removed or added to."""
    contract: object = RICH
    for _ in range(data.draw(st.integers(0, 2))):
        place = data.draw(st.sampled_from(places(contract)))
        if data.draw(st.booleans()) and place and isinstance(place[-1], str):
            place = (*place[:-1], data.draw(st.sampled_from(WORDS)))
        contract = edited(contract, place, data.draw(ANYTHING | st.just(...)))
    plan = read(json.dumps(contract))
    if plan is not None:
        assert read_contract(plan.text, name="again.json") == plan


def test_the_contract_that_is_edited_is_right() -> None:
    assert read(json.dumps(RICH)) is not None


def test_aliases_cannot_stand_for_billions() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [" + ", ".join([f"*a{n - 1}"] * 10) + "]" for n in range(1, 12)]
    with pytest.raises(ContractError, match="more than 200,000 values"):
        read_contract("\n".join(lines), name="bomb.yaml")


def test_aliases_cannot_nest_without_end() -> None:
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 5000)]
    with pytest.raises(ContractError, match="levels deep"):
        read_contract("\n".join(lines), name="deep.yaml")
