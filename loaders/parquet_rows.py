"""The rows of Parquet files, file by file and in their order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from loaders.duckdb_engine import DuckDBEngine, duckdb_errors
from loaders.parquet_source import parquet_errors, parquet_files
from loaders.sql import quote

# Types that are read as they are; whatever else there is (lists, structs, UUIDs, enums) is read as text.
_PLAIN = re.compile(
    r"(BOOLEAN|U?(TINYINT|SMALLINT|INTEGER|BIGINT)|DECIMAL\(.*\)|FLOAT|DOUBLE|VARCHAR|BLOB|DATE|TIME|TIMESTAMP.*)"
)


class ParquetRows:
    """A file, a folder or a glob pattern of files with the same columns; columns that a file does not have are NULL."""

    def __init__(self, engine: DuckDBEngine, pattern: str) -> None:
        self.files = parquet_files(pattern)
        self._cursor = engine.cursor()
        listed = ", ".join(_literal(file) for file in self.files)
        with duckdb_errors(pattern):
            found = self._cursor.execute(
                f"DESCRIBE FROM read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"
            ).fetchall()
        self._types = {row[0]: str(row[1]) for row in found}

    @property
    def columns(self) -> list[str]:
        """Every column of any file."""
        return list(self._types)

    def batches(self, rows: int) -> Iterator[tuple[Path, int, pa.Table]]:
        """The file, the number of the first row there, from 0, and so many rows."""
        for file in self.files:
            number = 0
            for batch in self._read(file, rows):
                yield file, number, pa.Table.from_batches([batch])
                number += len(batch)

    def _read(self, file: Path, rows: int) -> Iterator[pa.RecordBatch]:
        with duckdb_errors(str(file)):
            there = {row[0] for row in self._cursor.execute(f"DESCRIBE FROM read_parquet({_literal(file)})").fetchall()}
            columns = ", ".join(
                f"CAST({quote(name) if name in there else 'NULL'} AS {kind if _PLAIN.fullmatch(kind) else 'VARCHAR'})"
                f" AS {quote(name)}"
                for name, kind in self._types.items()
            )
            relation = self._cursor.sql(
                f"SELECT {columns} FROM read_parquet({_literal(file)}, hive_partitioning = false)"
            )
            yield from relation.to_arrow_reader(rows)

    def close(self) -> None:
        """Let go of the connection; may be called twice."""
        self._cursor.close()


def column_names(file: Path) -> list[str]:
    """The columns of one file."""
    with parquet_errors(file):
        return list(pq.read_schema(file).names)


def whole_file(file: Path) -> pa.Table:
    """All rows of one file, whatever the folders that it is in are called."""
    with parquet_errors(file), pq.ParquetFile(file) as parquet:
        return parquet.read()


def _literal(file: Path) -> str:
    return "'" + str(file).replace("'", "''") + "'"
