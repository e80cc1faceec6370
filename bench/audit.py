"""What audit files cost a run, and how long purging, verifying and reconciling take.

python -m bench audit
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.loans import make_job
from bench.measure import in_process_of_its_own
from columnar.audit.verify import verify_audit
from columnar.jobs.job import Job
from columnar.jobs.job_file import read_job, read_plan
from columnar.jobs.options import RunOptions
from columnar.purging.options import PurgeOptions
from columnar.purging.purge import purge_job
from columnar.reconciling.options import ReconcileOptions
from columnar.reconciling.reconcile import reconcile_job
from columnar.running.run import run_job
from columnar.sizes import parse_size

DOCUMENTS = {"5 KB": 10_000, "230 KB": 1000}
MEMORY = "1GB"
ROUNDS = 3
STAGES = {
    "no files": [],
    "as by default": ["duplicates", "quarantine"],
    "loaded": ["duplicates", "quarantine", "loaded"],
    "without raw": ["extracted", "duplicates", "quarantine", "loaded"],
    "all": ["raw", "extracted", "duplicates", "quarantine", "loaded"],
}


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="columnar-bench-") as name:
        for profile, count in DOCUMENTS.items():
            folder = Path(name) / str(count)
            make_job(folder, profile, count)
            rounds: dict[str, list[dict[str, Any]]] = {stages: [] for stages in STAGES}
            for _ in range(ROUNDS):
                for stages, found in rounds.items():
                    found.append(in_process_of_its_own("bench.audit", str(folder), stages))
            _show(profile, rounds)
            _show_others(in_process_of_its_own("bench.audit", str(folder), "all", "others"))


def _show(profile: str, rounds: dict[str, list[dict[str, Any]]]) -> None:
    plain = rounds["no files"]
    print(f"documents of {profile}, medians of {ROUNDS} interleaved runs, --memory {MEMORY}")
    for stages, found in rounds.items():
        rate = statistics.median(each["documents"] / each["seconds"] for each in found)
        ratio = statistics.median(each["seconds"] / other["seconds"] for each, other in zip(found, plain, strict=True))
        peak, size = max(each["peak"] for each in found) / 1e6, found[-1]["bytes"] / 1e6
        print(f"  {stages:14} {rate:8,.0f} documents/s  {ratio:5.2f} x no files  {size:8,.1f} MB  peak {peak:5,.0f} MB")


def _show_others(found: dict[str, Any]) -> None:
    for what, seconds in found["others"].items():
        print(f"  {what:34} {seconds:8.2f} s")


def _job(folder: Path, stages: str) -> Job:
    job = read_job(folder / "job.yaml")
    audit = {"folder": f"audit-{stages}", "stages": STAGES[stages]}
    return Job.model_validate({**job.model_dump(by_alias=True), "base": job.base, "audit": audit})


def one(folder: Path, stages: str, *, others: bool) -> None:
    """One run into a new target, in a process of its own; with `others` what comes after it."""
    import shutil

    for stale in folder.glob("target.duckdb*"):
        stale.unlink()
    shutil.rmtree(folder / ".columnar", ignore_errors=True)
    shutil.rmtree(folder / f"audit-{stages}", ignore_errors=True)
    job = _job(folder, stages)
    plan, options = read_plan(job), RunOptions(memory=parse_size(MEMORY))
    run = run_job(job, plan, options)
    size = sum(path.stat().st_size for path in folder.glob(f"audit-{stages}/**/*.parquet"))
    told: dict[str, Any] = {"documents": run.receipt.documents, "seconds": run.seconds, "peak": run.peak_memory}
    told |= {"bytes": size}
    if others:
        told["others"] = _others(job, run.id, options)
    print(json.dumps(told))


def _others(job: Job, run: str, options: RunOptions) -> dict[str, float]:
    plan = read_plan(job)
    steps = {
        "audit verify": lambda: verify_audit(job),
        "reconcile --sample 200": lambda: reconcile_job(job, ReconcileOptions(sample=200)),
        "purge a tenth": lambda: purge_job(job, PurgeOptions(chunks=(1,))),
        "run, which loads it anew": lambda: run_job(job, plan, options),
        "purge the whole run": lambda: purge_job(job, PurgeOptions(run=run)),
    }
    found = {}
    for what, step in steps.items():
        started = time.perf_counter()
        step()
        found[what] = time.perf_counter() - started
    return found


if __name__ == "__main__":
    one(Path(sys.argv[1]), sys.argv[2], others=len(sys.argv) > 3)
