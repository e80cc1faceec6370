"""From what a contract says of its tables to their plans."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from transforms.contract.column_plan import Shared, plan_column
from transforms.contract.gained import clash, gained_columns
from transforms.contract.model import Contract, Table
from transforms.contract.names import NAME_RULE, RESERVED_COLUMNS, RESERVED_PREFIX, folded, name_fault
from transforms.contract.parents import may_be_root, may_contain, parents_first
from transforms.contract.plan import ColumnPlan, Distinct, TablePlan
from transforms.contract.problems import nearest
from transforms.contract.report import Report
from transforms.contract.source import Path
from transforms.contract.sql_text import sql_fault
from transforms.errors import PathError
from transforms.path.model import NameTest, RowPath
from transforms.path.parse import parse_row_path


@dataclass(slots=True)
class _Draft:
    """One table while it is compiled. Names of columns with problems are known, so that they cause no others."""

    name: str
    table: Table
    rows: RowPath | None
    columns: dict[str, ColumnPlan | None]
    inherited: dict[str, ColumnPlan | None] = field(default_factory=dict)
    inherits_all: bool = True  # False: the parent has problems, so what it hands down is not known

    @property
    def path(self) -> Path:
        return ("tables", self.name)

    @property
    def names(self) -> dict[str, ColumnPlan | None]:
        """Every column of the table: the gained ones, then its own."""
        return {**self.inherited, **self.columns}


def plan_tables(contract: Contract, root: NameTest | None, shared: Shared) -> tuple[TablePlan, ...]:
    """The plans, parents first; what is wrong is reported, and then the result is of no use."""
    report, tables = shared.report, contract.tables
    _check_names(tables, ("tables",), "table", report)
    drafts: dict[str, _Draft] = {}
    for name in parents_first(tables, report):
        draft = _draft(name, tables[name], shared)
        _check_root(draft, contract.root, root, report)
        drafts[name] = draft
        if draft.table.parent:
            _join_parent(draft, drafts.get(draft.table.parent), report)
        _check_rules(draft, report)
    return tuple(plan for plan in map(_plan, drafts.values()) if plan is not None)


def plan_columns(name: str, table: Table, shared: Shared) -> dict[str, ColumnPlan | None]:
    """The columns of one table, None for those with problems."""
    place: Path = ("tables", name, "columns")
    _check_names(table.columns, place, "column", shared.report)
    return {
        column: plan_column(column, stated, (*place, column), shared, in_key=column in table.key)
        for column, stated in table.columns.items()
    }


def _draft(name: str, table: Table, shared: Shared) -> _Draft:
    rows: RowPath | None = None
    try:
        rows = parse_row_path(table.rows, shared.namespaces)
    except PathError as error:
        shared.report.path_error(("tables", name, "rows"), error)
    return _Draft(name, table, rows, plan_columns(name, table, shared))


def _check_root(draft: _Draft, written: str, root: NameTest | None, report: Report) -> None:
    if draft.rows is None or root is None or may_be_root(draft.rows, root):
        return
    message = f"{draft.table.rows!r} selects nothing, because the root element is {written!r}"
    report.value((*draft.path, "rows"), message, expected=f"a path that begins with /{written}, or with //")


def _check_names(names: Mapping[str, object], path: Path, what: str, report: Report) -> None:
    seen: dict[str, str] = {}
    for name in names:
        place = (*path, name)
        fault = name_fault(name)
        if fault:
            report.key(place, f"the {what} name {name[:40]!r} {fault}", expected=NAME_RULE)
        if what == "column" and folded(name) in RESERVED_COLUMNS:
            reserved = ", ".join(sorted(RESERVED_COLUMNS))
            report.key(
                place, f"{name!r} is a column that every table has already", expected=f"a name other than {reserved}"
            )
        if what == "table" and folded(name).startswith(RESERVED_PREFIX):
            report.key(
                place, f"{name!r} begins as the program's own tables do", expected=f"a name without {RESERVED_PREFIX}"
            )
        other = seen.setdefault(folded(name), name)
        if other != name:
            message = f"{other!r} and {name!r} are the same name to a database, which ignores case"
            report.key(place, message, expected=f"another name for one {what}")


def _join_parent(draft: _Draft, parent: _Draft | None, report: Report) -> None:
    """Check where the parent's rows are, and take over its key columns."""
    if parent is None:
        draft.inherits_all = False
        return
    draft.inherits_all = parent.inherits_all
    if draft.rows is not None and parent.rows is not None and not may_contain(parent.rows, draft.rows):
        message = (
            f"rows of {parent.name!r} ({parent.table.rows}) are never around rows of this table ({draft.table.rows})"
        )
        report.value((*draft.path, "parent"), message, expected="a parent whose rows path begins this table's")
    for name, column in gained_columns(parent.inherited, parent.columns, parent.table.key).items():
        own = next((other for other in draft.columns if folded(other) == folded(name)), None)
        if own is None:
            draft.inherited[name] = column
            continue
        child = draft.columns[own]
        if column is None or child is None or draft.rows is None or parent.rows is None:
            continue
        fault = clash(child, column, same_rows=draft.rows.steps == parent.rows.steps)
        if fault:
            message = f"{name!r} is a key column of parent {parent.name!r} too, which this table gains, and {fault}"
            report.key(
                (*draft.path, "columns", own),
                message,
                expected=f"another name, such as {draft.name}_{own}, or no such column here",
            )


