"""Checking the SQL of a contract before any document is read, and keeping what was learned."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from transforms.contract.plan import ContractPlan
from transforms.errors import ContractError, Problem
from transforms.rows.program import TableProgram, table_programs
from transforms.rows.sql_program import SqlTableProgram, sql_programs

_HINT = "Contract SQL is DuckDB's, over the contract's own tables, the same on every run."
_KEPT = 16  # plans whose programs are remembered


@dataclass(frozen=True, slots=True)
class Program:
    """All SQL of a plan, checked. rows: tables with rows, those above before those below; sql: tables made by SQL,
    each after those that it reads."""

    rows: tuple[TableProgram, ...]
    sql: tuple[SqlTableProgram, ...]


def check_selection(plan: ContractPlan) -> None:
    """Raises ContractError with every problem in the SQL of the plan's tables. Nothing is run on data.

    The problems' keys are `tables.NAME.columns.COLUMN.sql`, `tables.NAME.joins.JOIN.where`, `tables.NAME.where`,
    `tables.NAME.distinct.order` and `tables.NAME.sql`, and those of the names beside them: `tables.NAME.joins.JOIN`
    with `.table`, `.on` and `.prefer`, and `tables.NAME.distinct.prefer`.
    """
    program_of(plan)


_programs: OrderedDict[int, tuple[ContractPlan, Program]] = OrderedDict()
_keeping = Lock()


def program_of(plan: ContractPlan) -> Program:
    """The program of a plan, made at the first call; ContractError as `check_selection`."""
    with _keeping:
        kept = _programs.get(id(plan))
        if kept is not None:
            return kept[1]
    program = _compiled(plan)
    with _keeping:
        _programs[id(plan)] = (plan, program)  # the plan is kept as well, or its id might come again
        while len(_programs) > _KEPT:
            _programs.popitem(last=False)
    return program


def _compiled(plan: ContractPlan) -> Program:
    problems: list[Problem] = []
    rows = table_programs(plan, problems)
    sql = sql_programs(plan, problems)
    if problems:
        raise ContractError(list(dict.fromkeys(problems)), hint=_HINT)
    return Program(tuple(sorted(rows.values(), key=lambda each: (each.depth, each.at))), tuple(sql))
