"""The whole job against document-by-document loading: same documents, same contract, both into DuckDB."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from typing import Any

from bench.loans import make_job
from bench.measure import in_process_of_its_own

DOCUMENTS = {"5 KB": 5000, "230 KB": 1000}
PEER_DOCUMENTS = {"5 KB": 500, "230 KB": 200}
MEMORY = "1GB"
ROUNDS = 3


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="columnar-bench-") as name:
        for profile, count in DOCUMENTS.items():
            ours, theirs = Path(name) / f"{count}", Path(name) / f"peer {count}"
            make_job(ours, profile, count)
            make_job(theirs, profile, PEER_DOCUMENTS[profile])
            runs, peers = [], []
            for _ in range(ROUNDS):
                runs.append(in_process_of_its_own("bench.one_run", str(ours), MEMORY))
                peers.append(in_process_of_its_own("bench.peer", str(theirs)))
            _show(profile, runs, peers)


def _show(profile: str, runs: list[dict[str, Any]], peers: list[dict[str, Any]]) -> None:
    ratio = statistics.median(_rate(run) / _rate(peer) for run, peer in zip(runs, peers, strict=True))
    print(f"documents of {profile}, medians of {ROUNDS} interleaved runs, --memory {MEMORY}")
    for name, found in (("columnar", runs), ("document by document", peers)):
        rate = statistics.median(map(_rate, found))
        size = statistics.median(each["bytes"] / each["seconds"] for each in found) / 1e6
        peak = max(each["peak"] for each in found) / 1e6
        print(f"  {name:22} {rate:8,.0f} documents/s  {size:7,.1f} MB/s  {peak:6,.0f} MB at the peak")
    print(f"  {ratio:.1f} times as fast")
    chunks = runs[-1]["chunks"]
    stages = {stage: 1000 * value / chunks for stage, value in runs[-1]["stages"].items()}
    per_chunk = ", ".join(f"{stage} {value:,.0f}" for stage, value in stages.items())
    print(f"  milliseconds a chunk ({runs[-1]['documents'] // chunks} documents): {per_chunk}")


def _rate(found: dict[str, Any]) -> float:
    return float(found["documents"] / found["seconds"])
