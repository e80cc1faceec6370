"""The keys of rows that are there already, of tables whose rows are compared: a part of the staged keys."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import duckdb
import pyarrow as pa

from loaders.duckdb_engine import duckdb_errors, first_row
from loaders.sql import quote

# A table of which all keys are staged has its key columns (JSON) and its number of rows in staged_row_table.
ROW_KEY_TABLES = (
    "staged_row_key (key_hash UBIGINT, table_name VARCHAR, key VARCHAR)",
    "staged_row_table (table_name VARCHAR, columns VARCHAR, rows BIGINT)",
)


class StagedRowKeys:
    """Canonical keys of rows, by table; those of a table count once all of them are staged.

    cursor, catalog: of the file that they are in; whoever has it makes ROW_KEY_TABLES there.
    """

    def __init__(self, cursor: duckdb.DuckDBPyConnection, catalog: str) -> None:
        self._cursor = cursor
        self._keys, self._tables = (catalog + quote(each.partition(" (")[0]) for each in ROW_KEY_TABLES)

    def tables(self) -> dict[str, tuple[tuple[str, ...], int]]:
        """The tables whose keys are staged: their key columns, and the rows they must have for these to be all."""
        with duckdb_errors("staged keys"):
            found = self._cursor.execute(f"SELECT table_name, columns, rows FROM {self._tables}").fetchall()
        return {name: (tuple(json.loads(columns)), rows) for name, columns, rows in found}

    def has(self, table: str) -> bool:
        """Whether all keys of that table's rows are staged."""
        with duckdb_errors("staged keys"):
            found = first_row(self._cursor, f"SELECT count(*) FROM {self._tables} WHERE table_name = ?", [table])
        return bool(found and found[0])

    def stage(self, table: str, columns: Iterable[str], batches: Iterable[pa.Array]) -> None:
        """Stage the keys of all rows of a table; none of `batches`: it has no row yet. Where `batches` fail on the way,
        it is as if they had not begun."""
        self.forget(table)
        rows = 0
        for keys in batches:
            with duckdb_errors("staged keys"):
                self._insert(table, keys)
            rows += len(keys)
        with duckdb_errors("staged keys"):
            self._cursor.execute(
                f"INSERT INTO {self._tables} VALUES (?, ?, ?)", [table, json.dumps(list(columns)), rows]
            )

    def forget(self, table: str) -> None:
        """Drop all that is known of a table."""
        with duckdb_errors("staged keys"):
            self._cursor.execute(f"DELETE FROM {self._tables} WHERE table_name = ?", [table])
            self._cursor.execute(f"DELETE FROM {self._keys} WHERE table_name = ?", [table])

    def known(self, table: str, keys: pa.Array) -> pa.Array:
        """Those of the keys that rows of the table have: each once, in no order."""
        if not self.has(table):
            raise ValueError(f"the keys of {table} are not staged")
        with duckdb_errors("staged keys"), self._registered(keys):
            found = self._cursor.sql(
                f"SELECT DISTINCT s.key FROM {self._keys} s SEMI JOIN given_keys g"
                " ON s.key_hash = hash(g.key) AND s.key = g.key WHERE s.table_name = ?",
                params=[table],
            ).to_arrow_table()
        return found["key"].combine_chunks().cast(pa.string())

    def change(self, lost: Mapping[str, pa.Array], added: Mapping[str, pa.Array], rows: Mapping[str, int]) -> None:
        """What a published chunk changes, in the transaction of the caller: keys of rows that are gone, keys that came,
        and by which number of rows each table grew."""
        for table, keys in lost.items():
            with self._registered(keys):
                self._cursor.execute(
                    f"DELETE FROM {self._keys} AS s USING given_keys AS g"
                    " WHERE s.table_name = ? AND s.key_hash = hash(g.key) AND s.key = g.key",
                    [table],
                )
        for table, keys in added.items():
            self._insert(table, keys)
        for table, count in rows.items():
            self._cursor.execute(f"UPDATE {self._tables} SET rows = rows + ? WHERE table_name = ?", [count, table])

    def _insert(self, table: str, keys: pa.Array) -> None:
        with self._registered(keys):
            self._cursor.execute(
                f"INSERT INTO {self._keys} SELECT hash(key), ?, key FROM given_keys WHERE key IS NOT NULL", [table]
            )

    @contextmanager
    def _registered(self, keys: pa.Array) -> Iterator[None]:
        self._cursor.register("given_keys", pa.table({"key": keys.cast(pa.string())}))
        try:
            yield
        finally:
            self._cursor.unregister("given_keys")
