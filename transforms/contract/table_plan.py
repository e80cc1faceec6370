"""From what a contract says of its tables to their plans."""

from __future__ import annotations

from collections.abc import Mapping

from transforms.contract.column_plan import Shared, plan_column
from transforms.contract.column_source import around, source_of
from transforms.contract.draft import Draft, made_by_sql
from transforms.contract.gained import clash, gained_columns
from transforms.contract.join_plan import check_qualifiers, plan_joins
from transforms.contract.model import Contract, Table
from transforms.contract.names import check_names, folded
from transforms.contract.parents import may_be_root, may_contain, parents_first
from transforms.contract.pick_plan import plan_picks
from transforms.contract.plan import Conflict, TablePlan
from transforms.contract.report import Report
from transforms.contract.slot_plan import check_slots, plan_slots, written_slots
from transforms.contract.table_rules import check_rules, plan_distinct
from transforms.contract.target_plan import check_part, plan_target
from transforms.errors import PathError
from transforms.path.model import NameTest
from transforms.path.parse import parse_row_path


def plan_tables(contract: Contract, root: NameTest | None, shared: Shared) -> tuple[TablePlan, ...]:
    """The plans, parents first and tables made by SQL last; what is wrong is reported, and then the result is of no
    use."""
    report, tables = shared.report, contract.tables
    check_names(tables, ("tables",), "table", report)
    common = contract.target
    check_part(common.db_schema, ("target", "schema"), "schema", report, given="db_schema" in common.model_fields_set)
    drafts: dict[str, Draft] = {}
    ordered = parents_first(tables, report)
    for name in sorted(ordered, key=lambda name: made_by_sql(tables[name])):
        draft = _draft(name, tables[name], shared)
        drafts[name] = draft
        _check_root(draft, contract.root, root, report)
        if draft.table.parent and not draft.by_sql:
            _join_parent(draft, drafts.get(draft.table.parent), tables, report)
    return tuple(_plan(draft, drafts, contract, root, shared) for draft in drafts.values())


def plan_columns(name: str, table: Table, shared: Shared) -> Draft:
    """The columns of one table, None for those with problems; nothing else of it."""
    place = ("tables", name, "columns")
    before = shared.report.count
    check_names(table.columns, place, "column", shared.report)
    draft = Draft(name, table, None, {})
    about = around(table, written_slots(name, table, shared.report), by_sql=draft.by_sql)
    for column, stated in table.columns.items():
        at = (*place, column)
        source = source_of(column, stated, at, about, shared.namespaces, shared.report)
        draft.columns[column] = plan_column(column, stated, at, shared, source, in_key=column in table.key)
        if source is not None and source.slots:
            draft.slots[column] = dict(source.slots)
    draft.sound = shared.report.count == before
    return draft


def _draft(name: str, table: Table, shared: Shared) -> Draft:
    report = shared.report
    draft = plan_columns(name, table, shared)
    given = {"rows", "sql"} & table.model_fields_set
    if not given:
        expected = "rows: a path such as /Order/item, or sql: a SELECT"
        report.key(draft.path, "the table does not say where its rows are", expected=expected)
    elif len(given) == 2:
        report.key((*draft.path, "sql"), "the table has rows as well", expected="rows or sql, not both")
    if "rows" in given:
        try:
            draft.rows = parse_row_path(table.rows, shared.namespaces)
        except PathError as error:
            report.path_error((*draft.path, "rows"), error)
    return draft


def _check_root(draft: Draft, written: str, root: NameTest | None, report: Report) -> None:
    if draft.rows is None or root is None or may_be_root(draft.rows, root):
        return
    message = f"{draft.table.rows!r} selects nothing, because the root element is {written!r}"
    report.value((*draft.path, "rows"), message, expected=f"a path that begins with /{written}, or with //")


def _join_parent(draft: Draft, parent: Draft | None, tables: Mapping[str, Table], report: Report) -> None:
    """Check where the parent's rows are, and take over its key columns."""
    place = (*draft.path, "parent")
    if parent is None:
        draft.inherits_all = False
        if draft.table.parent in tables and made_by_sql(tables[draft.table.parent]):
            message = f"{draft.table.parent!r} is made by SQL, so its rows are around no others"
            report.value(place, message, expected="a table with rows")
        return
    draft.inherits_all = parent.inherits_all
    if parent.table.slots:
        message = f"{parent.name!r} has slots, so it is not said which of its rows one of these belongs to"
        report.value(place, message, expected="a parent without slots")
    if draft.rows is not None and parent.rows is not None and not may_contain(parent.rows, draft.rows):
        message = (
            f"rows of {parent.name!r} ({parent.table.rows}) are never around rows of this table ({draft.table.rows})"
        )
        report.value(place, message, expected="a parent whose rows path begins this table's")
    for name, column in gained_columns(parent.inherited, parent.columns, parent.table.key).items():
        own = next((other for other in draft.columns if folded(other) == folded(name)), None)
        if own is None:
            draft.inherited[name] = column
            continue
        child = draft.columns[own]
        if column is None or child is None or draft.rows is None or parent.rows is None:
            continue
        fault = clash(child, column, same_rows=draft.rows.steps == parent.rows.steps, by_slot=own in draft.slots)
        if fault:
            message = f"{name!r} is a key column of parent {parent.name!r} too, which this table gains, and {fault}"
            report.key(
                (*draft.path, "columns", own),
                message,
                expected=f"another name, such as {draft.name}_{own}, or no such column here",
            )


def _plan(
    draft: Draft, drafts: Mapping[str, Draft], contract: Contract, root: NameTest | None, shared: Shared
) -> TablePlan:
    """The plan of one table whose columns are compiled, and those of all others."""
    report, table = shared.report, draft.table
    check_rules(draft, report)
    check_slots(draft, report)
    check_qualifiers(draft, drafts, report)
    rules = not draft.by_sql
    return TablePlan(
        name=draft.name,
        rows=draft.rows,
        parent=(table.parent or None) if rules else None,
        inherited=tuple(column for column in draft.inherited.values() if column is not None),
        columns=tuple(column for column in draft.columns.values() if column is not None),
        key=tuple(table.key),
        where=table.where.strip(),
        distinct=plan_distinct(draft, report),
        keep_if_any=tuple(table.keep_if_any),
        load=table.load,
        picks=plan_picks(draft, root, shared) if rules else (),
        slots=plan_slots(draft),
        joins=plan_joins(draft, drafts, report) if rules else (),
        sql=table.sql.strip(),
        on_conflict=Conflict(table.on_conflict),
        target=plan_target(draft, drafts, contract.target, report),
    )
