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

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from columnar.jobs.job_file import read_job, read_plan
from columnar.jobs.options import RunOptions
from columnar.running.run import run_job
from columnar.sizes import parse_size
from transforms.contract.plan import ContractPlan
from transforms.shred import LxmlShredder, Shredded
from transforms.shred.result import REFUSED_SCHEMA, SEVERAL_SCHEMA, WAYS_SCHEMA


class StubShredder:
    """Answers any batch with the tables of the folder's first documents, repeated; they are shredded before the run."""

    def __init__(self, plan: ContractPlan, documents: pa.Array, keys: Mapping[str, pa.Array]) -> None:
        self._many = len(documents)
        self._known = LxmlShredder(plan).shred(documents, keys)

    def shred(self, documents: pa.Array, keys: Mapping[str, pa.Array] | None = None) -> Shredded:
        """As many documents as the batch has."""
        turns = range(0, len(documents), self._many)
        extracts = {name: self._repeated(table, turns, len(documents)) for name, table in self._known.extracts.items()}
        return Shredded(extracts, REFUSED_SCHEMA.empty_table(), SEVERAL_SCHEMA.empty_table(), WAYS_SCHEMA.empty_table())

    def _repeated(self, table: pa.Table, turns: range, count: int) -> pa.Table:
        numbers = [pc.add(table["_document"], pa.scalar(turn, pa.int64())) for turn in turns]
        whole = pa.concat_tables([table.set_column(0, table.schema.field(0), each) for each in numbers])
        return whole.filter(pc.less(whole["_document"], count))


def first_documents(folder: Path, count: int = 100) -> pa.Table:
    """Some documents of the folder's source."""
    with duckdb.connect(str(folder / "source.duckdb"), read_only=True) as connection:
        sql = f"SELECT loan_id::VARCHAR AS key, document FROM loan_application ORDER BY loan_id LIMIT {count}"
        return connection.sql(sql).to_arrow_table().combine_chunks()


def main(folder: Path, memory: str, *, stub: bool) -> None:
    """Run it."""
    for stale in folder.glob("target.duckdb*"):
        stale.unlink()
    job = read_job(folder / "job.yaml")
    plan = read_plan(job)
    shredder = None
    if stub:
        some = first_documents(folder)
        key = some["key"].combine_chunks()
        shredder = StubShredder(plan, some["document"].combine_chunks(), {"key": key, "loan_id": key})
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
