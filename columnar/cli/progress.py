"""How far a run is, on stderr: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from columnar.cli.columns import number, seconds
from columnar.cli.output import print_note
from columnar.counted import counted

if TYPE_CHECKING:
    from columnar.bookkeeping.receipt import Progress

# Seconds between two lines of a log.
_LINE_EVERY = 10.0


@contextmanager
def shown_progress() -> Iterator[Callable[[Progress], None]]:
    """Something to call with every Progress. Whatever goes wrong with showing it does not touch the run."""
    if sys.stderr.isatty():
        with _bar() as observe:
            yield observe
    else:
        yield _Lines()


def tell_wait(reason: str) -> None:
    """Tell that the run waits for a server, and why."""
    with suppress(OSError):
        print_note(f"waiting: {reason}")


class _Lines:
    """A line when a phase begins, and every few seconds within it."""

    def __init__(self) -> None:
        self._phase = ""
        self._next = 0.0

    def __call__(self, progress: Progress) -> None:
        if progress.phase == self._phase and progress.seconds < self._next:
            return
        self._phase, self._next = progress.phase, progress.seconds + _LINE_EVERY
        with suppress(OSError):
            print_note(progress_line(progress))


def progress_line(progress: Progress) -> str:
    """One line of a log."""
    parts = [f"{seconds(progress.seconds)}: {progress.phase}"]
    if progress.documents:
        share = progress.documents / max(1, progress.expected)
        parts.append(f"{number(progress.documents)} of {counted(progress.expected, 'document')} ({share:.0%})")
        parts.append(f"{number(progress.chunks_done)} of {counted(progress.chunks, 'chunk')}")
        parts.append(f"{progress.documents / max(progress.seconds, 1e-9):,.0f} documents/s")
        parts += [f"{number(progress.quarantined)} in quarantine"] if progress.quarantined else []
        parts += _left(progress)
    return ", ".join(parts)


def _left(progress: Progress) -> list[str]:
    rest = progress.expected - progress.documents
    if rest <= 0 or not progress.documents:
        return []
    left = progress.seconds * rest / progress.documents
    return [f"about {seconds(left)} left", f"most time goes into: {progress.bottleneck}"]


@contextmanager
def _bar() -> Iterator[Callable[[Progress], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[line]}"), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, line="")

        def observe(progress: Progress) -> None:
            line = ", ".join(progress_line(progress).split(", ")[1:])
            total = progress.expected or None
            with suppress(OSError):
                bar.update(task, description=progress.phase, total=total, completed=progress.documents, line=line)

        yield observe
