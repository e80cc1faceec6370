"""One run of a folder's job into a new target, in a process of its own.

    python -m bench.one_run FOLDER MEMORY [stub]

Prints JSON: documents, bytes, seconds (of the run, start to proof), peak, chunks, and seconds per stage. `stub`:
documents are not shredded; each batch gets tables that were shredded before, so that what the rest can carry shows.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from columnar.jobs.job_file import read_job, read_plan
from columnar.jobs.options import RunOptions
from columnar.running.run import run_job
from columnar.sizes import parse_size
from transforms.contract.plan import ContractPlan
from transforms.shred import LxmlShredder, Shredded
from transforms.shred.result import REFUSED_SCHEMA


class StubShredder:
    """Answers with ready tables: those of the first documents it saw, cut and numbered for each batch."""

    def __init__(self, plan: ContractPlan) -> None:
        self._plan = plan
        self._known: dict[int, Shredded] = {}

    def shred(self, documents: pa.Array, keys: Mapping[str, pa.Array] | None = None) -> Shredded:
        """Shred the first batch of every length; answer from memory after that."""
        count = len(documents)
        if count not in self._known:
            self._known[count] = LxmlShredder(self._plan).shred(documents, keys)
        known = self._known[count]
        return Shredded(known.extracts, REFUSED_SCHEMA.empty_table(), known.several)


def main(folder: Path, memory: str, *, stub: bool) -> None:
    """Run it."""
    for stale in folder.glob("target.duckdb*"):
        stale.unlink()
    job = read_job(folder / "job.yaml")
    plan = read_plan(job)
    shredder = StubShredder(plan) if stub else None
    if stub:  # the same documents again and again: all but the first batch would be duplicates
        job = job.model_copy(update={"duplicates": None})
        plan = _without_keys(plan)
    run = run_job(job, plan, RunOptions(memory=parse_size(memory)), shredder=shredder)
    found = {"documents": run.receipt.documents, "bytes": run.receipt.bytes, "seconds": run.seconds}
    found |= {
        "peak": run.peak_memory,
        "chunks": run.chunks,
        "stages": run.receipt.seconds,
        "rows": sum(run.receipt.rows.values()),
    }
    print(json.dumps(found))


def _without_keys(plan: ContractPlan) -> ContractPlan:
    from dataclasses import replace

    return replace(plan, tables=tuple(replace(table, key=()) for table in plan.tables))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], stub="stub" in sys.argv[3:])