def _check_rules(draft: _Draft, report: Report) -> None:
    """Key, where, distinct and keep_if_any against the columns that there are."""
    table = draft.table
    _check_list(draft, table.key, (*draft.path, "key"), report)
    _check_list(draft, table.keep_if_any, (*draft.path, "keep_if_any"), report)
    for index, name in enumerate(table.keep_if_any):
        column = draft.names.get(name)
        if column is not None and not column.nullable:
            place = (*draft.path, "keep_if_any", index)
            report.value(place, f"{name!r} is never NULL, so every row would be kept", expected="nullable columns")
    if "where" in table.model_fields_set:
        _check_sql(table.where, (*draft.path, "where"), "a condition such as: role = 'PR'", report)
    if table.distinct is not None:
        _check_list(draft, table.distinct.on, (*draft.path, "distinct", "on"), report)
        if "order" in table.distinct.model_fields_set:
            place = (*draft.path, "distinct", "order")
            _check_sql(table.distinct.order, place, "an order such as: role = 'PR' DESC, _position DESC", report)


def _check_list(draft: _Draft, names: list[str], path: Path, report: Report) -> None:
    """Names of columns must exist, and stand there once."""
    for index, name in enumerate(names):
        place = (*path, index)
        if name in names[:index]:
            report.value(place, f"{name!r} is here twice", expected="each column once")
        elif name not in draft.names and draft.inherits_all:
            near = nearest(name, draft.names)
            if folded(name) in RESERVED_COLUMNS:
                message = f"{name!r} is a number within the document, for SQL only"
                report.value(place, message, expected='a column of the table, such as one with path: "position()"')
                continue
            expected = "" if near else f"one of {', '.join(draft.names)}"
            report.value(place, f"the table has no column {name!r}", expected=expected, nearest=near)


def _check_sql(text: str, path: Path, expected: str, report: Report) -> None:
    fault, offset = sql_fault(text)
    if fault:
        report.character(path, offset, fault, expected=expected)


def _plan(draft: _Draft) -> TablePlan | None:
    columns = [column for column in draft.columns.values() if column is not None]
    inherited = [column for column in draft.inherited.values() if column is not None]
    if draft.rows is None or len(columns) + len(inherited) != len(draft.names):
        return None
    table = draft.table
    return TablePlan(
        name=draft.name,
        rows=draft.rows,
        parent=table.parent or None,
        inherited=tuple(inherited),
        columns=tuple(columns),
        key=tuple(table.key),
        where=table.where.strip(),
        distinct=None if table.distinct is None else Distinct(tuple(table.distinct.on), table.distinct.order.strip()),
        keep_if_any=tuple(table.keep_if_any),
        load=table.load,
    )
