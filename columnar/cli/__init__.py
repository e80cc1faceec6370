"""The command line: each command is one library function, shown as text or as one JSON object."""

from __future__ import annotations

import sys

# What typer makes of a KeyboardInterrupt, by the custom of shells; and what it is here, ExitCode.INTERRUPTED.
_INTERRUPTED_TYPER, _INTERRUPTED = 130, 4


def main() -> None:
    """The console script `columnar`."""
    try:
        from columnar.cli.app import app
        from columnar.cli.signals import STOP

        STOP.listen()
        app(prog_name="columnar")
    except KeyboardInterrupt:  # before or after the command itself
        sys.exit(_INTERRUPTED)
    except SystemExit as end:
        sys.exit(_INTERRUPTED if end.code == _INTERRUPTED_TYPER else end.code)
