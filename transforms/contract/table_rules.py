"""The rules of a table against the columns that there are: key, where, distinct, keep_if_any, on_conflict."""

from __future__ import annotations

from transforms.contract.draft import Draft
from transforms.contract.names import RESERVED_COLUMNS, folded
from transforms.contract.plan import Distinct, Identity, Reaction, Take
from transforms.contract.prefer import plan_prefer
from transforms.contract.problems import nearest
from transforms.contract.report import Report
from transforms.contract.source import Path
from transforms.contract.sql_text import CONDITION, ORDER, check_select, check_sql

# What a table made by SQL says in its SELECT instead.
IN_THE_SELECT = {
    "parent": "the parent's key as columns of the SELECT",
    "picks": "a table with rows that has the picks",
    "slots": "a table with rows that has the slots",
    "joins": "JOIN in the SELECT",
    "where": "WHERE in the SELECT",
    "distinct": "row_number() OVER (PARTITION BY _document, … ORDER BY …) = 1 under QUALIFY in the SELECT",
    "keep_if_any": "WHERE … IS NOT NULL in the SELECT",
}


def check_rules(draft: Draft, report: Report) -> None:
    """Report what is wrong with the rules of one table."""
    table = draft.table
    if draft.by_sql:
        check_select(table.sql, (*draft.path, "sql"), report)
        for key, instead in IN_THE_SELECT.items():
            if key in table.model_fields_set:
                report.key((*draft.path, key), f"a table made by SQL has no {key}", expected=instead)
    _check_list(draft, table.key, (*draft.path, "key"), report)
    _check_conflict(draft, report)
    _check_identities(draft, report)
    if table.load and all(column is not None and not column.load for column in draft.names.values()):
        report.value((*draft.path, "columns"), "no column is loaded", expected="load: false on the table itself")
    if draft.by_sql:
        return
    _check_list(draft, table.keep_if_any, (*draft.path, "keep_if_any"), report)
    for index, name in enumerate(table.keep_if_any):
        column = draft.names.get(name)
        place = (*draft.path, "keep_if_any", index)
        if column is not None and not column.nullable:
            report.value(place, f"{name!r} is never NULL, so every row would be kept", expected="nullable columns")
        elif column is not None and column.default is not None and column.on_missing is Reaction.DEFAULT:
            message = f"{name!r} has its default where it is missing, so a row without it would be kept"
            expected = "a second column of the same path with load: false and no default"
            report.value(place, message, expected=expected)
    if "where" in table.model_fields_set:
        check_sql(table.where, (*draft.path, "where"), CONDITION, report)


def plan_distinct(draft: Draft, report: Report) -> Distinct | None:
    """The plan of `distinct`; what is wrong with it is reported."""
    stated = draft.table.distinct
    if stated is None or draft.by_sql:
        return None
    place = (*draft.path, "distinct")
    _check_list(draft, stated.on, (*place, "on"), report)
    for index, name in enumerate(stated.on):
        column = draft.names.get(name)
        if column is not None and column.identity is Identity.DATABASE:
            message = f"the database makes {name!r} only when rows are loaded"
            report.value((*place, "on", index), message, expected="columns whose values are in the documents")
    if "order" in stated.model_fields_set:
        check_sql(stated.order, (*place, "order"), ORDER, report)
    known = {by: values for by, values in stated.prefer.items() if draft.inherits_all or by in draft.names}
    prefer = plan_prefer(known, draft.names, (*place, "prefer"), report)
    return Distinct(tuple(stated.on), stated.order.strip(), prefer, Take(stated.take))


def _check_list(draft: Draft, names: list[str], path: Path, report: Report) -> None:
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


def _check_conflict(draft: Draft, report: Report) -> None:
    """Rows conflict by their key, as it stands in the documents."""
    table = draft.table
    if "on_conflict" not in table.model_fields_set:
        return
    place = (*draft.path, "on_conflict")
    made = [name for name in table.key if _by_database(draft, name)]
    if not table.load:
        report.key(place, "the table is not loaded", expected="no on_conflict, or no load: false")
    elif not table.key:
        message = "rows conflict by their key, and the table has none"
        report.value(place, message, expected="key: the columns that identify a row")
    elif made:
        message = f"no row can conflict, since the database makes {made[0]!r} for each"
        report.key(place, message, expected="a key whose values are in the documents, or no on_conflict")


def _check_identities(draft: Draft, report: Report) -> None:
    stated = [name for name, column in draft.table.columns.items() if "identity" in column.model_fields_set]
    for name in stated[1:]:
        message = f"the table has an identity already: {stated[0]!r}"
        report.key((*draft.path, "columns", name, "identity"), message, expected="one identity in a table")


def _by_database(draft: Draft, name: str) -> bool:
    column = draft.names.get(name)
    return column is not None and column.identity is Identity.DATABASE
