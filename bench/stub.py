"""What everything but shredding can carry: the whole way with a shredder that returns ready tables."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from bench.loans import make_job
from bench.measure import in_process_of_its_own

DOCUMENTS = {"5 KB": 20_000, "230 KB": 2000}
ROUNDS = 3


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="columnar-bench-") as name:
        for profile, count in DOCUMENTS.items():
            folder = Path(name) / str(count)
            make_job(folder, profile, count)
            real, stub = [], []
            for _ in range(ROUNDS):
                real.append(in_process_of_its_own("bench.one_run", str(folder), "1GB"))
                stub.append(in_process_of_its_own("bench.one_run", str(folder), "1GB", "stub"))
            print(f"{count:,} documents of {profile}, medians of {ROUNDS} interleaved runs")
            for title, runs in (("with the lxml shredder", real), ("with the stub", stub)):
                rate = statistics.median(run["documents"] / run["seconds"] for run in runs)
                size = statistics.median(run["bytes"] / run["seconds"] for run in runs) / 1e6
                rows = statistics.median(run["rows"] / run["seconds"] for run in runs)
                print(f"  {title:24} {rate:8,.0f} documents/s  {size:7,.1f} MB/s  {rows:9,.0f} rows/s")
