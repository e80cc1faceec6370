"""From what a contract says of lookups to the lookup of one column."""

from __future__ import annotations

from collections.abc import Mapping

from transforms.contract.column import Column
from transforms.contract.lookup import LookupSection
from transforms.contract.plan import Lookup
from transforms.contract.problems import nearest
from transforms.contract.report import Report
from transforms.contract.source import Path

Stated = Mapping[str, LookupSection | dict[str, str | None]]


def plan_lookup(column: Column, path: Path, lookups: Stated, report: Report) -> Lookup | None:
    """The lookup of a column; None where it has none, or a problem was reported."""
    if "lookup" not in column.model_fields_set:
        if "ignore_case" in column.model_fields_set:
            report.key((*path, "ignore_case"), "the column has no lookup", expected="a lookup, or no ignore_case")
        return None
    stated = lookups.get(column.lookup)
    if stated is None:
        near = nearest(column.lookup, lookups)
        names = ", ".join(lookups) or "an entry under lookups"
        message = f"there is no lookup {column.lookup!r}"
        report.value((*path, "lookup"), message, expected="" if near else names, nearest=near)
        return None
    section = stated if isinstance(stated, LookupSection) else LookupSection(entries=stated)
    own = "ignore_case" in column.model_fields_set
    ignore_case = column.ignore_case if own else section.ignore_case
    if ignore_case:
        place = (*path, "ignore_case") if own else ("lookups", column.lookup, "ignore_case")
        _check_case(column.lookup, section.entries, place, report)
    has_else = "otherwise" in section.model_fields_set
    if has_else and "on_unknown" in column.model_fields_set:
        message = f"nothing is unknown: lookup {column.lookup!r} has an else"
        report.key((*path, "on_unknown"), message, expected="no on_unknown, or a lookup without else")
    return Lookup(column.lookup, tuple(sorted(section.entries.items())), ignore_case, has_else, section.otherwise)


def _check_case(name: str, entries: Mapping[str, str | None], place: Path, report: Report) -> None:
    seen: dict[str, str] = {}
    for entry, value in entries.items():
        other = seen.setdefault(entry.casefold(), entry)
        if entries[other] != value:
            message = f"without case, {other!r} and {entry!r} of lookup {name!r} are one entry with two values"
            report.value(place, message, expected="one value for both, or ignore_case: false")
