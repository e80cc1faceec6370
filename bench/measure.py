"""Interleaved timing: A B A B …, so that both meet the same machine; medians, and the ratio pair by pair."""

from __future__ import annotations

import gc
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any


def interleaved(
    cases: Mapping[str, Callable[[], object]],
    rounds: int = 5,
    *,
    clock: Callable[[], float] = time.perf_counter,
    before: Callable[[], object] = lambda: None,
    measured: Callable[[Callable[[], object], Callable[[], float]], float] | None = None,
) -> dict[str, list[float]]:
    """Seconds of each case in each round, wall seconds by default; one round before that does not count.

    before: what is done before each, and not measured. measured: how; without it each runs once a round."""
    seconds: dict[str, list[float]] = {name: [] for name in cases}
    for turn in range(rounds + 1):
        for name, case in cases.items():
            before()
            taken = (measured or once)(case, clock)
            if turn:
                seconds[name].append(taken)
    return seconds


def once(case: Callable[[], object], clock: Callable[[], float]) -> float:
    """Seconds of one run."""
    started = clock()
    case()
    return clock() - started


def repeated(case: Callable[[], object], clock: Callable[[], float], *, least: float) -> float:
    """Seconds of one run, the median of as many as take `least` seconds: the first one meets what the case before left,
    and some meet what else the machine has to do.

    Objects that refer to each other are collected before, and not meanwhile, as timeit does: else a case pays for those
    that others hold.
    """
    gc.collect()
    collects = gc.isenabled()
    gc.disable()
    try:
        taken: list[float] = []
        while sum(taken) < least:
            taken.append(once(case, clock))
        return statistics.median(taken)
    finally:
        if collects:
            gc.enable()


def median_ratio(one: list[float], other: list[float]) -> float:
    """The median of one/other, pair by pair."""
    return statistics.median(a / b for a, b in zip(one, other, strict=True))


def show(title: str, seconds: dict[str, list[float]], peer: str, *, amount: float, unit: str) -> None:
    """A line a case: median rate, and how many times the peer's."""
    print(title)
    for name, values in seconds.items():
        rate = amount / statistics.median(values)
        times = median_ratio(seconds[peer], values)
        print(f"  {name:34} {rate:12,.1f} {unit}  {times:8.2f} x {peer}")


def in_process_of_its_own(module: str, *arguments: str) -> dict[str, Any]:
    """Run `python -m MODULE …`, which prints one JSON object as its last line: its own memory, its own caches."""
    done = subprocess.run([sys.executable, "-m", module, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{module} failed:\n{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
