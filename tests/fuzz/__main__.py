"""`python -m tests.fuzz`: so many mutated documents through both shredders, in a few processes.

What differs is counted by kind, and the first cases of each sort are made small and written to the report. A batch that
ends its process, or does not come to an end, is halved until the one document is found. Exit code 1 with any of it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fuzz.campaign import BATCH, batch
from tests.fuzz.worker import BROKEN

_FOLDER = Path(".cache") / "fuzz"
_MOST_CRASHES = 20


@dataclass
class _Work:
    """One worker's share, over all the processes that it takes."""

    number: int
    options: argparse.Namespace
    process: subprocess.Popen[bytes] = field(init=False)
    done: list[dict[str, Any]] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)

    @property
    def state_file(self) -> Path:
        return self.options.folder / f"worker-{self.number}.json"

    def start(self, first: int) -> None:
        """Begin at a batch."""
        self.state_file.unlink(missing_ok=True)
        self.process = subprocess.Popen([*self._command(first), "--state", self.state_file], env=os.environ)

    def _command(self, first: int) -> list[Any]:
        options = self.options
        words = [("--seed", options.seed), ("--first", first), ("--step", options.processes), ("--end", options.end)]
        return [sys.executable, "-m", "tests.fuzz.worker", *(str(word) for pair in words for word in pair)]

    def state(self) -> dict[str, Any]:
        """What the running process has noted."""
        try:
            read: dict[str, Any] = json.loads(self.state_file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {"batch": 0, "mutants": 0, "accepted": 0, "handed_over": 0, "kinds": {}, "kept": []}
        return read

    def go_on(self) -> bool:
        """Whether there is still work; behind the batch at which a process ended badly, another goes on."""
        code = self.process.poll()
        if code is None:
            return True
        self.done.append(self.state())
        if code == 0:
            return False
        if code == BROKEN or not self.state_file.exists() or len(self.crashes) >= _MOST_CRASHES:
            self.crashes.append(f"a worker ended with code {code}")
            return False
        at = self.done[-1]["batch"]
        self.crashes.append(f"batch {at} ended the process with code {code}\n{self._culprit(at)}")
        self.start(at + self.options.processes)
        return at + self.options.processes < self.options.end

    def _culprit(self, number: int) -> str:
        """The one document of a batch that ends the process, or as few as it takes."""
        low, high = 0, BATCH
        while high - low > 1:
            middle = (low + high) // 2
            if self._ends_badly(number, low, middle):
                high = middle
            elif self._ends_badly(number, middle, high):
                low = middle
            else:
                break
        found = batch(self.options.seed, number)
        documents = "\n".join(repr(each) for each in found.documents[low:high][:5])
        return f"documents {low} to {high - 1}, plan {found.plan_number}, text {found.text}\n{documents}"

    def _ends_badly(self, number: int, low: int, high: int) -> bool:
        command = [*self._command(number), "--documents", f"{low}:{high}"]
        return subprocess.run(command, capture_output=True, check=False).returncode != 0


def main() -> int:
    """Run the campaign; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--mutants", type=int, default=int(os.environ.get("FUZZ", "1000000")))
    parser.add_argument("--seed", type=int, default=int(os.environ.get("FUZZ_SEED", "1")))
    parser.add_argument("--processes", type=int, default=min(os.cpu_count() or 1, 2))
    parser.add_argument("--folder", type=Path, default=_FOLDER)
    options = parser.parse_args()
    options.end = -(-options.mutants // BATCH)
    options.folder.mkdir(parents=True, exist_ok=True)
    works = [_Work(number, options) for number in range(options.processes)]
    began = shown = time.monotonic()
    for work in works:
        work.start(work.number)
    running = works
    while running:
        time.sleep(0.2)
        running = [work for work in running if work.go_on()]
        if time.monotonic() - shown > 20:
            shown = time.monotonic()
            print(_line(_total(works, running), shown - began), flush=True)
    total = _total(works, [])
    crashes = [crash for work in works for crash in work.crashes]
    print(_line(total, time.monotonic() - began))
    if not total["kinds"] and not crashes:
        print(f"no disagreement in {total['mutants']:,} mutants (seed {options.seed})")
        return 0
    report = options.folder / "disagreements.txt"
    report.write_text("\n\n".join([*crashes, *total["kept"]]) + "\n", encoding="utf-8")
    print(f"{sum(total['kinds'].values()):,} disagreements, {len(crashes)} crashes: see {report}")
    return 1


def _total(works: list[_Work], running: list[_Work]) -> dict[str, Any]:
    states = [state for work in works for state in (*work.done, *([work.state()] if work in running else []))]
    kinds: Counter[str] = Counter()
    for state in states:
        kinds.update(state["kinds"])
    summed = {name: sum(state[name] for state in states) for name in ("mutants", "accepted", "handed_over")}
    return {**summed, "kinds": kinds, "kept": [kept for state in states for kept in state["kept"]]}


def _line(total: dict[str, Any], seconds: float) -> str:
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(total["kinds"].items())) or "no disagreement"
    return (
        f"{seconds:.0f} s: {total['mutants']:,} mutants, {total['accepted']:,} accepted by the reference, "
        f"{total['handed_over']:,} handed to it: {kinds}"
    )


if __name__ == "__main__":
    sys.exit(main())
