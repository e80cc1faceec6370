"""All findings about one contract: of the contract alone and, where there are samples, of what became of them."""

from __future__ import annotations

from collections.abc import Collection

from transforms.contract.plan import ContractPlan
from transforms.lint.contract_rules.all_rules import CONTRACT_RULES
from transforms.lint.finding import Finding
from transforms.lint.sample_rules.all_rules import SAMPLE_RULES
from transforms.lint.statistics import Statistics
from transforms.lint.subject import Subject


def lint_contract(
    text: str,
    plan: ContractPlan,
    *,
    name: str,
    statistics: Statistics | None = None,
    ignore: Collection[str] = (),
) -> tuple[Finding, ...]:
    """What a reviewer of a contract would want told, in the order of the file.

    text: of the contract, which `plan` was compiled from, alone. name: the file's, for messages. statistics: of
    documents; their tables have the names that they have in `plan`. ignore: codes that are left out.
    ContractError where the contract's SQL cannot be used.
    """
    subject = Subject.of(text, plan, name=name)
    found = [finding for rule in CONTRACT_RULES for finding in rule(subject)]
    if statistics is not None:
        found += [finding for rule in SAMPLE_RULES for finding in rule(subject, statistics)]
    idle = {finding.key for finding in found if finding.code == "no_effect"}
    kept = dict.fromkeys(
        finding
        for finding in found
        if finding.code not in ignore and not (finding.code == "restated" and finding.key in idle)
    )
    return tuple(sorted(kept, key=lambda each: (each.line, each.column)))
