"""Keys of tables below others, and what happens to rows that the target has already."""

from __future__ import annotations

from collections.abc import Iterator

from transforms.contract.plan import Conflict, ContractPlan, Identity, TablePlan
from transforms.lint.finding import Finding
from transforms.lint.subject import Subject


def keys_without_parent(plan: ContractPlan) -> Iterator[tuple[TablePlan, tuple[str, ...]]]:
    """Loaded tables whose key takes none of the columns that they gain, and what they gain."""
    for table in plan.tables:
        gained = tuple(column.name for column in table.inherited)
        if table.load and table.key and gained and not set(gained) & set(table.key):
            yield table, gained


def key_without_parent(subject: Subject) -> Iterator[Finding]:
    """Keys that leave out what the table gains from its parent; not those that the database makes."""
    for table, gained in keys_without_parent(subject.plan):
        if any(column.identity is Identity.DATABASE for column in table.columns if column.name in table.key):
            continue
        own = ", ".join(table.key)
        message = f"the key leaves out {', '.join(gained)}, which the table gains from {table.parent!r}"
        advice = f"is {own} unique over all documents? if not: [{', '.join((*gained, *table.key))}]"
        yield subject.finding("key_without_parent", ("tables", table.name, "key"), message, advice)


def parent_without_key(subject: Subject) -> Iterator[Finding]:
    """Loaded tables that gain nothing from their parent."""
    for table in subject.plan.tables:
        if table.load and table.parent and not table.inherited and not subject.uses.parent_read(table):
            message = f"{table.parent!r} has no key, so nothing in these rows tells which of its rows they belong to"
            advice = f"a key for {table.parent!r}, or no parent"
            yield subject.finding("parent_without_key", ("tables", table.name, "parent"), message, advice)


def skip_above_reject(subject: Subject) -> Iterator[Finding]:
    """Tables below one whose rows are skipped, that are not skipped themselves."""
    skipping = {table.name for table in subject.plan.tables if table.load and table.on_conflict is Conflict.SKIP}
    for table in subject.plan.tables:
        rejects = table.load and table.key and table.on_conflict is Conflict.REJECT_DOCUMENT
        gained = {column.name for column in table.inherited}
        if rejects and table.parent in skipping and gained & set(table.key):
            message = (
                f"rows of {table.parent!r} that the target has already are skipped, and a row of this table that it has"
                " already rejects the document"
            )
            place = ("tables", table.name, "key")
            yield subject.finding(
                "skip_above_reject", place, message, "on_conflict: skip here too, or in neither table"
            )
