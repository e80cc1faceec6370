"""The golden file of wrong contracts: after `=== title` the contract, and behind `-> ` what `read_contract` says of it.

After a change of messages: `PYTHONPATH=. python tests/transforms/contract/wrong_contracts.py`, then read the difference
as a newcomer would.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from transforms.contract import read_contract
from transforms.errors import ContractError

FILE = Path(__file__).with_name("wrong_contracts.txt")
MARK = "-> "


@dataclass(frozen=True)
class Case:
    title: str
    contract: str
    messages: str


def read_cases() -> list[Case]:
    cases = []
    for block in FILE.read_text(encoding="utf-8").split("=== ")[1:]:
        title, *lines = block.rstrip("\n").split("\n")
        contract = "".join(f"{line}\n" for line in lines if not line.startswith(MARK))
        messages = [line.removeprefix(MARK) for line in lines if line.startswith(MARK)]
        cases.append(Case(title, contract, "\n".join(messages)))
    return cases


def messages_of(contract: str) -> str:
    """What read_contract says, without the file's name; '' where the contract is right."""
    try:
        read_contract(contract, name="contract.yaml")
    except ContractError as error:
        return "\n".join(str(problem) for problem in error.problems)
    return ""


def write_cases() -> None:
    blocks = []
    for case in read_cases():
        said = "".join(f"{MARK}{line}\n" for line in messages_of(case.contract).splitlines())
        blocks.append(f"=== {case.title}\n{case.contract}{said}")
    FILE.write_text("".join(blocks), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write_cases()
