"""Whole numbers as contract SQL sees them: always 64 bits, so that `months * 12` does not overflow in 8."""

from __future__ import annotations

import pyarrow as pa


def widened(table: pa.Table) -> pa.Table:
    """The table with every whole number, alone or in a list, as int64; what needs no change is not copied."""
    schema = pa.schema([field.with_type(_wide(field.type)) for field in table.schema])
    return table if schema == table.schema else table.cast(schema)


def _wide(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_list(kind):
        return pa.list_(_wide(kind.value_type))
    return pa.int64() if pa.types.is_signed_integer(kind) else kind


def wanted_type(message: str) -> str:
    """What to write where DuckDB has no function for the types it met, and one of them is BIGINT; else ''."""
    if "No function matches" in message and "BIGINT" in message.splitlines()[0]:
        return "CAST(... AS INTEGER) around a whole number, which is BIGINT here, where the function wants INTEGER"
    return ""
