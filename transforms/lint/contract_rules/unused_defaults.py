"""Rules under `defaults` that no column falls back to."""

from __future__ import annotations

from collections.abc import Iterator

from transforms.contract.plan import Identity, Reaction, TypeKind
from transforms.lint.contract_rules.meets import falls_to_invalid, meets
from transforms.lint.finding import Finding
from transforms.lint.subject import StatedColumn, Subject


def unused_defaults(subject: Subject) -> Iterator[Finding]:
    """Rules and formats of `defaults` without a column that they apply to."""
    stated = subject.contract.defaults
    columns = [column for column in subject.columns if column.plan.identity is not Identity.DATABASE]
    for rule in sorted(stated.model_fields_set - {"formats"}):
        if not any(_falls_back(rule, column, subject) for column in columns):
            message = f"no column falls back to this {rule}"
            yield subject.finding("unused_defaults", ("defaults", rule), message, "leave it out")
    for kind in sorted(stated.formats.model_fields_set):
        of_kind = [column for column in columns if column.plan.type.kind is TypeKind(kind)]
        if all("formats" in column.said for column in of_kind):
            message = f"every {kind} column has formats of its own" if of_kind else f"there is no column of type {kind}"
            yield subject.finding("unused_defaults", ("defaults", "formats", kind), message, "leave them out")


def _falls_back(rule: str, column: StatedColumn, subject: Subject) -> bool:
    if rule in column.said:
        return False
    if rule == "on_missing":
        own = "default" in column.said
        refused = not column.plan.nullable and subject.contract.defaults.on_missing == Reaction.NULL.value
        return not own and not refused and meets(rule, column)
    if rule == "on_invalid":
        return falls_to_invalid(column, subject.contract.defaults.model_fields_set)
    return meets(rule, column) if rule.startswith("on_") else True
