"""The target's tables, as their writer needs them, from what the contract says."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa

from loaders.sink import ForeignKeySpec, MadeColumnSpec, TableSpec
from transforms.contract.names import folded
from transforms.contract.plan import ContractPlan, Identity, Many, TablePlan, TypeKind
from transforms.contract.target_tables import TargetTable, target_tables
from transforms.convert.types import arrow_type, column_field


def target_specs(plan: ContractPlan) -> list[TableSpec]:
    """The tables of the target in load order. ContractError where several of the plan's tables load into one, and do
    not agree on it."""
    return [target_spec(table) for table in target_tables(plan)]


def target_spec(table: TargetTable) -> TableSpec:
    """One of them."""
    made_by = {column.name: column.identity for column in table.columns if column.identity}
    return TableSpec(
        name=table.name,
        schema=pa.schema([column_field(column) for column in table.columns]),
        key=table.key,
        foreign_keys=tuple(ForeignKeySpec(key.columns, key.table, key.references) for key in table.foreign_keys),
        made=tuple(
            MadeColumnSpec(
                each.name, arrow_type(each.type) if each.type else None, each.default, each.computed, each.nullable
            )
            for each in table.made
        ),
        numbered=tuple(made_by),
        database_made=tuple(name for name, who in made_by.items() if who is Identity.DATABASE),
        omitted=tuple(column.name for column in table.columns if column.omit_null),
        lengths=tuple(
            (column.name, column.type.length)
            for column in table.columns
            if column.type.length is not None and column.many is not Many.LIST
        ),
        names=table.names,
        uuids=tuple(
            column.name
            for column in table.columns
            if column.type.kind is TypeKind.UUID and column.many is not Many.LIST
        ),
    )


def with_home_schema(plan: ContractPlan, schema: str) -> ContractPlan:
    """The plan whose tables in that schema, the job's own, go by their names alone: `app` and `main.app` are one table,
    and the books know it by one name."""
    return replace(plan, tables=tuple(_at_home(table, schema) for table in plan.tables))


def _at_home(table: TablePlan, schema: str) -> TablePlan:
    keys = tuple(replace(key, table=_short(key.table, schema)) for key in table.target.foreign_keys)
    return replace(table, target=replace(table.target, name=_short(table.target.name, schema), foreign_keys=keys))


def _short(name: str, schema: str) -> str:
    own, dot, rest = name.partition(".")
    return rest if dot and folded(own) == folded(schema) else name
