"""mssql-python's bulk copy, as its facts demand: into staging tables alone, all rows or none.

It opens a connection of its own, outside of the transaction: what it copied stays when the transaction is undone, and
it would wait for ever for rows that this session holds. After a timeout the rows may appear all the same, so any error
leaves the staging table in doubt: the next attempt has one of another name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from loaders.database.bulk import BulkTarget
from loaders.errors import DataError, TransientError, UnavailableError
from loaders.mssql.statement import quote

# Seconds; a chunk takes a few. The default, 30, is too short for a server that waits for its disks.
_TIMEOUT = 3600


def bulk_copy(copy: Callable[..., Mapping[str, Any]], target: BulkTarget, rows: pa.Table) -> int:
    """Copy the rows, and return how many arrived. copy: `bulkcopy_arrow` of a cursor."""
    if not len(rows):
        return 0
    for field, values in zip(rows.schema, rows.columns, strict=True):
        _check_type(field, target)
        if (
            pa.types.is_floating(field.type)
            and not pc.all(pc.is_finite(values)).as_py()
            and values.null_count < len(values)
        ):
            raise DataError(f"{target.table}.{field.name}: SQL Server has no NaN and no infinity")
    mappings = list(enumerate(target.columns))  # by place in the rows; without them columns would go by place in both
    result = copy(
        f"{quote(target.schema)}.{quote(target.table)}",
        rows.combine_chunks(),
        batch_size=0,  # one batch: a late failure leaves nothing
        timeout=_TIMEOUT,
        column_mappings=mappings,
        keep_identity=True,
        check_constraints=False,
        table_lock=True,
        keep_nulls=True,
        fire_triggers=False,
        use_internal_transaction=True,
    )
    copied = int(result["rows_copied"])
    if copied != len(rows):
        raise TransientError(f"{target.table}: {len(rows):,} rows were sent and {copied:,} arrived")
    return copied


def _check_type(field: pa.Field, target: BulkTarget) -> None:
    """What the bulk copy would refuse late, take for something else, or die of."""
    kind = field.type
    wrong = (
        pa.types.is_nested(kind)
        or pa.types.is_dictionary(kind)
        or pa.types.is_null(kind)
        or pa.types.is_int8(kind)
        or pa.types.is_unsigned_integer(kind)
        or pa.types.is_float16(kind)
        or pa.types.is_decimal256(kind)
    )
    if wrong:
        raise UnavailableError(f"{target.table}.{field.name}: the bulk copy takes no {kind}")
