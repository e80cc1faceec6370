"""Paths that find nothing, and slots that nothing stands in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from transforms.contract.source import Path
from transforms.coverage import Unmatched
from transforms.lint.finding import Finding
from transforms.lint.statistics import Statistics
from transforms.lint.subject import Subject

_OPTIONAL = "fine, if other documents have it"
_SLOT = re.compile(r"(?P<column>.+)\[(?P<slot>.+)\]")
_CHOICE = re.compile(r"(?P<pick>.+)\.(?P<part>ours|theirs|require|any|prefer)\[(?P<at>[0-9]+)\]")
_PARTS = {"require": "require", "any": "require_any", "prefer": "prefer"}


def unmatched_paths(subject: Subject, statistics: Statistics) -> Iterator[Finding]:
    """Rows, columns and picks whose path no document has; a column that varies by slot only where no slot finds any."""
    told: set[Path] = set()
    for each in statistics.unmatched:
        place = _place(subject, each)
        if place in told or _found_in_a_slot(subject, statistics, each):
            continue
        told.add(place)
        documents = _documents(statistics)
        if not each.column:
            message = f"{each.path!r} finds no element in {documents}"
            yield subject.finding("no_rows", place, message, _OPTIONAL)
        elif each.nearest:
            message = f"{each.path!r} finds nothing in {documents}"
            yield subject.finding("path_unmatched", place, message, f"did you mean {each.nearest}?")
        else:
            yield subject.finding("path_unmet", place, f"{each.path!r} finds nothing in {documents}", _OPTIONAL)


def nothing_found(subject: Subject, statistics: Statistics) -> Iterator[Finding]:
    """Samples in which no table finds a row: another kind of documents."""
    paths = [each for each in statistics.unmatched if not each.column]
    tables = [table for table in subject.plan.tables if table.rows is not None]
    if paths and len({each.table for each in paths}) == len(tables):
        message = f"no table finds a row in {_documents(statistics)}"
        yield subject.finding("nothing_found", ("tables",), message, "are these documents of the kind that it is for?")


def slot_empty(subject: Subject, statistics: Statistics) -> Iterator[Finding]:
    """Slots without a row, where others of the table have some."""
    for name, table in statistics.tables.items():
        for slot, rows in table.slots.items():
            if not rows and any(table.slots.values()):
                message = f"slot {slot!r} has no value in {_documents(statistics)}"
                yield subject.finding("slot_empty", ("tables", name, "slots", slot), message, _OPTIONAL)


def _place(subject: Subject, each: Unmatched) -> Path:
    table = subject.contract.tables[each.table]
    place: Path = ("tables", each.table)
    if not each.column:
        return (*place, "rows")
    if each.column in table.columns:
        return (*place, "columns", each.column, "xpath" if table.columns[each.column].xpath else "path")
    if each.column in table.picks:
        return (*place, "picks", each.column, "path")
    slot = _SLOT.fullmatch(each.column)
    if slot and slot["column"] in table.columns:
        return (*place, "columns", slot["column"])
    choice = _CHOICE.fullmatch(each.column)
    if choice is None:
        return place
    place = (*place, "picks", choice["pick"], _PARTS.get(choice["part"], "match"))
    stated = getattr(table.picks[choice["pick"]], str(place[-1]))
    if choice["part"] in ("require", "any"):
        return (*place, int(choice["at"]))
    # the compiler sorts the pairs of `match`, and keeps the order of `prefer`
    keys = list(stated) if choice["part"] == "prefer" else sorted(stated)
    return (*place, keys[int(choice["at"])])


def _found_in_a_slot(subject: Subject, statistics: Statistics, each: Unmatched) -> bool:
    slot = _SLOT.fullmatch(each.column)
    if slot is None or slot["column"] not in subject.contract.tables[each.table].columns:
        return False
    missing = {other.column for other in statistics.unmatched if other.table == each.table}
    slots = [known.name for known in subject.plan.table(each.table).slots]
    return any(f"{slot['column']}[{known}]" not in missing for known in slots)


def _documents(statistics: Statistics) -> str:
    return f"any of {statistics.documents:,} documents" if statistics.documents > 1 else "the one document"
