"""Every kind of wrong contract, and what is said of it: wrong_contracts.txt."""

from __future__ import annotations

import pytest
from wrong_contracts import Case, messages_of, read_cases

CASES = read_cases()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_wrong_contract(case: Case) -> None:
    assert case.messages, "no message is expected: run wrong_contracts.py and read what it wrote"
    assert messages_of(case.contract) == case.messages


def test_kinds_are_many_and_different() -> None:
    assert len(CASES) >= 60
    assert len({case.title for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_every_message_says_where_and_what_was_expected(case: Case) -> None:
    for message in case.messages.splitlines():
        file, line, column, _ = message.split(":", 3)
        assert file == "contract.yaml"
        assert int(line) >= 1
        assert int(column) >= 1
        assert "; expected " in message or "; did you mean " in message
