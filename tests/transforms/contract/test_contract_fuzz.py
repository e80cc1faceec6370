"""Whatever the text, reading it gives a plan or a ContractError whose problems have a message."""

from __future__ import annotations

import json
import string

import pytest
from edited_contracts import RICH, WORDS, edited_contracts
from hypothesis import given, settings
from hypothesis import strategies as st
from wrong_contracts import read_cases

from transforms.contract import ContractPlan, read_contract
from transforms.errors import ContractError

SEEDS = [case.contract for case in read_cases()]


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


@settings(max_examples=150, deadline=None)
@given(edited_contracts())
def test_almost_contracts(contract: object) -> None:
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
