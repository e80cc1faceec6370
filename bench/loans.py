"""The demonstration's documents and contract, as benchmarks use them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pyarrow as pa

from columnar.demo.documents import generate
from columnar.demo.job import CONTRACT_FILE, contract_text, job_text
from columnar.demo.profile import MEASURED, Profile
from columnar.demo.source import write_source
from transforms.contract import ContractPlan, read_contract

PROFILES = {"5 KB": Profile.small(), "230 KB": MEASURED}


@cache
def plan() -> ContractPlan:
    """The compiled contract."""
    return read_contract(contract_text(), name=CONTRACT_FILE)


def documents(profile: str, count: int) -> pa.Array:
    """So many documents as one array."""
    batches = generate(count, seed=1, profile=PROFILES[profile])
    return pa.concat_arrays([batch.column("document") for batch in batches])


def keys(count: int) -> dict[str, pa.Array]:
    """Source keys for them."""
    texts = pa.array([str(key) for key in range(count)], pa.string())
    return {"key": texts, "loan_id": texts}


def make_job(folder: Path, profile: str, count: int) -> Path:
    """A folder with source, contract and job; the job's path."""
    folder.mkdir(parents=True, exist_ok=True)
    write_source(folder / "source.duckdb", count, seed=1, profile=PROFILES[profile])
    (folder / CONTRACT_FILE).write_text(contract_text())
    job = folder / "job.yaml"
    job.write_text(job_text("source.duckdb", "target.duckdb"))
    return job
