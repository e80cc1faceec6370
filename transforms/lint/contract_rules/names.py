"""Names that a reader takes for one another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from transforms.contract.names import folded
from transforms.contract.plan import TablePlan
from transforms.lint.finding import Finding
from transforms.lint.subject import Subject
from transforms.lint.uses import expressions_of


def alike_names(subject: Subject) -> Iterator[Finding]:
    """Columns of one table or one chain of parents, and tables, whose names differ only in `_`, spaces or case."""
    plan = subject.plan
    for name, other in _alike((table.name for table in plan.tables), {}):
        message = f"the table {other!r} has almost the same name"
        yield subject.finding("alike_names", ("tables", name), message, "write both alike, or make them differ")
    for table in plan.tables:
        seen = {
            _bare(column.name): (column.name, above.name)
            for above in _above(subject, table)
            for column in above.columns
        }
        own = {column.name for column in table.columns}
        for name, other in _alike(
            (column.name for column in table.columns), {key: name for key, (name, _) in seen.items()}
        ):
            where = "" if other in own else f" of {seen[_bare(name)][1]!r}, a table around this one,"
            message = f"the column {other!r}{where} has almost the same name"
            place = ("tables", table.name, "columns", name)
            yield subject.finding("alike_names", place, message, "write both alike, or make them differ")


def bare_name(subject: Subject) -> Iterator[Finding]:
    """SQL with `x` and `other.y`, where `other` has an `x` too."""
    for program in subject.uses.program.rows:
        table = program.plan
        gained = {column.name for column in table.inherited}
        relations = {title: subject.plan.table(name) for title, name in program.ancestors.items()}
        relations |= {join.plan.name: subject.plan.table(join.table) for join in program.joins}
        names = [made.plan.name for made in program.made]
        for expression, made in zip(expressions_of(program), [*names, "", ""], strict=False):
            used = [name.rpartition(".") for name in expression.columns]
            own = {column for relation, _, column in used if not relation} - gained
            for relation in dict.fromkeys(relation for relation, _, _ in used if relation in relations):
                theirs = {column.name for column in relations[relation].columns}
                read = {column for title, _, column in used if title == relation}
                for name in sorted((own & theirs) - read):
                    place = ("tables", table.name, *(("columns", made, "sql") if made else ("where",)))
                    message = f"{name} is this table's own here, and {relation} has a column of that name too"
                    advice = f"{relation}.{name} if that one is meant"
                    yield subject.finding("bare_name", place, message, advice)


def _alike(names: Iterable[str], known: dict[str, str]) -> Iterator[tuple[str, str]]:
    seen = dict(known)
    for name in names:
        other = seen.setdefault(_bare(name), name)
        if other != name:
            yield name, other


def _bare(name: str) -> str:
    return folded(name).replace("_", "").replace(" ", "")


def _above(subject: Subject, table: TablePlan) -> Iterator[TablePlan]:
    while table.parent is not None:
        table = subject.plan.table(table.parent)
        yield table
