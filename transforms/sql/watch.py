"""Interrupting queries that take too long."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from threading import Condition, Thread

_TICK = 0.1  # seconds


class Watch:
    """One thread that interrupts what runs for longer than `seconds`; it begins with the first query and ends with
    the process. Starting a timer for each query would cost as much as a small query. No clock is read: while something
    runs, the thread wakes every tenth of a second and counts."""

    def __init__(self, seconds: float) -> None:
        self._most = max(1, round(seconds / _TICK))
        self._running: dict[int, tuple[Callable[[], object], int]] = {}  # number -> how to interrupt it, ticks seen
        self._numbers = count()
        self._changed = Condition()
        self._thread: Thread | None = None

    @contextmanager
    def over(self, interrupt: Callable[[], object]) -> Iterator[None]:
        """Calls `interrupt`, from another thread, if the block takes too long."""
        with self._changed:
            number = next(self._numbers)
            self._running[number] = (interrupt, 0)
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._watch, name="columnar-sql-watch", daemon=True)
                self._thread.start()
            elif len(self._running) == 1:
                self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._running.pop(number, None)

    def _watch(self) -> None:
        with self._changed:
            while True:
                self._changed.wait(_TICK if self._running else None)
                self._tick()

    def _tick(self) -> None:
        """A function of its own, so that the thread holds on to no query while it sleeps."""
        for number, (interrupt, ticks) in self._running.items():
            self._running[number] = (interrupt, ticks + 1)
            if ticks + 1 >= self._most:  # at every tick from then on: between two steps it is not noticed
                interrupt()
