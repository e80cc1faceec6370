"""Every code of lint: a contract that has it, one that has not, and what is said: linted_contracts.txt."""

from __future__ import annotations

import pytest
from linted_contracts import Case, messages_of, read_cases

from transforms.lint import CODES

CASES = read_cases()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_the_contract_has_the_findings(case: Case) -> None:
    assert messages_of(case) == case.messages, "run linted_contracts.py and read what it wrote"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_the_code_is_found_or_not(case: Case) -> None:
    assert case.code in CODES
    assert (case.code in [finding.code for finding in case.findings()]) is not case.quiet


def test_every_code_has_both() -> None:
    assert len({case.title for case in CASES}) == len(CASES)
    assert {case.code for case in CASES if not case.quiet} == set(CODES)
    assert {case.code for case in CASES if case.quiet} == set(CODES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_every_finding_says_where(case: Case) -> None:
    for finding in case.findings():
        assert (finding.file, finding.line > 0, finding.column > 0) == ("contract.yaml", True, True)
        assert finding.key
        assert finding.message


def test_codes_that_need_documents_are_told_apart() -> None:
    found = {(case.code, bool(case.documents)) for case in CASES if not case.quiet}
    assert found == {(code, CODES[code].sampled) for code in CODES}
