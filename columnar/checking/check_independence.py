"""Same document, same contract, same rows: whatever other documents it is converted with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from columnar.checking.check_report import Difference
from columnar.checking.check_run import Problem, Trial
from columnar.checking.check_source import shortened
from transforms.contract.plan import ContractPlan

_SHOWN = 80  # characters of a value
_NONE = "no such row"


def differences(
    plan: ContractPlan, names: Sequence[str], alone: Sequence[Trial], together: Trial
) -> Iterator[Difference]:
    """The first difference of each document and table.

    names, alone: of each document. together: of all of them in the same order, or of one and its copies.
    """
    for number, name in enumerate(names):
        mine = alone[number]
        one, other = mine.problems.get(0), together.problems.get(number)
        if one != other:
            yield Difference(name, "", _problem(one), _problem(other))
        for table in plan.tables:
            all_rows = together.tables[table.name]
            rows = all_rows.filter(pc.equal(all_rows.column("_document"), number))
            found = _first_difference(mine.tables[table.name], rows)
            if found:
                yield Difference(name, table.name, *found)


def _first_difference(alone: pa.Table, together: pa.Table) -> tuple[str, str] | None:
    alone, together = alone.drop_columns(["_document"]), together.drop_columns(["_document"])
    if alone.equals(together):
        return None
    # NaN is not equal to itself, but here it is the same: as text it is
    for one, other in zip(alone.to_pylist(), together.to_pylist(), strict=False):
        for column, value in one.items():
            if repr(value) != repr(other[column]):
                where = f"row {one['_row'] + 1} (line {one['_line']})"
                return f"{where} {column} = {_shown(value)}", _where(other, one, column)
    if alone.num_rows != together.num_rows:
        return f"{alone.num_rows} rows", f"{together.num_rows} rows"
    return None


def _where(other: dict[str, object], one: dict[str, object], column: str) -> str:
    same = other["_row"] == one["_row"]
    place = "" if same else f"row {int(str(other['_row'])) + 1} (line {other['_line']}) "
    return f"{place}{column} = {_shown(other[column])}"


def _shown(value: object) -> str:
    return "NULL" if value is None else shortened(repr(value), _SHOWN)


def _problem(problem: Problem | None) -> str:
    return f"{problem.reason}: {problem.detail}" if problem else "loads"
