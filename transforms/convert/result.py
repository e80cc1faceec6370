"""What conversion returns."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

# Documents a value of which makes them unloadable: the first such value of each document, in contract and row order.
# reason: missing_value, invalid_value, unknown_value, too_long, out_of_range, inexact; sql_error where SQL of the
# contract fails on a value of the document.
REJECTED_SCHEMA = pa.schema(
    [
        pa.field("document", pa.int64(), nullable=False),
        pa.field("reason", pa.string(), nullable=False),
        pa.field("line", pa.int32(), nullable=False),  # of the row's start tag
        pa.field("detail", pa.string(), nullable=False),  # "contact.birth_date: '31/31/2020' is not a date"
    ]
)

# Every value that is not what the document says, by a rule of rules.ChangeRule; and every row dropped: column '' and
# one of row_rejected, where, distinct, keep_if_any, no_parent, parent_dropped.
CHANGES_SCHEMA = pa.schema(
    [("table", pa.string()), ("column", pa.string()), ("rule", pa.string()), ("values", pa.int64())]
)


@dataclass(frozen=True)
class Converted:
    """Typed tables of one chunk.

    tables: table name -> ROW_FIELDS of the shredder, then the columns, typed.
    rejected: REJECTED_SCHEMA, one row a document; rejected documents have no rows in any table.
    changes: CHANGES_SCHEMA, one row per table, column and rule; only of documents that were not rejected.
    """

    tables: dict[str, pa.Table]
    rejected: pa.Table
    changes: pa.Table
