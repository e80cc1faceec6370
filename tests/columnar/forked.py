"""Processes that come up with the program loaded: a fork of a server that has imported it, where the system forks."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, Self

_CONTEXT = multiprocessing.get_context("forkserver" if sys.platform != "win32" else "spawn")
if sys.platform != "win32":
    _CONTEXT.set_forkserver_preload(
        ["tests.columnar.killed_run", "tests.columnar.databases.killed_run", "tests.columnar.purged_run"]
    )

# What is run: with a function that is told each step, and its words.
Main = Callable[..., None]


class Forked:
    """`main(on_step, *words)` in a process of its own, which says each step that it takes."""

    def __init__(self, main: Main, *words: object) -> None:
        self._steps, theirs = _CONTEXT.Pipe(duplex=False)
        self._process = _CONTEXT.Process(target=_serve, args=(theirs, main, words))
        self._process.start()
        theirs.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def step(self) -> str:
        """The next step, when it was taken; '' where it has ended."""
        try:
            said: str = self._steps.recv()
        except (EOFError, OSError):
            return ""
        if said.startswith("Traceback"):
            raise AssertionError(said)
        return said

    def steps(self) -> list[str]:
        """All that are still to come, at its end."""
        said = list(iter(self.step, ""))
        self._process.join(120)
        return said

    def wait(self, seconds: float) -> None:
        """For its end, at most so long."""
        self._process.join(seconds)

    @property
    def killed(self) -> bool:
        """Whether it ended by a signal, and not by itself or by an error."""
        return self._process.exitcode not in (None, 0, 1)

    def kill(self) -> None:
        """Does nothing where it has ended."""
        self._process.kill()
        self._process.join()
        self._steps.close()


def kill_myself() -> None:
    """As kill -9 would."""
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))


def _serve(steps: Connection[str, Any], main: Main, words: tuple[object, ...]) -> None:
    try:
        main(steps.send, *words)
    except BaseException:
        with contextlib.suppress(OSError):
            steps.send(traceback.format_exc())
        raise
