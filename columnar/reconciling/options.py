"""What reconciling may be told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


def _ignore(_: str) -> None:
    """The default observer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconcileOptions:
    """sample: documents whose values are made anew, spread evenly over the source; None: all of them. limit:
    differences that are listed; all are counted. memory: bytes. workers: threads that make them, None: as many as the
    job's. on_progress: called after every chunk."""

    sample: int | None = 1000
    limit: int = 100
    memory: int | None = None
    workers: int | None = None
    on_progress: Callable[[str], None] = _ignore
