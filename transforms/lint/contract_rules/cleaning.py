"""Cleaning steps that undo, or do nothing beside, each other; and digits of what is a number."""

from __future__ import annotations

from collections.abc import Iterator

from transforms.contract.column_type import type_text
from transforms.contract.plan import CleanStep, TypeKind
from transforms.lint.finding import Finding
from transforms.lint.subject import Subject

_SIGNED = (TypeKind.DECIMAL, TypeKind.FLOAT)
_CASES = ("upper", "lower")
# What a step leaves nothing to do for, whatever stands between.
_AFTER = {
    "digits": ("digits", "upper", "lower", "collapse", "trim", "number"),
    "number": ("number", "upper", "lower", "collapse", "trim"),
    "collapse": ("collapse", "trim"),
    "trim": ("trim",),
    "upper": ("upper",),
    "lower": ("lower",),
}
# What a step makes pointless before it.
_BEFORE = {
    "digits": ("upper", "lower", "collapse", "trim"),
    "collapse": ("trim",),
    "upper": ("lower",),
    "lower": ("upper",),
}


def clean_idle(subject: Subject) -> Iterator[Finding]:
    """Steps without effect."""
    for column in subject.columns:
        steps = column.plan.clean
        for index, step in enumerate(steps):
            why = _idle(steps, index)
            if not why and step.name == "trim" and column.plan.trim and not index:
                why = "`trim: true` has taken the white space off already"
            if why:
                yield subject.finding("clean_idle", (*column.path, "clean", index), why, f"leave {step.name} out")


def digits_of_number(subject: Subject) -> Iterator[Finding]:
    """`digits` where sign and point mean something."""
    for column in subject.columns:
        kind = column.plan.type.kind
        for index, step in enumerate(column.plan.clean):
            if step.name == "digits" and kind in _SIGNED and not column.plan.lookup:
                message = f"digits drops the sign and the point of {type_text(column.plan.type)}: -12.50 becomes 1250"
                yield subject.finding(
                    "digits_of_number", (*column.path, "clean", index), message, "number instead of digits"
                )


def mixed_decimals(subject: Subject) -> Iterator[Finding]:
    """Columns that read a comma as the decimal sign where most read a point, or the other way round."""
    signs: dict[str, list[tuple[str, tuple[str | int, ...]]]] = {}
    for column in subject.columns:
        for index, step in enumerate(column.plan.clean):
            if step.name == "number":
                signs.setdefault(step.decimal, []).append((column.name, (*column.path, "clean", index)))
    if len(signs) < 2:
        return
    most = max(signs, key=lambda sign: len(signs[sign]))
    for sign, places in signs.items():
        for _, place in places if sign != most else ():
            message = f"the decimal sign is {sign!r} here, and {most!r} in {signs[most][0][0]}"
            yield subject.finding("mixed_decimals", place, message, "be sure that the documents write both")


def _idle(steps: tuple[CleanStep, ...], index: int) -> str:
    """Why a step changes nothing; '' where it does. A regular expression may need, or make, anything."""
    name = steps[index].name
    for before in reversed(steps[:index]):
        if before.name == "replace":
            break
        if name in _AFTER.get(before.name, ()):
            return f"{before.name}, which stands before it, leaves nothing for {name} to do"
        if name in _CASES and before.name in _CASES:
            break
    for after in steps[index + 1 :]:
        if after.name in ("replace", "number"):
            break
        if name in _BEFORE.get(after.name, ()):
            return f"{after.name}, which stands after it, undoes or does what {name} does"
    return ""
