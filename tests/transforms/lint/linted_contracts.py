"""The golden file of lint: after `=== code` a contract, documents for it (lines that begin with `<`, one each), and
behind `-> ` what lint says. `=== code, but not: why` is a contract without a finding of that code.

After a change of messages: `PYTHONPATH=. python tests/transforms/lint/linted_contracts.py`, then read the difference as
the contract's author would.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from transforms.contract import ContractPlan, read_contract
from transforms.contract.extracts import extracts_of
from transforms.coverage import measure
from transforms.lint import Finding, Statistics, lint_contract, statistics_of
from transforms.path.model import TerminalKind, ValuePath
from transforms.rows.check import check_selection
from transforms.shred import LxmlShredder

FILE = Path(__file__).with_name("linted_contracts.txt")
MARK = "-> "
NOT = ", but not: "
KEYS = "17"  # what $key reads


@dataclass(frozen=True)
class Case:
    title: str
    contract: str
    documents: tuple[str, ...]
    messages: str

    @property
    def code(self) -> str:
        return self.title.partition(NOT)[0].partition(": ")[0]

    @property
    def quiet(self) -> bool:
        return NOT in self.title

    def findings(self) -> tuple[Finding, ...]:
        return found(self.contract, self.documents)


def read_cases() -> list[Case]:
    cases = []
    for block in FILE.read_text(encoding="utf-8").split("=== ")[1:]:
        title, *lines = block.rstrip("\n").split("\n")
        contract = "".join(f"{line}\n" for line in lines if not line.startswith((MARK, "<")))
        documents = tuple(line for line in lines if line.startswith("<"))
        messages = [line.removeprefix(MARK) for line in lines if line.startswith(MARK)]
        cases.append(Case(title, contract, documents, "\n".join(messages)))
    return cases


def found(contract: str, documents: Sequence[str] = (), ignore: Sequence[str] = ()) -> tuple[Finding, ...]:
    plan = read_contract(contract, name="contract.yaml")
    check_selection(plan)
    statistics: Statistics | None = None
    if documents:
        names = [f"{number + 1}.xml" for number in range(len(documents))]
        keys = {name: [KEYS] * len(documents) for name in key_names(plan)}
        shredded = LxmlShredder(plan).shred(
            pa.array(documents), {name: pa.array(texts) for name, texts in keys.items()}
        )
        coverage = measure(plan, [(document.encode(), True) for document in documents], keys)
        statistics = statistics_of(plan, shredded, names, coverage.unmatched)
    return lint_contract(contract, plan, name="contract.yaml", statistics=statistics, ignore=ignore)


def key_names(plan: ContractPlan) -> set[str]:
    """The source keys that the contract reads."""
    paths = [column.path for extract in extracts_of(plan) for column in extract.columns]
    ends = [path.terminal for path in paths if isinstance(path, ValuePath)]
    return {end.text or "key" for end in ends if end.kind is TerminalKind.KEY}


def messages_of(case: Case) -> str:
    return "\n".join(map(str, case.findings()))


def write_cases() -> None:
    blocks = []
    for case in read_cases():
        said = "".join(f"{MARK}{line}\n" for line in messages_of(case).splitlines())
        documents = "".join(f"{document}\n" for document in case.documents)
        blocks.append(f"=== {case.title}\n{case.contract}{documents}{said}")
    FILE.write_text("".join(blocks), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write_cases()
