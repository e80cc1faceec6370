"""The keys already known, of documents and of rows, in a DuckDB file of the run's workspace."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa

from loaders.duckdb_engine import DuckDBEngine, duckdb_errors, first_row
from loaders.errors import UnavailableError
from loaders.sql import quote
from loaders.staged_row_keys import ROW_KEY_TABLES, StagedRowKeys

# key: canonical text of the duplicate key (null: fingerprint only); place: 'target' (there before this run) or 'run';
# generation, chunk: where the job loaded its document; null: somebody else did.
STAGED_SCHEMA = pa.schema(
    [
        pa.field("key", pa.string()),
        pa.field("fingerprint", pa.binary()),
        pa.field("source_key", pa.string()),
        pa.field("place", pa.string(), nullable=False),
        pa.field("generation", pa.int32()),
        pa.field("chunk", pa.int64()),
    ]
)
# (generation, chunk) of a published chunk.
ChunkKey = tuple[int, int]

_TABLES = (
    "staged_key (key_hash UBIGINT, key VARCHAR, fingerprint BLOB, source_key VARCHAR, run BIGINT, generation INTEGER,"
    " chunk BIGINT)",
    "staged_chunk (generation INTEGER, chunk BIGINT, attempt VARCHAR)",
    "staged_table (table_name VARCHAR, rows BIGINT)",
    "staged_by (identity VARCHAR, run BIGINT)",
    *ROW_KEY_TABLES,
)


@dataclass(frozen=True)
class StagedChunk:
    """What a published chunk changes. winners: STAGED_SCHEMA. lost: keys whose documents it took the place of. rows: by
    which number of rows each table grew. attempt: of its ledger row. row_keys: of rows, by table; lost_row_keys: of
    those that made room."""

    chunk: ChunkKey
    attempt: str
    winners: pa.Table
    lost: pa.Array = field(default_factory=lambda: pa.array([], pa.string()))
    rows: Mapping[str, int] = field(default_factory=dict)
    row_keys: Mapping[str, pa.Array] = field(default_factory=dict)
    lost_row_keys: Mapping[str, pa.Array] = field(default_factory=dict)


class StagedKeys:
    """Keys of published documents, and (`rows`) of the published rows of tables that compare theirs.

    A key counts only if its chunk was published. They are kept from run to run, with the chunks that they are of and
    the rows that their tables had, so that whoever continues can tell whether they are still what the target holds;
    they are made anew where not. A chunk's keys are added once it is published, in one transaction, and never before.

    Keys are joined by a 64-bit hash alone, which leaves the texts unread: 0.6 of the time of a join by the keys (2
    million against 10 million, bench/dedupe.py). Equal hashes are confirmed by the keys themselves, where the few rows
    that have them are used.

    path: where another process has the file open, this one uses a file of its own, and removes it in the end.
    """

    def __init__(self, engine: DuckDBEngine, path: Path) -> None:
        self._own: Path | None = None
        try:
            catalog = engine.attach(path, read_only=False)
        except UnavailableError:
            self._own = path.with_name(f"{path.stem}-{os.getpid()}{path.suffix}")
            for stale in (self._own, self._own.with_name(self._own.name + ".wal")):
                stale.unlink(missing_ok=True)
            catalog = engine.attach(self._own, read_only=False)
        self._catalog = catalog + ".main."
        self._table = self._named("staged_key")
        self._cursor = engine.cursor()
        self.rows = StagedRowKeys(self._cursor, self._catalog)
        self._run = 1
        with duckdb_errors("staged keys"):
            if not self._complete(catalog):
                self._make()
            found = first_row(self._cursor, f"SELECT run FROM {self._named('staged_by')}")
            self._run = int(found[0]) + 1 if found else 1
            self._cursor.execute(f"UPDATE {self._named('staged_by')} SET run = ?", [self._run])

    def _named(self, table: str) -> str:
        return self._catalog + quote(table)

    def _complete(self, catalog: str) -> bool:
        """Whether the file has every table as this program makes it."""
        name = catalog.strip('"')
        there = self._cursor.execute(
            "SELECT table_name, string_agg(column_name, ', ' ORDER BY column_index) FROM duckdb_columns()"
            " WHERE database_name = ? GROUP BY table_name",
            [name],
        ).fetchall()
        wanted = {}
        for each in _TABLES:
            table, _, columns = each.partition(" (")
            wanted[table] = ", ".join(column.split()[0] for column in columns.rstrip(")").split(", "))
        return dict(there) == wanted

    def _make(self, identity: str = "") -> None:
        for each in _TABLES:
            name, _, columns = each.partition(" (")
            self._cursor.execute(f"CREATE OR REPLACE TABLE {self._named(name)} ({columns}")
        self._cursor.execute(f"INSERT INTO {self._named('staged_by')} VALUES (?, ?)", [identity, self._run])

    # --- what is kept

    def is_of(self, identity: str) -> bool:
        """Whether what is staged was staged for this: target, job, rule and contract in one text. hash() is that of a
        version of DuckDB."""
        with duckdb_errors("staged keys"):
            found = first_row(self._cursor, f"SELECT identity FROM {self._named('staged_by')}")
        return found is not None and found[0] == self._versioned(identity)

    def begin(self, identity: str) -> None:
        """Forget everything, and stage for this from now on."""
        with duckdb_errors("staged keys"):
            self._make(self._versioned(identity))

    def _versioned(self, identity: str) -> str:
        return f"{duckdb.__version__} {identity}"

    def chunks(self) -> dict[ChunkKey, str]:
        """The chunks whose keys are staged, with the attempts that published them."""
        with duckdb_errors("staged keys"):
            rows = self._cursor.execute(
                f"SELECT generation, chunk, attempt FROM {self._named('staged_chunk')}"
            ).fetchall()
        return {(generation, chunk): attempt for generation, chunk, attempt in rows}

    def table_rows(self) -> dict[str, int]:
        """The rows that each table must have for what is staged to be all of its keys."""
        with duckdb_errors("staged keys"):
            return dict(self._cursor.execute(f"SELECT table_name, rows FROM {self._named('staged_table')}").fetchall())

    def note(self, chunks: Mapping[ChunkKey, str], tables: Mapping[str, int]) -> None:
        """Everything of these chunks is staged, and of tables that have so many rows."""
        with self._transaction():
            for (generation, chunk), attempt in chunks.items():
                self._cursor.execute(
                    f"INSERT INTO {self._named('staged_chunk')} VALUES (?, ?, ?)", [generation, chunk, attempt]
                )
            for table, rows in tables.items():
                self._cursor.execute(f"INSERT INTO {self._named('staged_table')} VALUES (?, ?)", [table, rows])

    def note_rows(self, tables: Mapping[str, int]) -> None:
        """The tables have so many rows now."""
        with self._transaction():
            for table, rows in tables.items():
                self._cursor.execute(
                    f"UPDATE {self._named('staged_table')} SET rows = ? WHERE table_name = ?", [rows, table]
                )

    def add(self, chunk: StagedChunk) -> None:
        """What a chunk that was published changes, all of it or nothing."""
        with self._transaction():
            if len(chunk.lost):
                self._delete(chunk.lost)
            self._insert(chunk.winners)
            self.rows.change(chunk.lost_row_keys, chunk.row_keys, chunk.rows)
            self._cursor.execute(
                f"INSERT INTO {self._named('staged_chunk')} VALUES (?, ?, ?)", [*chunk.chunk, chunk.attempt]
            )
            for table, rows in chunk.rows.items():
                self._cursor.execute(
                    f"UPDATE {self._named('staged_table')} SET rows = rows + ? WHERE table_name = ?", [rows, table]
                )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with duckdb_errors("staged keys"):
            self._cursor.execute("BEGIN TRANSACTION")
            try:
                yield
            except BaseException:
                self._cursor.execute("ROLLBACK")
                raise
            self._cursor.execute("COMMIT")

    # --- keys of documents

    def stage(self, batches: Iterable[pa.RecordBatch | pa.Table]) -> int:
        """Add keys (STAGED_SCHEMA); returns how many."""
        staged = 0
        for batch in batches:
            with duckdb_errors("staged keys"):
                self._insert(batch)
            staged += len(batch)
        return staged

    def _insert(self, rows: pa.RecordBatch | pa.Table) -> None:
        if not len(rows):
            return
        self._cursor.register("keys_to_stage", rows)
        try:
            self._cursor.execute(
                f"INSERT INTO {self._table} SELECT CASE WHEN key IS NOT NULL THEN hash(key) END, key, fingerprint,"
                " source_key, CASE WHEN place = 'run' THEN ? ELSE 0 END, generation, chunk FROM keys_to_stage",
                [self._run],
            )
        finally:
            self._cursor.unregister("keys_to_stage")

    def _delete(self, keys: pa.Array) -> None:
        self._cursor.register("keys_to_forget", pa.table({"key": keys.cast(pa.string())}))
        try:
            self._cursor.execute(
                f"DELETE FROM {self._table} AS s USING keys_to_forget AS f"
                " WHERE s.key_hash = hash(f.key) AND s.key = f.key"
            )
        finally:
            self._cursor.unregister("keys_to_forget")

    def forget_keys(self, keys: pa.Array) -> None:
        """Drop all that is known under some keys."""
        if len(keys):
            with duckdb_errors("staged keys"):
                self._delete(keys)

    def forget_documents(self, documents: Iterable[pa.RecordBatch | pa.Table]) -> None:
        """Drop the keys and contents of documents: generation, source_key."""
        for batch in documents:
            with duckdb_errors("staged keys"):
                self._cursor.register("documents_to_forget", batch)
                try:
                    self._cursor.execute(
                        f"DELETE FROM {self._table} AS s USING documents_to_forget AS f"
                        " WHERE s.source_key = f.source_key AND s.generation = f.generation"
                    )
                finally:
                    self._cursor.unregister("documents_to_forget")

    def matching(self, candidates: pa.Table, *, by_fingerprint: bool) -> pa.Table:
        """The staged keys that a candidate (columns key, fingerprint) has: STAGED_SCHEMA, a semi-join in the engine.

        Among them may be other keys with the same hash: they are nobody's, and do no harm to who joins by the key.
        """
        joins = [
            "SELECT s.* FROM {table} s SEMI JOIN (SELECT hash(key) AS h FROM candidate_keys WHERE key IS NOT NULL) c"
            " ON s.key_hash = c.h"
        ]
        if by_fingerprint:
            joins.append("SELECT s.* FROM {table} s SEMI JOIN candidate_keys c ON s.fingerprint = c.fingerprint")
        query = " UNION ".join(joins).format(table=self._table)
        with duckdb_errors("staged keys"):
            self._cursor.register("candidate_keys", candidates.select(["key", "fingerprint"]))
            try:
                found = self._cursor.sql(
                    "SELECT key, fingerprint, source_key, CASE WHEN run = $run THEN 'run' ELSE 'target' END AS place,"
                    f" generation, chunk FROM ({query})",
                    params={"run": self._run},
                ).to_arrow_table()
            finally:
                self._cursor.unregister("candidate_keys")
        return found.cast(STAGED_SCHEMA)

    def count(self) -> int:
        """How many keys are staged."""
        with duckdb_errors("staged keys"):
            found = first_row(self._cursor, f"SELECT count(*) FROM {self._table}")
        return int(found[0]) if found else 0

    def close(self) -> None:
        """Let go of the connection; may be called twice."""
        self._cursor.close()
        if self._own is not None:  # the engine still has it open, which only Windows minds
            for stale in (self._own, self._own.with_name(self._own.name + ".wal")):
                try:
                    stale.unlink(missing_ok=True)
                except PermissionError:
                    continue
