"""docs/contract.md is what docs/generate.py writes now, and names every key, type, step and reason."""

from __future__ import annotations

import re
import runpy
import sys
from pathlib import Path
from typing import Any

import pytest

from transforms.contract import contract_schema, read_contract
from transforms.contract.column import CLEAN_STEPS, Column
from transforms.contract.column_type import TYPE_FORMS
from transforms.contract.policy import RULES
from transforms.contract.target_tables import target_tables
from transforms.convert.rules import Reason
from transforms.rows.check import check_selection
from transforms.shred.result import REASONS

DOCS = Path(__file__).resolve().parents[3] / "docs"


@pytest.fixture(scope="module")
def generator() -> dict[str, Any]:
    path = list(sys.path)
    sys.path.insert(0, str(DOCS))
    try:
        return runpy.run_path(str(DOCS / "generate.py"), run_name="generate")
    finally:
        sys.path[:] = path


@pytest.fixture(scope="module")
def page() -> str:
    return (DOCS / "contract.md").read_text(encoding="utf-8")


def test_the_page_is_up_to_date(generator: dict[str, Any], page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(DOCS))
    assert generator["page"]() == page, "run python docs/generate.py"


def test_every_key_is_in_the_reference(page: str) -> None:
    schema = contract_schema()
    reference = page[page.index("## Every key") :]
    for section in (schema, *schema["$defs"].values()):
        for key, field in section["properties"].items():
            if section.get("title") not in ("NumberStep", "ReplaceStep"):
                assert f"| `{key}`" in reference
                assert field["description"].replace("|", "\\|") in reference


def test_types_steps_rules_and_reasons_are_listed(page: str) -> None:
    for form in TYPE_FORMS:
        assert f"| `{form.form}` | `{form.arrow}` |" in page
    for name in (*CLEAN_STEPS, *RULES, *REASONS, *(reason.value for reason in Reason)):
        assert f"| `{name}` |" in page


def test_the_rules_of_the_page_are_those_of_the_model(generator: dict[str, Any]) -> None:
    rules = {rule for rule, *_ in generator["POLICIES"]}
    assert rules == set(RULES)
    # on_null is no rule about a value that does not fit: it says how NULL is written.
    assert {name for name in Column.model_fields if name.startswith("on_")} == {*RULES, "on_null"}


def test_every_contract_of_the_page_is_one(generator: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(DOCS))
    from worked_constructs import MARK, whole_contract

    template = generator["TEMPLATE"].read_text(encoding="utf-8")
    contracts = re.findall(r"```yaml\n(.*?)```", template, re.DOTALL)
    document = re.findall(r"```xml\n(.*?)```", template, re.DOTALL)[-1]
    for contract in contracts:
        plan = read_contract(whole_contract(contract, document), name="docs/contract.in.md")
        check_selection(plan)
        assert target_tables(plan)
    assert len(contracts) - 2 == template.count(MARK), "the first has a result of its own, the last has none"
    assert MARK not in generator["page"]()


def test_the_example_of_the_page_is_a_contract(page: str) -> None:
    contract = page.partition("```yaml\n")[2].partition("```")[0]
    assert [table.name for table in read_contract(contract, name="docs/contract.md").tables] == [
        "application",
        "contact",
        "phone",
    ]
