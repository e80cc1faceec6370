"""A table in its final shape."""

from __future__ import annotations

import pyarrow as pa


def shaped(schema: pa.Schema, rows: pa.Table) -> pa.Table:
    """The columns of a schema in their order; those that only the database knows are NULL."""
    columns = [
        rows.column(field.name) if field.name in rows.column_names else pa.nulls(rows.num_rows, field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)
