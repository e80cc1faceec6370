"""What the audit files know of a row: for tables whose columns lead to no document."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from columnar.audit.folder import AuditFolder
from columnar.audit.trail import CHUNK, SOURCE_KEY
from columnar.explaining.find_row import FoundRow
from loaders.parquet_source import parquet_errors


@dataclass(frozen=True, slots=True)
class Audited:
    """The document that brought a row."""

    source_key: str
    chunk: int


def audited_source_key(folder: AuditFolder, found: FoundRow) -> Audited | None:
    """The document of a row of the target by the files of stage `loaded`, newest run first; None where none has it."""
    table = found.table
    on = list(table.key) or found.row.column_names
    for run in reversed(folder.runs().values()):
        for path in sorted((run / "stage=loaded" / f"table={quote(table.name, safe='')}").glob("*.parquet")):
            with parquet_errors(path), pq.ParquetFile(path) as parquet:
                wanted = _typed(found.row.select(on), parquet.schema_arrow)
                for batch in parquet.iter_batches(65_536, columns=[*on, SOURCE_KEY, CHUNK]):
                    same = pl.DataFrame(batch).join(wanted, on=on, how="semi", nulls_equal=True)
                    if same.height:
                        return Audited(same[SOURCE_KEY][0], same[CHUNK][0])
    return None


def _typed(row: pa.Table, schema: pa.Schema) -> pl.DataFrame:
    return pl.DataFrame(row.cast(pa.schema([schema.field(name).with_nullable(True) for name in row.column_names])))
