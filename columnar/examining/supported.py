"""The versions this program is made for: as in pyproject.toml, to which a test holds them."""

from __future__ import annotations

import re
from importlib import metadata

# Python's minor versions, from and below.
PYTHON = ((3, 11), (3, 14))
# Distribution -> from, below (None: any later one).
LIBRARIES: dict[str, tuple[str, str | None]] = {
    "duckdb": ("2.0", "3"),
    "lxml": ("6.1", "7"),
    "polars": ("2.1", "3"),
    "psutil": ("7", None),
    "pyarrow": ("26", "27"),
    "pydantic": ("2.14", "3"),
    "ruamel.yaml": ("0.19", "0.20"),
    "rich": ("15", "16"),
    "typer": ("0.29", "1"),
}
# libxml2 does the parsing inside lxml, whose wheels bring 2.14; positions and messages of older ones are not tested.
LIBXML2 = (2, 14)


def numbers(version: str) -> tuple[int, ...]:
    """The leading numbers of a version: (2, 1, 0) of 2.1.0rc1."""
    found = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(int(part) for part in found[0].split(".")) if found else ()


def installed(name: str) -> str | None:
    """The installed version of a distribution, None where there is none."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def fits(version: str, least: str, below: str | None) -> bool:
    """Whether a version lies in a range."""
    found = numbers(version)
    return numbers(least) <= found and (below is None or found < numbers(below))
