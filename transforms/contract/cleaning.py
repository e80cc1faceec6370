"""From what a contract says of cleaning to its steps."""

from __future__ import annotations

from transforms.contract.column import Column, NumberStep, ReplaceStep
from transforms.contract.plan import CleanStep
from transforms.contract.report import Report
from transforms.contract.source import Path


def plan_clean(column: Column, path: Path, report: Report) -> tuple[CleanStep, ...]:
    """The steps of a column's `clean`; what is wrong with them is reported."""
    steps: list[CleanStep] = []
    for index, step in enumerate(column.clean):
        if isinstance(step, str):
            steps.append(CleanStep(step))
        elif isinstance(step, NumberStep):
            steps.append(_number(step, (*path, "clean", index, "number"), report))
        else:
            steps.append(_replace(step, (*path, "clean", index, "replace"), report))
    return tuple(steps)


def _number(step: NumberStep, path: Path, report: Report) -> CleanStep:
    decimal, group = step.number.decimal, step.number.group
    if "group" not in step.number.model_fields_set and decimal == group:
        group = "."  # whoever writes a decimal comma groups by points
    if decimal == group:
        report.value(path, "decimal and group are the same character", expected="two different ones")
    if any(character.isalnum() or character in "+-()" for character in decimal + group):
        report.value(
            path,
            "decimal and group cannot be a letter, a digit or a sign",
            expected="a point, a comma, a space or the like",
        )
    return CleanStep("number", decimal=decimal, group=group, drop_sign=step.number.sign == "drop")


def _replace(step: ReplaceStep, path: Path, report: Report) -> CleanStep:
    from transforms.convert.clean import pattern_problem  # a contract without patterns does not wait for the engines

    replace = CleanStep("replace", pattern=step.replace.pattern, replacement=step.replace.replacement)
    said = pattern_problem(replace)
    if said is not None:
        what, _, why = said.rstrip(".").partition(": ")
        if "replacement" in what:
            message = f"{replace.replacement!r} is not a replacement: {why}"
            report.value((*path, "replacement"), message, expected="groups of the pattern as \\1")
        else:
            message = f"{replace.pattern!r} is not a regular expression: {why}"
            report.value((*path, "pattern"), message, expected="RE2's syntax, which has no look-around")
    return replace
