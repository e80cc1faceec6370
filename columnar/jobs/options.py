"""What one run may be told beside its job."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from columnar.bookkeeping.receipt import Progress
from transforms.shred.choose import ShredderKind


def _ignore_step(_: str) -> None:
    """The default observer of steps and of waiting."""


def _ignore_progress(_: Progress) -> None:
    """The default observer of progress."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """Options of one run; what is None follows the job.

    limit: only the first so many documents of the selection, in source order. where_key: only keys `(from, to)`, both
    inclusive, each a tuple of texts, None for open. new_generation: read everything again, as after a change of the
    contract. moved: the same documents are now at the job's source. memory: bytes. max_quarantine: documents. shredder:
    which one serves (its name will do).
    on_step: called with the name of every step boundary, in the thread that takes it; what it raises ends the run.
    on_progress: called now and then. on_wait: called with the reason whenever the run begins to wait for a server, in
    the thread that waits.
    """

    limit: int | None = None
    where_key: tuple[tuple[str, ...] | None, tuple[str, ...] | None] = (None, None)
    new_generation: bool = False
    moved: bool = False
    memory: int | None = None
    workers: int | None = None
    max_quarantine: int | None = None
    shredder: ShredderKind | str | None = None
    on_step: Callable[[str], None] = _ignore_step
    on_progress: Callable[[Progress], None] = _ignore_progress
    on_wait: Callable[[str], None] = _ignore_step


def processors() -> int:
    """The processors that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on Windows or macOS
        return os.cpu_count() or 1
