"""Writes generated documents to a DuckDB file, as the source of the demonstration."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import duckdb
import pyarrow as pa

from columnar.demo.documents import SCHEMA, generate
from columnar.demo.profile import MEASURED, Profile
from columnar.demo.truth import Truth, truth

TABLE = "loan_application"
_TABLE_SQL = f"CREATE TABLE {TABLE} (loan_id BIGINT NOT NULL, received TIMESTAMP NOT NULL, document VARCHAR)"
_INSERT_SQL = f"INSERT INTO {TABLE} SELECT loan_id, received, document FROM batches"

# DuckDB holds the documents of a row group in memory while it writes them: so the smallest there is, not 122,880 rows.
_ROW_GROUP = 2048
# Room for a row group, its copy on the way to the disk, and the rest. Measured: 1.1 suffices at half the speed.
_HEADROOM = 1.4
_LEAST_MEMORY = 256_000_000
_BATCH_BYTES = 4 * 1024 * 1024


class Progress(Protocol):
    """Told of each batch on its way into the file."""

    def __call__(self, documents: int, size: int) -> None:
        """So many documents, so many bytes in this batch."""


def write_source(
    path: Path, documents: int, *, seed: int = 1, profile: Profile = MEASURED, progress: Progress | None = None
) -> Truth:
    """Create the table `loan_application` in a new DuckDB file and return what it holds.

    Columns: loan_id BIGINT NOT NULL, received TIMESTAMP NOT NULL, document VARCHAR; rows in the order of loan_id.
    Memory does not grow with the number of documents: about 2,048 of them at a time, 0.4 to 0.8 GB for the measured
    profile. A process that must stay below that leaves the writing to another one.

    Raises FileExistsError where the file is there already, duckdb.Error where it cannot be written.
    """
    if path.exists():
        raise FileExistsError(f"{path} exists already")
    limit = max(_LEAST_MEMORY, int(_ROW_GROUP * profile.mean_bytes * _HEADROOM))
    quoted = str(path).replace("'", "''")
    whole_groups = documents // _ROW_GROUP * _ROW_GROUP
    with duckdb.connect(config={"memory_limit": f"{limit}B", "threads": 1}) as connection:
        connection.execute(f"ATTACH '{quoted}' AS demo_source (ROW_GROUP_SIZE {_ROW_GROUP})")
        connection.execute("USE demo_source")
        connection.execute("SET enable_progress_bar=false")  # its place is the caller's standard output
        # By ranges of the key, large values read at 920 MB/s uncompressed and at 6 MB/s with ZSTD, DuckDB's own choice.
        connection.execute("PRAGMA force_compression='uncompressed'")
        connection.execute("SET write_buffer_row_group_count=1")
        # One checkpoint at the end: each would write the row group that is not full yet all over again.
        connection.execute("SET checkpoint_threshold='1TB'")
        connection.execute(_TABLE_SQL)
        if whole_groups:  # one statement: full row groups go straight to their place in the file
            batches = generate(whole_groups, seed=seed, profile=profile, batch_bytes=_BATCH_BYTES)
            _insert(connection, pa.RecordBatchReader.from_batches(SCHEMA, _told(batches, progress)))
        rest = generate(documents, seed=seed, profile=profile, batch_bytes=_BATCH_BYTES, start=whole_groups)
        for batch in _told(rest, progress):  # one statement each: together they would be held in memory twice
            _insert(connection, pa.Table.from_batches([batch]))
        connection.execute("CHECKPOINT")
    return truth(documents, seed=seed, profile=profile)


def _insert(connection: duckdb.DuckDBPyConnection, batches: pa.RecordBatchReader | pa.Table) -> None:
    connection.register("batches", batches)
    connection.execute(_INSERT_SQL)
    connection.unregister("batches")


def _told(batches: Iterator[pa.RecordBatch], progress: Progress | None) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        if progress is not None:
            progress(batch.num_rows, batch.nbytes)
        yield batch
