"""What a command prints: its result on stdout, as text or as one JSON object; everything else on stderr."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sys
from collections.abc import Mapping
from typing import TextIO

from columnar.printable import printable


def print_text(text: str) -> bool:
    """A result for people: coloured on a terminal, plain elsewhere or with NO_COLOR.

    Returns whether anybody listens.
    """
    text = printable(text)
    if _is_terminal(sys.stdout) and not os.environ.get("NO_COLOR"):
        from columnar.cli.colours import coloured

        text = coloured(text)
    return _write(sys.stdout, text + "\n")


def print_json(value: Mapping[str, object], *, one_line: bool = False) -> bool:
    """A result for programs: one JSON object in ASCII, the only thing on stdout; one_line: one of several, a line each.

    Returns whether anybody listens.
    """
    return _write(sys.stdout, json.dumps(value, indent=None if one_line else 2) + "\n")


def clear_screen() -> None:
    """Make room for a result that replaces the one before; does nothing where stdout is no terminal."""
    if _is_terminal(sys.stdout):
        from rich.console import Console

        Console(file=sys.stdout).clear()


def print_note(text: str) -> None:
    """Something beside the result: a line on stderr."""
    _write(sys.stderr, printable(text) + "\n")


def width() -> int:
    """Cells of a line: the terminal's, and 120 where there is none."""
    return shutil.get_terminal_size((120, 24)).columns if _is_terminal(sys.stdout) else 120


def _is_terminal(stream: TextIO) -> bool:
    return stream.isatty()


def _write(stream: TextIO, text: str) -> bool:
    """Write and flush. Where nobody listens any more (`| head`), stay quiet and go on: what the command did is done."""
    try:
        stream.write(text.encode(stream.encoding or "utf-8", "backslashreplace").decode(stream.encoding or "utf-8"))
        stream.flush()
    except OSError as error:
        if error.errno not in (errno.EPIPE, errno.EINVAL):  # Windows says EINVAL
            raise
        _to_nowhere(stream)
        return False
    return True


def _to_nowhere(stream: TextIO) -> None:
    """So that the interpreter's own flush at the end has nothing to complain about."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, stream.fileno())
    finally:
        os.close(nowhere)
