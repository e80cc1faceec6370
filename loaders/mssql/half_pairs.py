"""Documents with half a surrogate pair: NVARCHAR stores them, UTF-8 cannot, and mssql-python puts U+FFFD there.

A document may as well hold U+FFFD itself. So those that arrive with one are put aside and selected a second time,
with the server's own count of them: with another count, what arrived is not what the server has.
"""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from loaders.database.select import Select, Selected
from loaders.mssql.document_bytes import document_bytes
from loaders.mssql.statement import quote

_REPLACEMENT = "\ufffd"
_LAST_BYTE = 0xBD  # of three in UTF-8; a byte order mark has the first, but not this one
# One code unit each, as bytes of UTF-16: NCHAR() takes no halves under some collations. BIN2 compares code units.
_BINARY = "COLLATE Latin1_General_100_BIN2"
_FFFD, _HIGH, _LAST_HIGH, _LOW, _LAST_LOW = (
    f"CAST(0x{unit:04X} AS nchar(1))" for unit in (0xFDFF, 0x00D8, 0xFFDB, 0x00DC, 0xFFDF)
)
COUNT = "columnar_replaced"


def looks_replaced(documents: pa.Array) -> pa.Array | None:
    """Which ones hold U+FFFD; None where none does, which its last byte says at once, mostly."""
    if not (document_bytes(documents) == _LAST_BYTE).any():
        return None
    found = pc.fill_null(pc.match_substring(documents, _REPLACEMENT), fill_value=False)
    return found if pc.any(found).as_py() else None


def second_look(select: Select) -> Select:
    """The same SELECT for those rows alone, whose document holds U+FFFD or half a pair, with the count of U+FFFD."""
    inner = ", ".join(f"{column.sql} AS {quote(column.name)}" for column in select.columns)
    document = f"g.{quote(select.document or '')} {_BINARY}"
    spaced = f"(N' ' + {document} + N' ')"
    high = f"N'%[' + {_HIGH} + N'-' + {_LAST_HIGH} + N'][^' + {_LOW} + N'-' + {_LAST_LOW} + N']%'"
    low = f"N'%[^' + {_HIGH} + N'-' + {_LAST_HIGH} + N'][' + {_LOW} + N'-' + {_LAST_LOW} + N']%'"
    suspect = (
        f"CHARINDEX({_FFFD}, {document}) > 0 OR PATINDEX(({high}) {_BINARY}, {spaced}) > 0"
        f" OR PATINDEX(({low}) {_BINARY}, {spaced}) > 0"
    )
    removed = f"DATALENGTH(REPLACE({document}, {_FFFD}, N''))"
    count = f"(DATALENGTH({document}) - {removed}) / 2"
    columns = tuple(Selected(column.name, f"g.{quote(column.name)}", column.type) for column in select.columns)
    return replace(
        select,
        columns=(*columns, Selected(COUNT, f"CAST({count} AS bigint)", pa.int64())),
        tail=f"FROM (SELECT {inner} {select.tail}) AS g WHERE {suspect}",
        longest=None,
        rows=None,
    )


def without_halves(batch: pa.RecordBatch, document: str) -> pa.RecordBatch:
    """The rows of the second look: NULL for a document that arrived with more U+FFFD than the server has."""
    arrived = pc.count_substring(batch[document], _REPLACEMENT)
    broken = pc.fill_null(pc.not_equal(pc.cast(arrived, pa.int64()), batch[COUNT]), fill_value=False)
    values = pc.if_else(broken, pa.scalar(None, batch[document].type), batch[document])
    at = batch.schema.get_field_index(document)
    return batch.set_column(at, batch.schema.field(at), values).drop_columns([COUNT])
