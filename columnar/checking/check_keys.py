"""Source keys for documents that come from no source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from columnar.checking.check_report import StandIn
from transforms.contract.plan import ColumnPlan, ContractPlan, TypeKind
from transforms.path.model import TerminalKind, ValuePath
from transforms.shred.routing import Routing

_NUMBERS = (TypeKind.INT, TypeKind.FLOAT, TypeKind.DECIMAL)


def stand_in_keys(
    plan: ContractPlan, names: Sequence[str], given: Mapping[str, Sequence[str]]
) -> tuple[dict[str, Sequence[str]], tuple[StandIn, ...]]:
    """One text per document for every key that the contract reads or is chosen by, and which of them are made up.

    names: of the documents. given: the keys there are, by name. The others are the documents' names or, where a column
    would refuse these, a number, or what else its type reads.
    """
    keys: dict[str, Sequence[str]] = {}
    made_up = []
    keys.update({name: given[name] for name in Routing(plan).keys if name in given})
    for key, columns in _readers(plan).items():
        if key in given:
            keys[key] = given[key]
            continue
        what, keys[key] = _stand_in(columns, names)
        made_up.append(StandIn(key, what, keys[key][0] if names else ""))
    return keys, tuple(made_up)


def _readers(plan: ContractPlan) -> dict[str, list[ColumnPlan]]:
    """The columns that read each key."""
    readers: dict[str, list[ColumnPlan]] = {}
    for table in plan.tables:
        for column in table.columns:
            if isinstance(column.path, ValuePath) and column.path.terminal.kind is TerminalKind.KEY:
                readers.setdefault(column.path.terminal.text or "key", []).append(column)
    return readers


def _stand_in(columns: list[ColumnPlan], names: Sequence[str]) -> tuple[str, list[str]]:
    kinds = {column.type.kind for column in columns}
    if kinds <= {TypeKind.STRING}:
        lengths = [column.type.length for column in columns if column.type.length is not None]
        if max(map(len, names), default=0) <= min(lengths, default=max(map(len, names), default=0)):
            return "the document's name", list(names)
    numbers = range(1, len(names) + 1)
    if kinds & {TypeKind.DATE, TypeKind.TIMESTAMP, TypeKind.TIMESTAMPTZ} and not kinds & set(_NUMBERS):
        zone = "T00:00:00Z" if TypeKind.TIMESTAMPTZ in kinds else ""
        return "a day", [f"2000-01-01{zone}" for _ in numbers]
    if TypeKind.UUID in kinds:
        return "the document's number as a UUID", [f"00000000-0000-0000-0000-{number:012d}" for number in numbers]
    return "the document's number", [str(number) for number in numbers]
