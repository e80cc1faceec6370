"""What the canonical fingerprint costs beside reading, shredding and converting, in processor time."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from bench.loans import make_job
from columnar.dedupe.job_entries import prepared_chunks
from columnar.jobs.job_file import read_job, read_plan
from columnar.jobs.options import RunOptions
from columnar.looking.look import look_at_session
from transforms.canonical import canonical_fingerprints
from transforms.fingerprint import FINGERPRINT_TYPE

DOCUMENTS = 2000
_ROUNDS = 3


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="columnar-bench-") as name:
        folder = Path(name)
        make_job(folder, "230 KB", DOCUMENTS)
        job = read_job(folder / "job.yaml")
        with look_at_session(job, read_plan(job), RunOptions()) as session:
            started = _processor()
            chunks = list(prepared_chunks(session))
            before = _processor() - started
        cells = sum(len(table) * table.num_columns for chunk in chunks for table in chunk.tables.values())
        best = float("inf")
        for _ in range(_ROUNDS):
            started = _processor()
            for chunk in chunks:
                assert canonical_fingerprints(chunk.tables, len(chunk.documents)).type == FINGERPRINT_TYPE
            best = min(best, _processor() - started)
        print(f"{DOCUMENTS:,} documents of 230 KB, {cells:,} cells, seconds of processor time")
        print(f"  read, shred, convert    {before:6.2f}")
        print(
            f"  canonical fingerprint   {best:6.2f}   {best / before:.2f} of that, {best / cells * 1e9:.0f} ns a cell"
        )


def _processor() -> float:
    times = os.times()
    return times.user + times.system
