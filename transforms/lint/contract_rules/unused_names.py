"""Lookups, prefixes, tables, columns and joins that nothing uses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from transforms.contract.model import Contract
from transforms.lint.finding import Finding
from transforms.lint.subject import Subject

_PREFIX = r"(?<![\w.:-]){}:(?!:)"


def unused_lookup(subject: Subject) -> Iterator[Finding]:
    """Lookups that no column names."""
    named = {column.stated.lookup for column in subject.columns}
    for name in subject.contract.lookups:
        if name not in named:
            yield subject.finding("unused_lookup", ("lookups", name), "no column uses this lookup", "leave it out")


def unused_namespace(subject: Subject) -> Iterator[Finding]:
    """Prefixes in no path, and prefixes for the same namespace."""
    texts = list(_paths(subject.contract))
    seen: dict[str, str] = {}
    for prefix, uri in subject.contract.namespaces.items():
        place = ("namespaces", prefix)
        other = seen.setdefault(uri, prefix)
        if other != prefix and "" not in (other, prefix):  # names without a prefix are another matter
            message = f"{other!r} is a prefix of the same namespace"
            yield subject.finding("same_namespace", place, message, "use one of them")
        if prefix and not any(re.search(_PREFIX.format(re.escape(prefix)), text) for text in texts):
            yield subject.finding("unused_namespace", place, "no path uses this prefix", "leave it out")


def unused_table(subject: Subject) -> Iterator[Finding]:
    """Tables that are not loaded and serve none that is."""
    for table in subject.plan.tables:
        if table.name not in subject.uses.tables:
            message = "the table is not loaded, and no loaded table needs it: as a parent, in SQL or in a join"
            yield subject.finding("unused_table", ("tables", table.name), message, "leave it out, or load it")


def unused_column(subject: Subject) -> Iterator[Finding]:
    """Columns that are not loaded and that nothing reads."""
    for column in subject.columns:
        if column.plan.load or column.table.name not in subject.uses.tables:
            continue
        if (column.table.name, column.plan.name) not in subject.uses.columns:
            message = "the column is not loaded, and no SQL, where, distinct, keep_if_any or join reads it"
            yield subject.finding("unused_column", column.path, message, "leave it out, or load it")


def unused_join(subject: Subject) -> Iterator[Finding]:
    """Joins that no SQL of their table names."""
    for table in subject.plan.tables:
        for join in table.joins:
            if (table.name, join.name) not in subject.uses.joins:
                message = f"no SQL of the table reads a column as {join.name}.column"
                yield subject.finding(
                    "unused_join", ("tables", table.name, "joins", join.name), message, "leave it out"
                )


def _paths(contract: Contract) -> Iterator[str]:
    """Every path as it is written."""
    yield contract.root
    for table in contract.tables.values():
        yield table.rows
        for paths in table.slots.values():
            yield from [paths] if isinstance(paths, str) else paths.values()
        for column in table.columns.values():
            yield from (column.path, column.xpath)
        for pick in table.picks.values():
            yield from (pick.path, *pick.require, *pick.require_any, *pick.prefer, *pick.match, *pick.match.values())
