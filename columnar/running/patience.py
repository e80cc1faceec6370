"""Trying again what may pass by itself: a deadlock, a lost connection, a server that restarts."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from loaders.errors import TransientError

ResultT = TypeVar("ResultT")

# Seconds of the first pause; doubled each time up to the longest. A deadlock is over at once, a server needs seconds.
_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 10.0


class Patience:
    """How long a run goes on trying, for whatever it tries; for any number of threads.

    seconds: from the first failure of a thing on. on_wait: told of each error before the pause, in a sentence.
    """

    def __init__(self, seconds: float, *, on_wait: Callable[[str], None] | None = None) -> None:
        self._seconds = seconds
        self._on_wait = on_wait
        self._stopped = threading.Event()

    def keep_trying(self, attempt: Callable[[], ResultT]) -> ResultT:
        """What `attempt` returns, once it raises no TransientError; the last of these when the time is over, or where
        nobody wants to wait any more."""
        trying = self.trying()
        while True:
            try:
                return attempt()
            except TransientError as error:
                trying.pause(error)

    def trying(self) -> Trying:
        """The same for who has a loop of his own."""
        return Trying(self._seconds, self._stopped, self._on_wait)

    def apart(self) -> Patience:
        """As much patience, that is stopped by itself."""
        return Patience(self._seconds, on_wait=self._on_wait)

    def stop(self) -> None:
        """Who waits gives up, and nobody waits from now on."""
        self._stopped.set()


class Trying:
    """One thing that is being tried."""

    def __init__(self, seconds: float, stopped: threading.Event, on_wait: Callable[[str], None] | None) -> None:
        self._seconds = seconds
        self._stopped = stopped
        self._on_wait = on_wait
        self._pause = _FIRST_PAUSE
        self._end: float | None = None

    def pause(self, error: TransientError) -> None:
        """Wait before the next attempt; raises the error where there is to be none."""
        now = time.monotonic()
        if self._end is None:
            self._end = now + self._seconds
        # Two runs that met in a deadlock would meet again, were their pauses the same.
        pause = self._pause * random.uniform(0.5, 1.0)  # noqa: S311 - nothing to guess here
        if now + pause > self._end or self._stopped.is_set():
            raise self._given_up(error)
        if self._on_wait is not None:
            self._on_wait(error.message)
        if self._stopped.wait(pause):
            raise self._given_up(error)
        self._pause = min(self._pause * 2, _LONGEST_PAUSE)

    def _given_up(self, error: TransientError) -> TransientError:
        if self._stopped.is_set() or not self._seconds:
            return error
        hint = error.hint or "the same command continues where this one stopped"
        return TransientError(f"{error.message} (tried for {self._seconds:g} seconds)", hint=hint)
