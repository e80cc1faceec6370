"""The slots of a table: which columns differ from slot to slot, and whether each slot reads something."""

from __future__ import annotations

from collections.abc import Mapping

from transforms.contract.column_source import has_own_source
from transforms.contract.draft import Draft
from transforms.contract.model import Table
from transforms.contract.plan import Slot
from transforms.contract.problems import nearest
from transforms.contract.report import Report
from transforms.contract.source import Path
from transforms.path.model import TerminalKind, ValuePath, XPath


def placed_slots(table: Table) -> dict[str, dict[str, str]]:
    """Slot -> column -> path, as the contract writes them; a path alone is that of every column that has none."""
    without = [column for column, stated in table.columns.items() if not has_own_source(stated)]
    return {
        slot: dict(paths) if isinstance(paths, dict) else dict.fromkeys(without, paths)
        for slot, paths in table.slots.items()
    }


def written_slots(name: str, table: Table, report: Report) -> dict[str, dict[str, str]]:
    """The same, where what is wrong with it is reported."""
    found = placed_slots(table)
    without = [column for column, stated in table.columns.items() if not has_own_source(stated)]
    for slot, paths in table.slots.items():
        place: Path = ("tables", name, "slots", slot)
        if not slot.strip():
            report.key(place, "the slot has no name", expected="a name for each slot")
        if isinstance(paths, str) and len(without) != 1:
            message = "it is not said which column this path is for"
            expected = "one column without a path of its own, or {column: path} here"
            if without:
                expected = f"{{{without[0]}: path}} here, since {' and '.join(without)} have no path of their own"
            report.value(place, message, expected=expected)
        for column in [column for column in found[slot] if column not in table.columns]:
            near = nearest(column, table.columns)
            expected = "" if near else f"one of {', '.join(table.columns)}"
            report.key((*place, column), f"the table has no column {column!r}", expected=expected, nearest=near)
            found[slot] |= dict.fromkeys(without, ".")  # whichever is meant, it has a path
    return found


def check_slots(draft: Draft, report: Report) -> None:
    """Every slot must read something of its own: without that it says the same as the others, or nothing."""
    if draft.by_sql or not draft.sound or not draft.table.slots:
        return
    reading = {column: paths for column, paths in draft.slots.items() if any(map(_reads, paths.values()))}
    place = (*draft.path, "slots")
    if not reading:
        message = "no column differs from slot to slot, so every slot would read the same"
        report.value(place, message, expected='a column with `{slot}` in its path, such as "@score_{slot}"')
        return
    for slot in draft.table.slots:
        if not any(slot in paths and _reads(paths[slot]) for paths in reading.values()):
            message = f"the slot {slot!r} reads nothing, so it never gives a row"
            report.key((*place, slot), message, expected=f"a path for one of {', '.join(reading)}")


def _reads(path: ValuePath | XPath) -> bool:
    return isinstance(path, XPath) or path.terminal.kind is not TerminalKind.CONSTANT


def plan_slots(draft: Draft) -> tuple[Slot, ...]:
    """The slots in the contract's order, their columns in the table's."""
    return tuple(Slot(slot, _paths(draft.slots, slot)) for slot in draft.table.slots)


def _paths(
    slots: Mapping[str, Mapping[str, ValuePath | XPath]], slot: str
) -> tuple[tuple[str, ValuePath | XPath], ...]:
    return tuple((column, paths[slot]) for column, paths in slots.items() if slot in paths)
