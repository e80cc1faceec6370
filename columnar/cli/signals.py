"""Being told to stop: every way of it ends like Ctrl-C, and the same command continues."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from types import FrameType

from columnar.errors import ExitCode

# As far as the system has them: Ctrl-C, SIGTERM from a service manager, SIGHUP from a closed terminal, SIGBREAK from
# Ctrl-Break.
_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
_FIRST = b"stopping; once more stops at once\n"


class StopRequest:
    """Whether this process was told to stop.

    The exception alone does not tell: DuckDB turns a KeyboardInterrupt inside a query into a RuntimeError of its own.
    """

    def __init__(self) -> None:
        self.received = False

    def listen(self) -> None:
        """Turn the system's requests into KeyboardInterrupt. What somebody else handles or ignores (nohup) stays so.
        Outside the main thread, where handlers cannot be set, nothing happens."""
        for name in _NAMES:
            number = getattr(signal, name, None)
            if number is None or signal.getsignal(number) not in (signal.SIG_DFL, signal.default_int_handler):
                continue
            try:
                signal.signal(number, self._interrupt)
            except ValueError:  # not the main thread
                return

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        """The second time the process ends where it stands, as with kill -9, which loses nothing either."""
        if self.received:
            os._exit(ExitCode.INTERRUPTED)
        self.received = True
        with suppress(OSError):
            os.write(2, _FIRST)  # not through the stream, which may be in the middle of a write
        raise KeyboardInterrupt


STOP = StopRequest()
