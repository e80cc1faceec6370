"""What a wheel of turbodbc fits: one minor version of Python, and one major and minor version of pyarrow."""

from __future__ import annotations

import hashlib
import importlib.util
import re
import sys
import sysconfig
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

TURBODBC = "5.3.0"
HERE = Path(__file__).parent
# Raised when build_wheel.py comes to make another wheel of the same sources: kept ones no longer serve.
_REVISION = 1
# Part of the wheel: a change of it asks for a new one, too.
_HEADER = HERE / "stand_in" / "simdutf.h"
# pyarrow's libraries are libarrow.so.2600 and libarrow.2600.dylib: major times 100 + minor. On Windows no name tells.
_LINKED = re.compile(rb"libarrow\.(?:so\.)?(\d{3,})(?:\.dylib)?\x00")


@dataclass(frozen=True, slots=True)
class Pairing:
    """What a build is made for. `pyarrow` is all of its version, of which major and minor must be met."""

    python: str
    platform: str
    pyarrow: str
    recipe: str

    @property
    def folder(self) -> str:
        """A folder's name that tells wheels of different pairings apart; pip's own name for them does not."""
        arrow = major_minor(self.pyarrow)
        return f"turbodbc{TURBODBC}-pyarrow{arrow}-{self.python}-{self.platform}-{self.recipe}"


def pairing() -> Pairing:
    """Of this interpreter and the pyarrow installed beside it."""
    recipe = f"r{_REVISION}-{hashlib.sha256(_HEADER.read_bytes()).hexdigest()[:8]}"
    python = f"cp{sys.version_info.major}{sys.version_info.minor}{getattr(sys, 'abiflags', '')}"
    platform = re.sub(r"\W", "_", sysconfig.get_platform())
    return Pairing(python, platform, metadata.version("pyarrow"), recipe)


def major_minor(version: str) -> str:
    """26.0 of 26.0.1."""
    return ".".join(version.split(".")[:2])


def built_for() -> str | None:
    """The major.minor version of pyarrow that the installed turbodbc was built for, without importing it; None where
    there is no turbodbc, or it does not tell."""
    found = importlib.util.find_spec("turbodbc_intern")
    if found is None or found.origin is None:
        return None
    linked = _LINKED.search(Path(found.origin).read_bytes())
    if linked is None:
        return None
    major, minor = divmod(int(linked[1]), 100)
    return f"{major}.{minor}"


def fits(wanted: Pairing) -> bool:
    """Whether a turbodbc is installed that is of this version and for this pyarrow, whoever built it."""
    try:
        version = metadata.version("turbodbc")
    except metadata.PackageNotFoundError:
        return False
    return version == TURBODBC and built_for() == major_minor(wanted.pyarrow)
