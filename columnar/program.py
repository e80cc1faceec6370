"""How this program was called: commands that are printed to be typed begin with the same words."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

# What a shell does not leave alone between double quotes.
_SPECIAL = set('"\\$`!')


def program() -> tuple[str, ...]:
    """The words that call this program again: `columnar` where the shell finds it, otherwise as it was called
    (`.venv/bin/columnar`, `python -m columnar`)."""
    called = Path(sys.argv[0] if sys.argv else "")
    if called.name == "__main__.py" and called.parent.name == "columnar":
        return interpreter(), "-m", "columnar"
    if called.stem.lower() != "columnar":  # as a library: whatever there is
        return ("columnar",) if shutil.which("columnar") else (interpreter(), "-m", "columnar")
    if _found(called.stem, called):
        return (called.stem,)
    return (shorter(called) if called.is_absolute() else sys.argv[0],)


def interpreter() -> str:
    """The running Python, by the shortest name that finds it."""
    running = Path(sys.executable or "python")
    name = running.name.removesuffix(".exe")
    return name if _found(name, running) else shorter(running)


def shorter(path: Path) -> str:
    """Relative to the current folder where it lies below it."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def as_command(*words: str) -> str:
    """Words as one line to type into the system's own shell."""
    return subprocess.list2cmdline(words) if os.name == "nt" else " ".join(map(_quoted, words))


def _quoted(word: str) -> str:
    """As shlex does it, but Python's own quotes stay legible."""
    return f'"{word}"' if "'" in word and not _SPECIAL & set(word) else shlex.quote(word)


def _found(name: str, file: Path) -> bool:
    """Whether the shell finds this very file by that name. Links are not followed: a virtual environment's interpreter
    is a link to one that does not know its packages."""
    there = shutil.which(name)
    return there is not None and _comparable(there) == _comparable(str(file))


def _comparable(file: str) -> str:
    """Windows leaves out `.exe` at will."""
    return os.path.normcase(Path(file).absolute()).removesuffix(".exe")
