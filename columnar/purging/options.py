"""Which documents are purged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from columnar.errors import JobError
from columnar.jobs.options import RunOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeOptions:
    """One of three: run: all that this run published. chunks: those of these ranges (below zero: of a retry). keys:
    those under these source keys, as people type them.

    on_step: called with the name of every step boundary; what it raises ends the purge. memory: bytes.
    on_wait: as in RunOptions.
    """

    run: str | None = None
    chunks: tuple[int, ...] = ()
    keys: tuple[str, ...] = ()
    memory: int | None = None
    on_step: Callable[[str], None] = RunOptions().on_step
    on_wait: Callable[[str], None] = RunOptions().on_wait

    def check(self) -> None:
        """JobError where nothing is named, or too much."""
        named = [self.run is not None, bool(self.chunks), bool(self.keys)]
        if sum(named) != 1:
            message = "say what to purge" if not any(named) else "purge a run, or chunks, or keys: not several of them"
            raise JobError(message, hint="--run ID, --chunk N or --key KEY; `columnar status` names the last run")

    def of_run(self) -> RunOptions:
        """What of it a run is told too."""
        return RunOptions(memory=self.memory, on_step=self.on_step, on_wait=self.on_wait)
