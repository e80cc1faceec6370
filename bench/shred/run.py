"""The benchmark's run: verify, time, measure memory, report."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from bench.measure import interleaved, repeated
from bench.shred.cases import KINDS, Case, case_of
from bench.shred.contestants import (
    NAMES,
    NATIVE_WORKERS,
    OF_TWO_THREADS,
    REFERENCE_2,
    XML2ARROW,
    SkippedError,
    contestant,
)
from bench.shred.figures import Figures
from bench.shred.limits import Limits
from bench.shred.memory import can_measure, growth
from bench.shred.report import as_json, lines_of, lines_of_targets, machine
from bench.shred.targets import targets
from bench.shred.verify import DifferentError, Verified, verify
from bench.shred.xml2arrow_mapping import mapping_of

ROUNDS = 5
TURN = 0.3  # seconds: who is done sooner shreds everything again, within the same turn


def main(arguments: list[str] | None = None) -> int:
    """Measure and print. arguments: the options. The exit code: 1 where a shredder's tables are wrong."""
    options = _options(arguments or [])
    print(machine() + (", processor time" if options.cpu else ""))
    all_figures: list[Figures] = []
    wrong = 0
    for case in _cases(options.case or list(KINDS)):
        try:
            figures = _measure(case, options)
        except DifferentError as error:
            print(f"WRONG RESULT, not timed: {error}\n", file=sys.stderr, flush=True)
            wrong += 1
            continue
        print("\n".join(lines_of(figures)), end="\n\n", flush=True)
        all_figures.append(figures)
    found = [target for figures in all_figures for target in targets(figures)]
    print("\n".join(lines_of_targets(found)))
    if options.json:
        everything = as_json(all_figures, found, rounds=options.rounds, cpu=options.cpu)
        options.json.write_text(json.dumps(everything, indent=1) + "\n")
    return 1 if wrong else 0


def _cases(names: list[str]) -> Iterator[Case]:
    for name in names:
        case = case_of(KINDS[name])
        if case is None:
            print(f"{name}: left out, {KINDS[name].absent}")
        else:
            yield case


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench shred")
    parser.add_argument("--case", action="append", choices=list(KINDS), help="only this kind; may be given repeatedly")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often it is each contestant's turn")
    parser.add_argument("--no-memory", dest="memory", action="store_false", help="do not measure memory")
    parser.add_argument("--cpu", action="store_true", help="processor time instead of wall time, for a busy machine")
    parser.add_argument("--json", type=Path, help="file for all figures")
    options = parser.parse_args(arguments)
    if options.rounds < 1:
        parser.error("--rounds is 1 or more")
    return options


def _measure(case: Case, options: argparse.Namespace) -> Figures:
    verified = verify(case)
    case = verified.case
    with tempfile.TemporaryDirectory(prefix="columnar-bench-") as name:
        folder = Path(name)
        runs, sizes, skipped = _contestants(case, folder, cpu=options.cpu)
        clock = time.process_time if options.cpu else time.perf_counter
        measured = [name for name in runs if name in NAMES and name not in (NATIVE_WORKERS, REFERENCE_2)]
        return Figures(
            case=case.name,
            loans=case.loans,
            repeated=case.repeated,
            documents=len(case.documents),
            refused=verified.refused,
            columns=case.columns,
            bytes=sizes,
            seconds=interleaved(runs, options.rounds, clock=clock, measured=partial(repeated, least=TURN)),
            memory=_memory(case, measured, folder) if options.memory and can_measure() else {},
            skipped=skipped,
            notes=tuple(_notes(verified, skipped)),
        )


def _contestants(
    case: Case, folder: Path, *, cpu: bool
) -> tuple[dict[str, Callable[[], object]], dict[str, int], dict[str, str]]:
    """What to run, how many bytes each reads, and who is left out and why."""
    runs: dict[str, Callable[[], object]] = {}
    sizes: dict[str, int] = {}
    skipped: dict[str, str] = {}
    for name in NAMES:
        if cpu and name in OF_TWO_THREADS:
            skipped[name] = "takes as much processor time as one thread, or more"
            continue
        try:
            one = contestant(name, case, folder)
        except SkippedError as error:
            skipped[name] = str(error)
            continue
        runs[name], sizes[name] = one.run, one.bytes
    limits = Limits.compile(folder)
    if limits is None:
        skipped["the machine's limits"] = "need a C compiler (cc) and, on x86, AVX2"
    else:
        scans = limits.over(case.documents)
        runs |= scans
        sizes |= dict.fromkeys(scans, case.size)
    return runs, sizes, skipped


def _memory(case: Case, names: list[str], folder: Path) -> dict[str, dict[str, int]]:
    documents = folder / f"{case.name}.arrow"
    found = {name: growth(name, case, documents) for name in names}
    documents.unlink()
    return found


def _notes(verified: Verified, skipped: dict[str, str]) -> list[str]:
    case, notes = verified.case, []
    if not verified.native:
        notes.append(f"native: the reference's tables, on all {len(case.documents) + verified.refused:,} documents")
    if verified.ways:
        notes.append("ways: " + ", ".join(f"{way} {documents:,}" for way, documents in verified.ways))
    mapping = mapping_of(case.plan)
    if mapping is not None and XML2ARROW not in skipped:
        notes.append(f"xml2arrow: its mapping can say {mapping.columns} of the {mapping.of} columns")
    return notes
