"""What a shredder reads for a plan: plain extracts, of which picks and slots are put together after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from transforms.contract.plan import ColumnPlan, ContractPlan, Many, Pick, Route, Slot, TablePlan
from transforms.path.model import RowPath, ValuePath, XPath


@dataclass(frozen=True, slots=True)
class ReadColumn:
    """One column of an extract. column: of the table it is for; '' where it serves a pick's choice."""

    name: str
    path: ValuePath | XPath
    many: Many = Many.FIRST
    separator: str = ""
    column: str = ""


@dataclass(frozen=True, slots=True)
class Extract:
    """Rows that a shredder reads. table: the plan's table that it is for; parent: another extract, which stands
    before it."""

    name: str
    table: str
    rows: RowPath
    parent: str | None
    columns: tuple[ReadColumn, ...]
    route: Route | None = None


def extracts_of(plan: ContractPlan) -> tuple[Extract, ...]:
    """The extracts of a plan, parents first: one per table with rows, under its name, and one per pick."""
    return tuple(extract for table in plan.tables if table.rows is not None for extract in _of_table(table))


def pick_extract(table: TablePlan, pick: str) -> str:
    """The name of the extract of a pick's candidates."""
    return f"{table.name}.{pick}"


def slot_column(column: str, slot: Slot) -> str:
    """The name of a column that differs from slot to slot, in the extract."""
    return f"{column}[{slot.name}]"


def choice_column(pick: Pick, part: str, at: int) -> str:
    """The name of a column that decides a pick. part: `ours`, in the extract that the pick starts from; `theirs`,
    `require`, `any` and `prefer`, in its own. at: the place in the pick's list, from 0."""
    return f"{pick.name}.{part}[{at}]"


def _of_table(table: TablePlan) -> Iterator[Extract]:
    assert table.rows is not None  # noqa: S101  asked by extracts_of
    yield Extract(table.name, table.name, table.rows, table.parent, tuple(_columns(table, None)), table.route)
    for pick in table.picks:
        start = pick_extract(table, pick.of) if pick.of else table.name
        parent = None if pick.everywhere else start
        columns = (*_columns(table, pick), *_deciding(pick))
        yield Extract(pick_extract(table, pick.name), table.name, pick.rows, parent, columns, table.route)


def _columns(table: TablePlan, pick: Pick | None) -> Iterator[ReadColumn]:
    """The columns that are read from the row's element, or from a pick's, and what picks from there compare with."""
    start = pick.name if pick else None
    for column in table.columns:
        if column.of == start:
            yield from _column(table, column)
    for other in table.picks:
        if other.of == start:
            for at, (_, ours) in enumerate(other.match):
                yield ReadColumn(choice_column(other, "ours", at), ours)


def _column(table: TablePlan, column: ColumnPlan) -> Iterator[ReadColumn]:
    slotted = False
    for slot in table.slots:
        path = dict(slot.paths).get(column.name)
        if path is not None:
            slotted = True
            yield ReadColumn(slot_column(column.name, slot), path, column.many, column.separator, column.name)
    if not slotted and column.path is not None:
        yield ReadColumn(column.name, column.path, column.many, column.separator, column.name)


def _deciding(pick: Pick) -> Iterator[ReadColumn]:
    lists = {
        "theirs": [theirs for theirs, _ in pick.match],
        "require": pick.require,
        "any": pick.require_any,
        "prefer": [each.by for each in pick.prefer],
    }
    for part, paths in lists.items():
        for at, path in enumerate(paths):
            assert not isinstance(path, str)  # noqa: S101  picks prefer by paths
            yield ReadColumn(choice_column(pick, part, at), path)
