"""Keys about what cannot happen, and defaults that nothing puts in."""

from __future__ import annotations

from collections.abc import Iterator

from transforms.contract.column_type import type_text
from transforms.contract.plan import Many, Reaction, TypeKind
from transforms.contract.policy import RULES
from transforms.lint.contract_rules.meets import falls_to_invalid, is_fixed, looked_up, meets
from transforms.lint.finding import Finding
from transforms.lint.subject import StatedColumn, Subject
from transforms.path.model import Parents, ValuePath

# Rules about texts, which values that SQL yields in the column's own type are not.
_OF_TEXTS = ("trim", "blank_as_null", "on_too_long", "on_inexact", "formats")
_CALENDAR = (TypeKind.DATE, TypeKind.TIMESTAMP, TypeKind.TIMESTAMPTZ)  # the type itself can hold what no date is


def no_effect(subject: Subject) -> Iterator[Finding]:
    """Rules of columns that are about values which never come."""
    in_defaults = subject.contract.defaults.model_fields_set
    for column in subject.columns:
        for key, why in _idle_keys(subject, column, in_defaults):
            yield subject.finding("no_effect", (*column.path, key), why, f"leave {key} out")


def unused_default(subject: Subject) -> Iterator[Finding]:
    """Defaults that no rule of the column puts in."""
    for column in subject.columns:
        plan = column.plan
        if plan.default is None or any(_puts_in(rule, column, subject) for rule in RULES):
            continue
        message = f"no rule of the column ever puts the default {plan.default!r} in"
        advice = "leave it out, or let on_missing or on_invalid say default"
        yield subject.finding("unused_default", (*column.path, "default"), message, advice)


def _puts_in(rule: str, column: StatedColumn, subject: Subject) -> bool:
    if getattr(column.plan, rule) is not Reaction.DEFAULT:
        return False
    if rule == "on_invalid":
        return falls_to_invalid(column, subject.contract.defaults.model_fields_set)
    return meets(rule, column)


def _idle_keys(subject: Subject, column: StatedColumn, in_defaults: set[str]) -> Iterator[tuple[str, str]]:
    plan = column.plan
    typed = subject.uses.deliveries.get((column.table.name, plan.name))
    if typed is not None and typed.typed:
        own = _OF_TEXTS if plan.type.kind in _CALENDAR else (*_OF_TEXTS, "on_invalid")
        for key in own:
            if key in column.said:
                yield key, f"the SQL yields {type_text(plan.type)} itself, not a text that could be anything else"
        return
    for rule in RULES:
        if rule in column.said and not (
            falls_to_invalid(column, in_defaults) if rule == "on_invalid" else meets(rule, column)
        ):
            yield rule, _why_never(rule, column)
    if plan.trim and "trim" in column.said and not (plan.type.kind is TypeKind.STRING or plan.clean or plan.lookup):
        yield "trim", f"white space around {type_text(plan.type)} is ignored anyway"
    if "many" in column.said and plan.many in (Many.LAST, Many.JOIN, Many.ERROR) and _meets_one(plan.path):
        yield "many", "the path meets one node at most"


def _why_never(rule: str, column: StatedColumn) -> str:
    if is_fixed(column):
        return "the value is the same whatever the document holds"
    if rule == "on_missing":
        return 'the lookup\'s entry "" is for missing values'
    if looked_up(column):
        return "every value comes out of the lookup, whose values the type can read"
    if rule == "on_inexact":
        return "the formats read no more digits than the type keeps"
    return "nothing falls to this rule: the others say what happens"


def _meets_one(path: object) -> bool:
    """Whether a path selects one node of one element at most: no steps, from the row or an element around it."""
    return isinstance(path, ValuePath) and not path.steps and isinstance(path.start, Parents)
