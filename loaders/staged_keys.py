"""The keys already known, of documents and of rows, in a DuckDB file of the run's workspace."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa

from loaders.duckdb_engine import DuckDBEngine, duckdb_errors, first_row
from loaders.sql import quote

# key: canonical text of the duplicate key (null: fingerprint only); place: 'target' (there before this run) or 'run'.
STAGED_SCHEMA = pa.schema(
    [
        pa.field("key", pa.string()),
        pa.field("fingerprint", pa.binary()),
        pa.field("source_key", pa.string()),
        pa.field("place", pa.string(), nullable=False),
        pa.field("chunk", pa.int64()),
    ]
)


class StagedKeys:
    """Keys of published documents, and of the published rows of tables that skip a row whose key is there.

    Made anew from the target at the start of every run, so that a key counts only if its chunk was published; keys of a
    chunk are added once it is, and never before.

    The table is hashed by a 64-bit column for the join; equal hashes are confirmed by the keys themselves.
    """

    def __init__(self, engine: DuckDBEngine, path: Path) -> None:
        for stale in (path, path.with_name(path.name + ".wal")):
            stale.unlink(missing_ok=True)
        self._table = engine.attach(path, read_only=False) + ".main." + quote("staged_key")
        self._cursor = engine.cursor()
        with duckdb_errors("staged keys"):
            self._cursor.execute(
                f"CREATE TABLE {self._table} (key_hash UBIGINT, key VARCHAR, fingerprint BLOB, source_key VARCHAR,"
                " place VARCHAR, chunk BIGINT)"
            )
        self._row_table = self._table.removesuffix(quote("staged_key")) + quote("staged_row_key")
        self._staged_tables: set[str] = set()
        with duckdb_errors("staged keys"):
            self._cursor.execute(f"CREATE TABLE {self._row_table} (key_hash UBIGINT, table_name VARCHAR, key VARCHAR)")

    def clear(self) -> None:
        """Forget all keys."""
        with duckdb_errors("staged keys"):
            for table in (self._table, self._row_table):
                self._cursor.execute(f"DELETE FROM {table}")
        self._staged_tables.clear()

    def stage_rows(self, table: str, batches: Iterable[pa.Array]) -> None:
        """Add the canonical keys of rows of one table; none of `batches`: the table has no row yet. Where `batches` fail
        on the way, it is as if they had not begun: a key that is added again counts once."""
        for keys in batches:
            with duckdb_errors("staged keys"):
                self._cursor.register("keys_to_stage", pa.table({"key": keys.cast(pa.string())}))
                try:
                    self._cursor.execute(
                        f"INSERT INTO {self._row_table} SELECT hash(key), ?, key FROM keys_to_stage"
                        " WHERE key IS NOT NULL",
                        [table],
                    )
                finally:
                    self._cursor.unregister("keys_to_stage")
        self._staged_tables.add(table)

    def has_rows(self, table: str) -> bool:
        """Whether the keys of that table's rows have been staged."""
        return table in self._staged_tables

    def known_rows(self, table: str, keys: pa.Array) -> pa.Array:
        """Those of the keys that rows of the table have: each once, in no order."""
        if not self.has_rows(table):
            raise ValueError(f"the keys of {table} are not staged")
        with duckdb_errors("staged keys"):
            self._cursor.register("candidate_keys", pa.table({"key": keys.cast(pa.string())}))
            try:
                found = self._cursor.sql(
                    f"SELECT DISTINCT s.key FROM {self._row_table} s SEMI JOIN candidate_keys c"
                    " ON s.key_hash = hash(c.key) AND s.key = c.key WHERE s.table_name = ?",
                    params=[table],
                ).to_arrow_table()
            finally:
                self._cursor.unregister("candidate_keys")
        return found["key"].combine_chunks().cast(pa.string())

    def stage(self, batches: Iterable[pa.RecordBatch | pa.Table]) -> int:
        """Add keys (STAGED_SCHEMA); returns how many."""
        staged = 0
        for batch in batches:
            with duckdb_errors("staged keys"):
                self._cursor.register("keys_to_stage", batch)
                try:
                    self._cursor.execute(
                        f"INSERT INTO {self._table}"
                        " SELECT hash(key), key, fingerprint, source_key, place, chunk FROM keys_to_stage"
                    )
                finally:
                    self._cursor.unregister("keys_to_stage")
            staged += len(batch)
        return staged

    def matching(self, candidates: pa.Table, *, by_fingerprint: bool) -> pa.Table:
        """The staged keys that a candidate (columns key, fingerprint) has: STAGED_SCHEMA, a semi-join in the engine."""
        joins = ["SELECT s.* FROM {table} s SEMI JOIN candidate_keys c ON s.key_hash = hash(c.key) AND s.key = c.key"]
        if by_fingerprint:
            joins.append("SELECT s.* FROM {table} s SEMI JOIN candidate_keys c ON s.fingerprint = c.fingerprint")
        query = " UNION ".join(joins).format(table=self._table)
        with duckdb_errors("staged keys"):
            self._cursor.register("candidate_keys", candidates.select(["key", "fingerprint"]))
            try:
                found = self._cursor.sql(
                    f"SELECT key, fingerprint, source_key, place, chunk FROM ({query})"
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
