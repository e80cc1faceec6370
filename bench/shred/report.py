"""Figures as text and as JSON."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.shred.contestants import NATIVE, PARSE, XPATH
from bench.shred.figures import Figures
from bench.shred.limits import STRUCTURAL
from bench.shred.targets import Target

_PEERS = {XPATH: "lxml XPath", PARSE: "lxml parse", STRUCTURAL: "the scan"}


def machine() -> str:
    """The processor, how many of it there are, and the system."""
    return f"{_processor()}, {os.cpu_count()} processors, {platform.system()} {platform.machine()}"


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown processor"


def lines_of(figures: Figures) -> Iterator[str]:
    """A case as a table."""
    size = figures.bytes.get(NATIVE, max(figures.bytes.values())) / 1e6
    refused = f" ({figures.refused} more are refused)" if figures.refused else ""
    yield f"{figures.case}: {figures.documents:,} documents, {size:.1f} MB, {figures.columns} columns{refused}"
    yield from (f"  {note}" for note in figures.notes)
    heads = "".join(f"{'x ' + title:>14}" for title in _PEERS.values())
    grows = f"{'grows by MB':>13}{'x input':>9}{'x output':>9}" if figures.memory else ""
    yield f"  {'':24}{'MB/s':>10}{heads}{grows}"
    for name in figures.seconds:
        yield f"  {name:24}{figures.rate(name):10,.1f}{_ratios(figures, name)}{_memory(figures, name)}"
    for name, why in figures.skipped.items():
        yield f"  {name:24}{why}"


def _ratios(figures: Figures, name: str) -> str:
    found = [figures.times(name, peer) for peer in _PEERS]
    return "".join(" " * 14 if ratio is None else f"{ratio:14.3f}" for ratio in found)


def _memory(figures: Figures, name: str) -> str:
    found = figures.memory.get(name)
    if found is None:
        return ""
    grown, output = found["growth"], found["output"]
    over = f"{grown / output:9.2f}" if output else ""
    return f"{grown / 1e6:13,.1f}{grown / found['input']:9.2f}{over}"


def lines_of_targets(found: Sequence[Target]) -> Iterator[str]:
    """The targets as a table."""
    yield "targets of the native shredder, one thread where nothing else is said"
    width = max((len(target.case) for target in found), default=0)
    for target in sorted(found, key=lambda target: target.title):
        value = "" if target.found is None else f"{target.found:.2f}"
        yield f"  {target.title:38}{target.case:{width}}  >= {target.wanted:5.2f} {value:>8}  {target.verdict}"


def as_json(all_figures: Sequence[Figures], found: Sequence[Target], *, rounds: int, cpu: bool) -> dict[str, Any]:
    """All of it, with the seconds of every round."""
    cases = {
        figures.case: asdict(figures)
        | {
            "rates": {name: figures.rate(name) for name in figures.seconds},
            "times": {
                name: {peer: figures.times(name, peer) for peer in (*_PEERS, NATIVE) if peer in figures.seconds}
                for name in figures.seconds
            },
        }
        for figures in all_figures
    }
    verdicts = [asdict(target) | {"verdict": target.verdict} for target in found]
    return {
        "machine": machine(),
        "rounds": rounds,
        "unit": "MB/s",
        "clock": "processor" if cpu else "wall",
        "cases": cases,
        "targets": verdicts,
    }
