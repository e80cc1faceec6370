"""Incoming keys against staged ones: the product's way, the bare engine's own anti-join, and Polars.

python -m bench dedupe                                            2 million keys against 10 million
python -m bench.dedupe --incoming 1000000 --staged 100000000      as many as you like

Keys are texts as the product stages them, of one number each; one incoming key in ten is staged. Each way runs in a
process of its own, so that its memory is its own; the product and the bare engine in one, in turn, so that both meet
the same machine.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa

from bench.measure import in_process_of_its_own, interleaved, median_ratio
from columnar.running.budget import peak_memory
from loaders.duckdb_engine import DuckDBEngine
from loaders.staged_keys import STAGED_SCHEMA, StagedKeys
from transforms.duplicates import decide

INCOMING, STAGED = 2_000_000, 10_000_000
MEMORY = 2_000_000_000
_BATCH = 1_000_000
# What the product may take of the bare engine's time.
MOST = 1.3


def keys(first: int, count: int, step: int = 1) -> pa.Table:
    """Keys as `canonical_keys` writes them, in no order: numbers from `first`, `step` apart, multiplied so that they
    are spread."""
    number = f"(range * {step} + {first}) * 7919 % 1000000007"
    return duckdb.sql(f"""SELECT '["' || ({number}) || '"]' AS key FROM range({count})""").to_arrow_table()


def batches(staged: int) -> Iterator[pa.Table]:
    """What is staged: keys from 0, of documents that the job loaded."""
    for first in range(0, staged, _BATCH):
        rows = keys(first, min(_BATCH, staged - first))
        count = len(rows)
        columns = [
            rows["key"].cast(pa.string()),
            pa.nulls(count, pa.binary()),
            rows["key"].cast(pa.string()),
            pa.array(["target"] * count),
            pa.array([1] * count, pa.int32()),
            pa.array([1] * count, pa.int64()),
        ]
        yield pa.table(columns, schema=STAGED_SCHEMA)


def incoming(count: int, staged: int) -> pa.Table:
    """Candidates: one in ten is staged."""
    known = keys(0, count // 10, max(1, staged // max(1, count // 10)))
    fresh = keys(staged, count - len(known))
    listed = pa.concat_tables([known, fresh])["key"].combine_chunks().cast(pa.string())
    return pa.table(
        {
            "document": pa.array(range(count), pa.int64()),
            "source_key": listed,
            "key": listed,
            "fingerprint": pa.nulls(count, pa.binary()),
        }
    )


def main() -> int:
    """2 million against 10 million; the exit code says whether the product keeps to its bound."""
    return compare(INCOMING, STAGED, rounds=5)


def compare(count: int, staged: int, *, rounds: int) -> int:
    """All ways."""
    with tempfile.TemporaryDirectory(prefix="columnar-bench-") as name:
        folder = Path(name)
        numbers = ("--incoming", str(count), "--staged", str(staged), "--folder", str(folder), "--rounds", str(rounds))
        print(f"{count:,} incoming keys against {staged:,} staged ones, {MEMORY / 1e9:.0f} GB for the engine")
        made = in_process_of_its_own("bench.dedupe", "--way", "stage", *numbers)
        _show("staged", made["seconds"], made["peak"], f"{made['bytes'] / 1e9:.2f} GB file")
        code = 0
        for way in ("duckdb", "polars", "polars_scan"):
            found = in_process_of_its_own("bench.dedupe", "--way", way, *numbers)
            for case, each in found["cases"].items():
                _show(case, each["seconds"], found["peak"], f"{each['new']:,} new")
            if "ratio" in found:
                print(f"  the semi-join is {found['ratio']:.2f} x the bare anti-join; at most {MOST}")
                code = int(found["ratio"] > MOST)
    return code


def _show(what: str, seconds: float, peak: int, more: str) -> None:
    print(f"  {what:34} {seconds:8.2f} s   {peak / 1e9:5.2f} GB peak   {more}", flush=True)


def _stage(folder: Path, staged: int) -> dict[str, Any]:
    started = time.perf_counter()
    engine = DuckDBEngine(memory_bytes=MEMORY, spill=folder / "spill", threads=2)
    known = StagedKeys(engine, folder / "keys.duckdb")
    known.stage(batches(staged))
    known.close()
    engine.close()
    seconds = time.perf_counter() - started
    with duckdb.connect(folder / "keys.duckdb", read_only=True) as file:
        file.execute(f"COPY (SELECT key FROM staged_key) TO '{folder / 'keys.parquet'}' (COMPRESSION zstd)")
    return {"seconds": seconds, "peak": peak_memory(), "bytes": (folder / "keys.duckdb").stat().st_size}


def _duckdb(folder: Path, candidates: pa.Table, rounds: int) -> dict[str, Any]:
    engine = DuckDBEngine(memory_bytes=MEMORY, spill=folder / "spill", threads=2)
    known = StagedKeys(engine, folder / "keys.duckdb")
    bare = engine.cursor()
    table = f"{engine.attach(folder / 'keys.duckdb', read_only=False)}.main.staged_key"
    bare.register("incoming", candidates.select(["key"]))
    counts: dict[str, int] = {}

    def product() -> None:
        counts["columnar: semi-join"] = len(candidates) - len(known.matching(candidates, by_fingerprint=False))

    def whole() -> None:
        found = known.matching(candidates, by_fingerprint=False).rename_columns({"place": "where"})
        decided = decide(candidates, found)["outcome"]
        counts["columnar: semi-join and decisions"] = decided.to_pylist().count("load")

    def engines_own() -> None:
        found = bare.sql(f"SELECT count(*) FROM incoming ANTI JOIN {table} AS s USING (key)").fetchall()
        counts["duckdb: anti-join"] = int(found[0][0])

    cases = {
        "columnar: semi-join": product,
        "columnar: semi-join and decisions": whole,
        "duckdb: anti-join": engines_own,
    }
    seconds = interleaved(cases, rounds)
    return {
        "cases": {
            name: {"seconds": sorted(values)[len(values) // 2], "new": counts[name]} for name, values in seconds.items()
        },
        "ratio": median_ratio(seconds["columnar: semi-join"], seconds["duckdb: anti-join"]),
        "peak": peak_memory(),
    }


def _polars(folder: Path, candidates: pa.Table, rounds: int, *, scan: bool) -> dict[str, Any]:
    mine = pl.DataFrame(candidates.select(["key"]))
    staged = pl.scan_parquet(folder / "keys.parquet")
    held = staged if scan else staged.collect().lazy()
    counts: dict[str, int] = {}
    name = "polars: anti-join, scanning" if scan else "polars: anti-join, in memory"

    def anti() -> None:
        joined = mine.lazy().join(held, on="key", how="anti").select(pl.len())
        counts[name] = int(joined.collect(engine="streaming").item())

    values = sorted(interleaved({name: anti}, rounds)[name])
    return {"cases": {name: {"seconds": values[len(values) // 2], "new": counts[name]}}, "peak": peak_memory()}


def run(arguments: Sequence[str]) -> int:
    """One way, as JSON; or all of them."""
    parser = argparse.ArgumentParser(prog="python -m bench.dedupe")
    parser.add_argument("--incoming", type=int, default=INCOMING)
    parser.add_argument("--staged", type=int, default=STAGED)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--way", choices=["stage", "duckdb", "polars", "polars_scan"])
    parser.add_argument("--folder", type=Path, default=Path())
    told = parser.parse_args(arguments)
    if told.way is None:
        return compare(told.incoming, told.staged, rounds=told.rounds)
    if told.way == "stage":
        found = _stage(told.folder, told.staged)
    else:
        candidates = incoming(told.incoming, told.staged)
        if told.way == "duckdb":
            found = _duckdb(told.folder, candidates, told.rounds)
        else:
            found = _polars(told.folder, candidates, told.rounds, scan=told.way == "polars_scan")
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
