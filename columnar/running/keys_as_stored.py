"""Duplicate keys as the target stores and compares them."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from loaders.sink import Sink
from transforms.documents import DOCUMENT


def keys_as_stored(sink: Sink, name: str, rows: pa.Table, on: tuple[str, ...]) -> pa.Table:
    """`_document` and the columns `on` of rows as the target stores and compares them, in the contract's types. A value
    that it would refuse stays as it is: the target says so when the row is published."""
    own = rows.select(list(on))
    stored = sink.as_stored(name, own)
    if stored is not own:
        stored = stored.cast(own.schema)
        own = pa.table([pc.coalesce(stored[each], own[each]) for each in on], schema=own.schema)
    return own.append_column(rows.schema.field(DOCUMENT), rows[DOCUMENT])
