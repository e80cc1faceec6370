"""Being told to stop: every way of it ends like Ctrl-C, so that what was published stays and the same command continues."""

from __future__ import annotations

import signal
from types import FrameType

# As far as the system has them: SIGTERM from a service manager, SIGHUP from a closed terminal, SIGBREAK from Ctrl-Break.
_NAMES = ("SIGTERM", "SIGHUP", "SIGBREAK")


def stop_like_ctrl_c() -> None:
    """Turn the system's requests to stop into KeyboardInterrupt. What somebody else handles or ignores (nohup) stays so.

    Raises nothing; outside the main thread, where handlers cannot be set, nothing happens.
    """
    for name in _NAMES:
        number = getattr(signal, name, None)
        if number is None or signal.getsignal(number) is not signal.SIG_DFL:
            continue
        try:
            signal.signal(number, _interrupt)
        except ValueError:  # not the main thread
            return


def _interrupt(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the signature is the system's
    raise KeyboardInterrupt
