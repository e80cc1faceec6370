"""Which keys make documents duplicates, and what becomes of one: the rule of a job."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from columnar.errors import JobError
from columnar.jobs.job import DuplicateSpec, RowPolicy
from columnar.running.content_columns import named_columns, not_content
from columnar.running.decide import DuplicateRule
from columnar.running.identity import made_places
from columnar.running.merit import Keep
from columnar.running.replacing import replaceable_tables
from loaders.names import nearest
from transforms.contest import Policies, Policy
from transforms.contract.plan import Conflict, ContractPlan, TablePlan


def duplicate_rule(spec: DuplicateSpec | None, plan: ContractPlan) -> DuplicateRule:
    """The rule of a job, by the names of the target; JobError for columns that the contract does not have, or that the
    database makes: two copies of a document would get different values.

    Where several contracts share the source, each has its own table to compare, or none.
    """
    if spec is None:
        return DuplicateRule(None, (), by_fingerprint=False)
    by_fingerprint = spec.fingerprint != "off"
    chosen = _stated(spec.on, plan) if spec.on else _by_default(plan)
    more = _compared(spec, plan) | {"policies": _policies(spec), "rows": _row_policies(spec, plan)}
    if not chosen:
        if spec.keep:
            raise JobError(
                "duplicates: keep: no table has a key by which documents are compared", hint="name it as `on`"
            )
        return DuplicateRule(None, (), by_fingerprint, **more)
    keys = {table.target_name: on for table, on in chosen}
    scopes = {table.scope for table, _ in chosen}
    unkeyed = [table.target_name for table in plan.tables if table.load and table.scope not in scopes]
    (table, on), *others = keys.items()
    rule = DuplicateRule(table, on, by_fingerprint, tuple(others), tuple(dict.fromkeys(unkeyed)), **more)
    rule = replace(rule, keep=_keep(spec, rule, plan))
    if rule.policies.replaces:
        replaceable_tables(plan, rule.keys)
    return rule


def _compared(spec: DuplicateSpec, plan: ContractPlan) -> dict[str, Any]:
    """Whether documents are compared by their rows, and what of these is no content."""
    if spec.fingerprint != "canonical":
        return {}
    left_out = not_content(plan, named_columns(plan, spec.ignore, "duplicates: ignore"))
    return {"canonical": True, "without": tuple((name, tuple(sorted(left_out[name]))) for name in sorted(left_out))}


def _row_policies(spec: DuplicateSpec, plan: ContractPlan) -> tuple[tuple[str, RowPolicy], ...]:
    """The policies of tables, by their names in the target."""
    found: dict[str, RowPolicy] = {}
    for name, policy in spec.rows.items():
        for table in _named(plan, name):
            if not table.key:
                raise JobError(
                    f"duplicates: rows: {table.title} has no key by which its rows are compared",
                    hint="give the table a `key` in the contract",
                )
            below = [each.title for each in plan.tables if each.load and each.parent == table.name]
            if policy == "last" and below:
                raise JobError(
                    f"duplicates: rows: {table.title}: a row of it cannot take another's place, since {below[0]} is"
                    " below it",
                    hint="use skip or reject_document, or policy: replace for whole documents",
                )
            found[table.target_name] = policy
    return tuple(found.items())


def _policies(spec: DuplicateSpec) -> Policies:
    same = Policy.BEST if spec.keep else Policy(spec.policy)
    return Policies(same, Policy(spec.conflicts) if spec.conflicts else same)


def _keep(spec: DuplicateSpec, rule: DuplicateRule, plan: ContractPlan) -> Keep | None:
    """By which columns the better of two documents is found."""
    if spec.keep is None or rule.table is None:
        return None
    if rule.others:
        raise JobError(
            "duplicates: keep: several contracts have tables to compare, and `by` can name columns of one",
            hint="use policy: replace, or one job for each contract",
        )
    by = []
    for name in spec.by:
        table, _, column = name.rpartition(".")
        own = next(each for each in plan.tables if each.load and each.target_name == rule.table)
        if table not in ("", own.title, own.target_name, own.name):
            raise JobError(f"duplicates: by: {name} is not a column of {own.title}, which has the key")
        _check_columns(own, (column,), made_places(plan).get(own.name, {}))
        by.append(column)
    return Keep(rule.table, rule.on, tuple(by), last=spec.keep == "last")


Chosen = list[tuple[TablePlan, tuple[str, ...]]]


def _by_default(plan: ContractPlan) -> Chosen:
    """Of each contract the key of the first loaded table that has one and no parent. Tables that skip rows are left
    out: what they say is that several documents bring the same key."""
    chosen: Chosen = []
    for table in plan.tables:
        if not _tells_documents(table) or any(table.scope == other.scope for other, _ in chosen):
            continue
        made = made_places(plan).get(table.name, {})
        on = tuple(name for name in table.key if name not in made)
        if not on:
            raise JobError(
                f"duplicates: the key of {table.title} ({', '.join(table.key)}) is made by the database, so it does not"
                " tell copies of a document",
                hint="name columns that do, as `duplicates: {on: table.column}`, or say `duplicates: off`",
            )
        chosen.append((table, on))
    return chosen


def _tells_documents(table: TablePlan) -> bool:
    return table.load and bool(table.key) and table.parent is None and table.on_conflict is not Conflict.SKIP


def _stated(columns: Sequence[str], plan: ContractPlan) -> Chosen:
    """The columns that a job names, by table."""
    wanted: dict[str, list[str]] = {}
    for each in columns:
        name, _, column = each.rpartition(".")
        wanted.setdefault(name, []).append(column)
    chosen = [(table, tuple(on)) for name, on in wanted.items() for table in _named(plan, name)]
    scopes = [table.scope for table, _ in chosen]
    if len(set(scopes)) < len(scopes):
        raise JobError(
            f"duplicates: on: {', '.join(columns)} is not columns of one table", hint="write each as table.column"
        )
    for table, on in chosen:
        _check_columns(table, on, made_places(plan).get(table.name, {}))
    return chosen


def _check_columns(table: TablePlan, on: Sequence[str], made: Collection[str]) -> None:
    names = [column.name for column in (*table.inherited, *table.columns) if column.load]
    for column in on:
        if column not in names:
            raise JobError(
                f"duplicates: table {table.title} has no column {column}", hint=nearest(column, names, "column")
            )
        if column in made:
            raise JobError(
                f"duplicates: {table.title}.{column} is made by the database, so copies never have the same",
                hint="name columns whose values the documents bring",
            )


def _named(plan: ContractPlan, name: str) -> list[TablePlan]:
    """The loaded tables of that name, in their contract or in the target."""
    if not name:
        raise JobError("duplicates: on: these are not columns of one table", hint="write each as table.column")
    loaded = [table for table in plan.tables if table.load]
    found = [table for table in loaded if table.title == name] or [
        table for table in loaded if name in (table.target_name, table.name)
    ]
    if found:
        return found if len({table.scope for table in found}) == len(found) else found[:1]
    names = list(dict.fromkeys(each.title for each in loaded))
    raise JobError(f"duplicates: the contract loads no table {name}", hint=nearest(name, names, "table"))
