"""Reading a DuckDB source by chunks against the bare engine reading the same column in one go."""

from __future__ import annotations

import tempfile
from pathlib import Path

import duckdb

from bench.loans import make_job
from bench.measure import interleaved, show
from loaders.duckdb_engine import DuckDBEngine
from loaders.duckdb_source import DuckDBSource, DuckDBSourceOptions
from loaders.source import EVERYTHING, ReadLimits

DOCUMENTS = 1500


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="columnar-bench-") as name:
        folder = Path(name)
        make_job(folder, "230 KB", DOCUMENTS)
        sizes: list[int] = []
        cases = {"bare engine, streamed": lambda: _bare(folder, sizes), "by chunks": lambda: _chunks(folder)}
        seconds = interleaved(cases, rounds=5)
        show("documents of 230 KB", seconds, "bare engine, streamed", amount=sizes[0] / 1e6, unit="MB/s")


def _bare(folder: Path, sizes: list[int]) -> None:
    with duckdb.connect(str(folder / "source.duckdb"), read_only=True) as connection:
        reader = connection.sql("SELECT loan_id, document FROM loan_application").to_arrow_reader(64)
        sizes.append(sum(batch.nbytes for batch in reader))


def _chunks(folder: Path) -> None:
    engine = DuckDBEngine(memory_bytes=200_000_000, spill=folder / "spill", threads=2)
    options = DuckDBSourceOptions(folder / "source.duckdb", ("loan_id",), "document", table="loan_application")
    source = DuckDBSource(engine, options)
    limits = ReadLimits(batch_bytes=16_000_000, document_bytes=64 * 1024 * 1024)
    for cut in source.cut(EVERYTHING, rows=5000, total_bytes=256_000_000):
        with source.read(cut.range, limits) as read:
            for _ in read.batches():
                pass
    engine.close()
