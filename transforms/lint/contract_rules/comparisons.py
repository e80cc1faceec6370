"""SQL and preferences that compare a column with a text which it never has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from transforms.contract.column_type import type_text
from transforms.contract.plan import ColumnPlan, Many, Reaction, TablePlan, TypeKind
from transforms.contract.problems import nearest
from transforms.contract.source import Path
from transforms.lint.finding import Finding
from transforms.lint.subject import Subject
from transforms.sql.sandbox import SqlError, shared_sandbox
from transforms.sql.tree import expressions

_EQUAL = ("COMPARE_EQUAL", "COMPARE_NOTEQUAL", "COMPARE_DISTINCT_FROM", "COMPARE_NOT_DISTINCT_FROM")
_IN = ("COMPARE_IN", "COMPARE_NOT_IN")


def value_never_there(subject: Subject) -> Iterator[Finding]:
    """Comparisons in `where`, column SQL, `distinct` and joins, by the names that they see."""
    for table in subject.plan.tables:
        if table.rows is None:
            continue
        place: Path = ("tables", table.name)
        names = _names(subject, table)
        for path, sql in _texts(table):
            for name, text in _compared(sql):
                yield from _judge(subject, (*place, *path), names.get(name), text)
        for path, column, values in _preferences(subject, table):
            for index, text in enumerate(values):
                yield from _judge(subject, (*place, *path, index), column, text)


def _names(subject: Subject, table: TablePlan) -> Mapping[str, ColumnPlan]:
    """What a name in SQL of the table stands for, in lower case."""
    found = {column.name.lower(): column for column in (*table.inherited, *table.columns)}
    beside = {join.name: subject.plan.table(join.table) for join in table.joins}
    above = table
    while above.parent is not None:
        above = subject.plan.table(above.parent)
        beside[above.title] = above
    for title, other in beside.items():
        found |= {f"{title}.{column.name}".lower(): column for column in (*other.inherited, *other.columns)}
    return found


def _texts(table: TablePlan) -> Iterator[tuple[Path, str]]:
    yield from ((("columns", column.name, "sql"), column.sql) for column in table.columns if column.sql)
    if table.where:
        yield ("where",), table.where
    if table.distinct is not None and table.distinct.order:
        yield ("distinct", "order"), table.distinct.order


def _preferences(subject: Subject, table: TablePlan) -> Iterator[tuple[Path, ColumnPlan | None, tuple[str, ...]]]:
    own = {column.name: column for column in (*table.inherited, *table.columns)}
    for each in table.distinct.prefer if table.distinct else ():
        yield ("distinct", "prefer", str(each.by)), own.get(str(each.by)), each.values
    for join in table.joins:
        theirs = {column.name: column for column in subject.plan.table(join.table).columns}
        for each in join.prefer:
            yield ("joins", join.name, "prefer", str(each.by)), theirs.get(str(each.by)), each.values


def _compared(sql: str) -> Iterator[tuple[str, str]]:
    """Every column, as it is named, with every text that it is compared with."""
    try:
        tree = shared_sandbox().parse(f"SELECT 1 ORDER BY\n{sql}\n")
    except SqlError:
        return
    for node in expressions(tree):
        if node["class"] == "COMPARISON" and node["type"] in _EQUAL:
            sides = [node["left"], node["right"]]
            pairs = [(sides[0], sides[1]), (sides[1], sides[0])]
        elif node["class"] == "OPERATOR" and node["type"] in _IN:
            pairs = [(node["children"][0], each) for each in node["children"][1:]]
        else:
            continue
        for column, constant in pairs:
            text = _text(constant)
            if column["class"] == "COLUMN_REF" and text is not None:
                yield ".".join(column["column_names"]).lower(), text


def _text(node: dict[str, Any]) -> str | None:
    """The text of a constant; None for anything else."""
    literal = node.get("literal") or {}
    return str(literal["text"]) if node["class"] == "CONSTANT" and literal.get("kind") == "STRING" else None


def _judge(subject: Subject, place: Path, column: ColumnPlan | None, text: str) -> Iterator[Finding]:
    if (
        column is None
        or column.sql
        or column.path is None
        or column.many is Many.LIST
        or column.type.kind is not TypeKind.STRING
    ):
        return
    why, near = _never(column, text)
    if why:
        advice = f"did you mean {near!r}?" if near else "compare with a text that the column can have"
        yield subject.finding("value_never_there", place, f"{column.name} is never {text!r}: {why}", advice, value=True)


def _never(column: ColumnPlan, text: str) -> tuple[str, str]:
    """Why a column never has a text, and the one that was perhaps meant."""
    if text == column.default:
        return "", ""
    if column.lookup is not None:
        if column.on_unknown is Reaction.KEEP and not column.lookup.has_else:
            return "", ""
        entries = dict(column.lookup.entries)
        values = [*entries.values(), *([column.lookup.otherwise] if column.lookup.has_else else [])]
        given = sorted({value for value in values if value is not None})
        if text in given:
            return "", ""
        shown = ", ".join(given[:6]) + (", …" if len(given) > 6 else "")
        return f"lookup {column.lookup.name!r} gives {shown}", entries.get(text) or nearest(text, given)
    if column.type.length is not None and len(text) > column.type.length:
        return f"it is {type_text(column.type)}", ""
    steps = [step.name for step in column.clean]
    if "replace" not in steps and "number" not in steps:
        cases = [step for step in steps if step in ("upper", "lower")]
        wanted = text if not cases else text.upper() if cases[-1] == "upper" else text.lower()
        if wanted != text:
            return f"its letters are made {cases[-1]} case", wanted
        if "digits" in steps and not text.isdigit() and text:
            return "only its digits are kept", ""
    return "", ""
