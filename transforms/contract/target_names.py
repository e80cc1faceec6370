"""What columns are called in the target, where that is not what they are called in the contract."""

from __future__ import annotations

from collections.abc import Mapping

from transforms.contract.draft import Draft
from transforms.contract.names import TARGET_NAME_RULE, folded, target_name_fault
from transforms.contract.plan import ColumnPlan
from transforms.contract.problems import nearest
from transforms.contract.report import Report


def loaded_columns(draft: Draft) -> dict[str, ColumnPlan | None]:
    """The columns of the table that go to the target."""
    return {name: column for name, column in draft.names.items() if column is None or column.load}


def names_in_target(draft: Draft, drafts: Mapping[str, Draft]) -> dict[str, str]:
    """The names there of the table's loaded columns that are called otherwise here: the stated ones, and of the
    parent's key columns those of the parent."""
    line = [draft]
    while (parent := _parent(line[-1], drafts)) is not None and parent not in line:  # a circle is told elsewhere
        line.append(parent)
    names: dict[str, str] = {}
    for each in reversed(line):
        names |= each.table.target.names
        if each is not draft:
            names = {name: there for name, there in names.items() if name in each.table.key}
    return {name: names[name] for name in loaded_columns(draft) if names.get(name, name) != name}


def _parent(draft: Draft, drafts: Mapping[str, Draft]) -> Draft | None:
    return None if draft.by_sql else drafts.get(draft.table.parent)


def check_target_names(draft: Draft, names: Mapping[str, str], report: Report) -> None:
    """Report stated names that cannot be, and those that a database takes for one another. names: see
    names_in_target."""
    stated, columns = draft.table.target, loaded_columns(draft)
    place = (*draft.path, "target", "names")
    for name, there in stated.names.items():
        if name not in columns and draft.inherits_all:
            near = nearest(name, columns)
            expected = "" if near else "a column of this table that is loaded"
            message = f"the table has no column {name!r} in the target"
            report.key((*place, name), message, expected=expected, nearest=near)
        elif fault := target_name_fault(there):
            report.value((*place, name), f"the column name {there[:40]!r} {fault}", expected=TARGET_NAME_RULE)
    seen: dict[str, str] = {}
    for name in columns:
        there = names.get(name, name)
        other = seen.setdefault(folded(there), name)
        if folded(other) != folded(name):
            at = (*place, name if name in stated.names else other)
            message = f"{other!r} and {name!r} are both called {there!r} in the target"
            report.value(report.source.known(at), message, expected="another name for one of them")
    made: dict[str, str] = {}
    for name in stated.columns:
        at = (*draft.path, "target", "columns", name)
        if fault := target_name_fault(name):
            report.key(at, f"the column name {name[:40]!r} {fault}", expected=TARGET_NAME_RULE)
        if (same := seen.get(folded(name))) is not None:
            message = f"the contract fills {same!r}, so the database does not"
            report.key(at, message, expected="a column that is not under columns, or on_null: omit there")
        other = made.setdefault(folded(name), name)
        if other != name:
            message = f"{other!r} and {name!r} are the same name to a database, which ignores case"
            report.key(at, message, expected="another name for one column")
