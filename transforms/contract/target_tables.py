"""The tables of the target: several tables of a plan may load into one; and the order in which they are loaded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from transforms.contract.names import folded
from transforms.contract.plan import ColumnPlan, Conflict, ContractPlan, ForeignKey, MadeColumn, TablePlan
from transforms.contract.report import Report
from transforms.contract.target_difference import contradictions, differences, loaded_columns
from transforms.errors import ContractError, Problem

_HINT = "Tables that load into one table of the target must agree on what it is."


@dataclass(frozen=True, slots=True)
class TargetTable:
    """One table of the target. columns: those that the contract fills, gained ones first; only its own may be an
    identity. names: of columns that are called otherwise there, here and there. foreign_keys, made: those that any of
    the tables states. tables: the names of the plan's tables that load into it, in the plan's order; the columns of a
    second one may stand in another order."""

    name: str
    columns: tuple[ColumnPlan, ...]
    names: tuple[tuple[str, str], ...]
    key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...]
    made: tuple[MadeColumn, ...]
    on_conflict: Conflict
    tables: tuple[str, ...]


def target_tables(plan: ContractPlan) -> tuple[TargetTable, ...]:
    """The tables that are loaded, each after those that its foreign keys and its parents refer to, otherwise in the
    plan's order. Raises ContractError where tables of one name do not agree, or refer to each other in a circle."""
    problems = [problem for _, problem in target_problems(plan.tables)]
    if problems:
        raise ContractError(problems, hint=_HINT)
    return tuple(_target(tables) for tables in _in_order(_Targets(plan.tables)))


def target_problems(tables: Sequence[TablePlan]) -> Iterator[tuple[TablePlan, Problem]]:
    """Why tables are no tables of a target, and which table each reason is told of; the keys are those of its
    contract, and there is no file."""
    targets = _Targets(tables)
    for first, *others in targets.groups.values():
        for number, other in enumerate(others, 1):
            found = (*differences(first, other), *contradictions([first, *others[: number - 1]], other))
            yield from ((other, problem) for problem in found)
    waiting = targets.groups.keys() - {folded(group[0].target_name) for group in _in_order(targets)}
    if waiting:
        circle = _circle(targets, min(waiting), waiting)
        shown = " -> ".join(table.target_name for table in (*circle, circle[0]))
        place = next((table for table in circle if table.target.foreign_keys), circle[0])
        message = f"foreign keys and parents go round in a circle: {shown}"
        key = f"tables.{place.title}.target.foreign_keys"
        yield place, Problem(message, key=key, expected="no foreign key for one of these")


def check_target_tables(tables: Sequence[TablePlan], report: Report) -> None:
    """Report what makes the tables of one contract no tables of a target."""
    for _, problem in target_problems(tables):
        report.value(tuple(problem.key.split(".")), problem.message, expected=problem.expected)


def _target(tables: Sequence[TablePlan]) -> TargetTable:
    first = tables[0]
    return TargetTable(
        name=first.target_name,
        columns=loaded_columns(first),
        names=first.target.names,
        key=first.key,
        foreign_keys=tuple(dict.fromkeys(key for table in tables for key in table.target.foreign_keys)),
        made=_made(tables),
        on_conflict=first.on_conflict,
        tables=tuple(table.name for table in tables),
    )


def _made(tables: Sequence[TablePlan]) -> tuple[MadeColumn, ...]:
    """The columns that the database fills, as the first table that names each says it."""
    made: dict[str, MadeColumn] = {}
    for table in tables:
        for column in table.target.made:
            made.setdefault(folded(column.name), column)
    return tuple(made.values())


class _Targets:
    """The loaded tables by their name in the target, as a database compares names; and what each must wait for."""

    def __init__(self, tables: Iterable[TablePlan]) -> None:
        by_name = {table.name: table for table in tables}
        self.groups: dict[str, list[TablePlan]] = {}
        for table in by_name.values():
            if table.load:
                self.groups.setdefault(folded(table.target_name), []).append(table)
        self.before = {
            name: {needed for table in group for needed in _needed(table, by_name)} & self.groups.keys() - {name}
            for name, group in self.groups.items()
        }


def _needed(table: TablePlan, by_name: Mapping[str, TablePlan]) -> Iterator[str]:
    """The tables of the target that a table's foreign keys and nearest loaded ancestor refer to."""
    for key in table.target.foreign_keys:
        yield folded(key.table)
    while table.parent is not None:
        table = by_name[table.parent]
        if table.load:
            yield folded(table.target_name)
            return


def _in_order(targets: _Targets) -> list[list[TablePlan]]:
    """The groups in load order; those of a circle, and those behind it, are left out."""
    ordered: list[str] = []
    while True:
        free = (name for name in targets.groups if name not in ordered and targets.before[name] <= set(ordered))
        name = next(free, None)
        if name is None:
            return [targets.groups[name] for name in ordered]
        ordered.append(name)


def _circle(targets: _Targets, name: str, waiting: Iterable[str]) -> list[TablePlan]:
    """A circle that is met from a table that waits."""
    chain: list[str] = []
    while name not in chain:
        chain.append(name)
        name = min(targets.before[name] & set(waiting))
    return [targets.groups[each][0] for each in chain[chain.index(name) :]]
