"""The joins of a table: rows of other tables for the SQL of its columns."""

from __future__ import annotations

from collections.abc import Mapping

from transforms.contract.column_type import type_text
from transforms.contract.draft import Draft
from transforms.contract.names import check_names, folded
from transforms.contract.plan import ColumnPlan, Identity, Join, Many, Take, TypeKind
from transforms.contract.prefer import plan_prefer
from transforms.contract.problems import nearest
from transforms.contract.report import Report
from transforms.contract.selection import JoinSection
from transforms.contract.source import Path
from transforms.contract.sql_text import CONDITION, check_sql

_NUMBERS = (TypeKind.INT, TypeKind.DECIMAL)
_TEXTS = (TypeKind.STRING, TypeKind.UUID)


def plan_joins(draft: Draft, drafts: Mapping[str, Draft], report: Report) -> tuple[Join, ...]:
    """The joins by name; of no use where a problem was reported."""
    place = (*draft.path, "joins")
    check_names(draft.table.joins, place, "join", report)
    if draft.table.joins and not has_sql(draft) and not _selects_by_sql(draft):
        message = "the table has no SQL, so nothing reads what is joined"
        report.key(place, message, expected="a column such as: {sql: bureau.score, type: int32}")
    joins = sorted(draft.table.joins.items())
    return tuple(_join(name, stated, draft, drafts, report) for name, stated in joins)


def has_sql(draft: Draft) -> bool:
    """Whether a column of the table is an SQL expression."""
    return any("sql" in column.model_fields_set for column in draft.table.columns.values())


def _selects_by_sql(draft: Draft) -> bool:
    """Whether SQL says which rows are kept; it sees the joins too."""
    distinct = draft.table.distinct
    return "where" in draft.table.model_fields_set or (distinct is not None and bool(distinct.order))


def ancestors(draft: Draft, drafts: Mapping[str, Draft]) -> list[str]:
    """The tables that the table's rows are in, the nearest first."""
    found: list[str] = []
    while (parent := draft.table.parent) and parent in drafts and parent not in (draft.name, *found):
        found.append(parent)
        draft = drafts[parent]
    return found


def check_qualifiers(draft: Draft, drafts: Mapping[str, Draft], report: Report) -> None:
    """In SQL, `name.column` must mean one thing: a table around this one, a join, or nothing."""
    if not has_sql(draft):
        return
    around = {folded(name): name for name in ancestors(draft, drafts)}
    joins = {folded(name): name for name in draft.table.joins}
    for name in draft.table.joins:
        other = around.get(folded(name))
        if other is not None:
            message = f"{name!r} is the table around this one too, so {name}.column could mean either"
            report.key((*draft.path, "joins", name), message, expected="another name for the join")
        elif folded(name) == folded(draft.name):
            message = f"{name!r} is this table, so {name}.column could mean either"
            report.key((*draft.path, "joins", name), message, expected="another name for the join")
    for name in draft.table.columns:
        what = "a join" if folded(name) in joins else "the table around this one" if folded(name) in around else ""
        if what:
            message = f"{name!r} is {what} too, so {name}.column in SQL could mean either"
            report.key((*draft.path, "columns", name), message, expected="another name for the column")


def _join(name: str, stated: JoinSection, draft: Draft, drafts: Mapping[str, Draft], report: Report) -> Join:
    place = (*draft.path, "joins", name)
    joined = _joined(stated, draft, drafts, place, report)
    on: tuple[tuple[str, str], ...] = tuple(sorted(stated.on.items()))
    if joined is not None:
        theirs = {column: plan for column, plan in joined.columns.items() if _is_converted(joined, column)}
        for their, our in on:
            _check_pair(their, our, theirs, draft, joined.name, (*place, "on", their), report)
        prefer = plan_prefer(stated.prefer, theirs, (*place, "prefer"), report, table=repr(joined.name))
    else:
        prefer = ()
    if "where" in stated.model_fields_set:
        check_sql(stated.where, (*place, "where"), CONDITION, report)
    return Join(name, stated.table, on, stated.where.strip(), prefer, Take(stated.take))


def _joined(
    stated: JoinSection, draft: Draft, drafts: Mapping[str, Draft], place: Path, report: Report
) -> Draft | None:
    """The table that is joined; None where it cannot be, which is reported."""
    name, at = stated.table, (*place, "table") if "table" in _keys(place, report) else place
    joined = drafts.get(name)
    if joined is None:
        others = [other for other, known in drafts.items() if other != draft.name and not known.by_sql]
        near = nearest(name, others)
        expected = "" if near else f"one of {', '.join(others)}" if others else "another table, but there is none"
        report.value(at, f"there is no table {name!r}", expected=expected, nearest=near)
    elif joined is draft:
        report.value(at, "the table is joined to itself", expected="another table, or a second one with the same rows")
    elif joined.by_sql:
        message = f"{name!r} is made by SQL, which runs when all joins are done"
        report.value(at, message, expected="a table with rows, or an SQL table instead of the join")
    elif not stated.on and name in ancestors(draft, drafts):
        message = f"rows of this table are in rows of {name!r}, which SQL sees without a join"
        report.value(at, message, expected=f"no join: {name}.column in the SQL")
    else:
        return joined
    return None


def _keys(place: Path, report: Report) -> list[str]:
    """The keys that are written at a place: none where a short form stands there."""
    return [str(path[-1]) for path in report.source.keys if path[:-1] == place]


def _is_converted(joined: Draft, column: str) -> bool:
    """Whether a column has its value before SQL runs."""
    stated = joined.table.columns[column]
    return "sql" not in stated.model_fields_set and not _by_database(joined.columns[column])


def _by_database(column: ColumnPlan | None) -> bool:
    return column is not None and column.identity is Identity.DATABASE


def _check_pair(
    their: str,
    our: str,
    theirs: Mapping[str, ColumnPlan | None],
    draft: Draft,
    table: str,
    place: Path,
    report: Report,
) -> None:
    """One pair of columns that are compared: both exist, have values, and types of one family."""
    ours = {
        name: column
        for name, column in draft.names.items()
        if not _by_database(column) and not (name in draft.columns and not _is_converted(draft, name))
    }
    for name, columns, owner, at in ((their, theirs, repr(table), "key"), (our, ours, "this table", "value")):
        if name in columns or (owner == "this table" and not draft.inherits_all):
            continue
        add = report.key if at == "key" else report.value
        near = nearest(name, columns)
        expected = "" if near else f"one of {', '.join(columns)}"
        add(place, f"{owner} has no column {name!r} that can be compared", expected=expected, nearest=near)
    one, other = theirs.get(their), ours.get(our)
    if one is None or other is None:
        return
    if Many.LIST in (one.many, other.many) or not _comparable(one.type.kind, other.type.kind):
        shown = ["a list" if each.many is Many.LIST else type_text(each.type) for each in (one, other)]
        message = f"{table}.{their} is {shown[0]} and {our} is {shown[1]}, which are not compared"
        report.value(place, message, expected="two columns of one type")


def _comparable(one: TypeKind, other: TypeKind) -> bool:
    families = (_NUMBERS, _TEXTS)
    return one is other or any(one in family and other in family for family in families)
