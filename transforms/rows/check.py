"""Checking the SQL of a contract's `where` and `order`, before any document is read."""

from __future__ import annotations

from transforms.contract.plan import ContractPlan
from transforms.errors import ContractError, Problem
from transforms.rows.select import schema_of
from transforms.sql.expression import check_expression, check_order


def check_selection(plan: ContractPlan) -> None:
    """Raises ContractError with every problem in the `where` and `distinct.order` of the plan's tables.

    Their SQL sees the table's columns, inherited ones included, and `_document`, `_row`, `_parent`, `_position` and
    `_line`. The problems' keys are `tables.NAME.where` and `tables.NAME.distinct.order`.
    """
    problems: list[Problem] = []
    hint = ""
    for table in plan.tables:
        checks = [(check_expression, table.where, "where")]
        if table.distinct:
            checks.append((check_order, table.distinct.order, "distinct.order"))
        for check, sql, key in checks:
            if not sql:
                continue
            try:
                check(sql, schema_of(table), what=f"tables.{table.name}.{key}")
            except ContractError as error:
                problems += error.problems
                hint = hint or error.hint
    if problems:
        raise ContractError(problems, hint=hint)
