"""The Arrow types and schemas that conversion produces, and nothing but these, whether a table has rows or not."""

from __future__ import annotations

import pyarrow as pa

from transforms.contract.plan import ColumnPlan, ColumnType, Many, TablePlan, TypeKind

_INTEGERS = {8: pa.int8(), 16: pa.int16(), 32: pa.int32(), 64: pa.int64()}

_FIXED = {
    TypeKind.BOOL: pa.bool_(),
    TypeKind.FLOAT: pa.float64(),
    TypeKind.STRING: pa.string(),
    TypeKind.DATE: pa.date32(),
    TypeKind.TIME: pa.time64("us"),
    TypeKind.TIMESTAMP: pa.timestamp("us"),
    TypeKind.TIMESTAMPTZ: pa.timestamp("us", tz="UTC"),
    TypeKind.BINARY: pa.binary(),
    TypeKind.UUID: pa.string(),
}


def arrow_type(column: ColumnType) -> pa.DataType:
    """The Arrow type of one value of a column type; uuid is text, 36 characters in lower case."""
    if column.kind is TypeKind.INT:
        return _INTEGERS[column.bits]
    if column.kind is TypeKind.DECIMAL:
        return pa.decimal128(column.precision, column.scale)
    return _FIXED[column.kind]


def column_field(column: ColumnPlan) -> pa.Field:
    """The Arrow field of a column: its type, a list of it for `many: list`, and whether it may be null."""
    kind = arrow_type(column.type)
    return pa.field(column.name, pa.list_(kind) if column.many is Many.LIST else kind, nullable=column.nullable)


def table_schema(table: TablePlan) -> pa.Schema:
    """All columns of a table, as SQL sees them: the inherited key columns of its parent, then its own."""
    return pa.schema([column_field(column) for column in (*table.inherited, *table.columns)])


def loaded_schema(table: TablePlan) -> pa.Schema:
    """What a table holds in the target: the same without the columns that are not loaded."""
    return pa.schema([column_field(column) for column in (*table.inherited, *table.columns) if column.load])
