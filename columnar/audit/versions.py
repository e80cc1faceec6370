"""The versions that audit files name."""

from __future__ import annotations

import platform
from functools import cache

import pyarrow as pa


@cache
def versions() -> dict[str, str]:
    """Of this program, of what writes the files, and of the interpreter."""
    from columnar import __version__

    return {"columnar": __version__, "pyarrow": pa.__version__, "python": platform.python_version()}
