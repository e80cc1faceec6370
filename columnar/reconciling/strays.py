"""Rows of the target that no document of any job brought: found by their keys, with DuckDB holding those of the
documents."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from columnar.bookkeeping.ledger import BASELINE, DOCUMENT
from columnar.lineage.links import DocumentLink
from columnar.reconciling.report import Difference
from columnar.running.decide import DuplicateRule
from loaders.duckdb_engine import DuckDBEngine, duckdb_errors
from loaders.sink import Sink

_KEYS = "columnar_reconciled_keys"


class StrayRows:
    """Knows the key of every document that was ever loaded. They are held by the engine, which spills."""

    def __init__(self, engine: DuckDBEngine, sink: Sink) -> None:
        self._sink = sink
        self._cursor = engine.cursor()
        with duckdb_errors("keys of documents"):
            self._cursor.execute(f"CREATE OR REPLACE TEMP TABLE {_KEYS} (key VARCHAR)")
            for batch in sink.stream(DOCUMENT.name, ["root_key"], {"outcome": "loaded"}):
                self._cursor.register("columnar_batch", batch)
                self._cursor.execute(
                    f"INSERT INTO {_KEYS} SELECT root_key FROM columnar_batch WHERE root_key IS NOT NULL"
                )
                self._cursor.unregister("columnar_batch")
        rows = sink.read(BASELINE.name, ["table", "rows"], {}).to_pylist()
        self._before = {row["table"]: row["rows"] for row in rows}

    def of(self, link: DocumentLink, rule: DuplicateRule) -> Iterator[Difference]:
        """The strays of one table; none where no more are there than before the first job."""
        strays: list[str] = []
        for batch in self._sink.stream(link.table.name, list(link.columns), {}):
            keys = link.root_keys(pa.Table.from_batches([batch]), rule)
            with duckdb_errors("keys of rows"):
                self._cursor.register("columnar_batch", pa.table({"key": keys}))
                sql = f"SELECT key FROM columnar_batch WHERE key IS NULL OR key NOT IN (SELECT key FROM {_KEYS})"
                strays += [str(row[0]) for row in self._cursor.execute(sql).fetchall()]
                self._cursor.unregister("columnar_batch")
        if len(strays) > self._before.get(link.table.name, 0):
            names = ", ".join(link.columns)
            for key in strays:
                yield Difference("stray_row", table=link.table.name, key=f"{names} = {key}")

    def close(self) -> None:
        """Forget the keys."""
        self._cursor.close()
