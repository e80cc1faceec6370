"""Lint of real contracts: the demonstration's, the examples' and the pages' have what is meant, and no false alarm."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from linted_contracts import found

from transforms.lint import Severity

REPOSITORY = Path(__file__).parents[3]
# Month first and day first beside each other: the documents have both, and the comments there say so.
MEANT = {
    "columnar/demo/contract.yaml": {"format_ambiguous": 2},
    "examples/loans/contract.yaml": {"format_ambiguous": 2},
}
CONTRACTS = [
    "columnar/demo/contract.yaml",
    *sorted(
        path.relative_to(REPOSITORY).as_posix()
        for path in (REPOSITORY / "examples").rglob("*.yaml")
        if "job" not in path.name
    ),
]
PAGES = ("README.md", "docs/quickstart.md", "docs/contract.in.md")


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_contract_that_is_used(name: str) -> None:
    findings = found((REPOSITORY / name).read_text(encoding="utf-8"))
    warnings = Counter(each.code for each in findings if each.severity is Severity.WARNING)
    assert not warnings - Counter(MEANT.get(name, {})), "\n".join(map(str, findings))


@pytest.mark.parametrize("page", PAGES)
def test_contracts_that_are_shown(page: str) -> None:
    shown = re.findall(r"```yaml\n(.*?)```", (REPOSITORY / page).read_text(encoding="utf-8"), re.DOTALL)
    contracts = [text for text in shown if "version: 1" in text and "tables:" in text]
    assert contracts
    for contract in contracts:
        assert [str(each) for each in found(contract) if each.severity is Severity.WARNING] == []


def test_codes_are_left_out() -> None:
    contract = (REPOSITORY / "columnar" / "demo" / "contract.yaml").read_text(encoding="utf-8")
    assert found(contract)
    assert not found(contract, ignore=["format_ambiguous"])
