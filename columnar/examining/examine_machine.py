"""Whether Python, the libraries, the processors and the memory of this machine are what a run needs."""

from __future__ import annotations

import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil

from columnar.examining.examine_shredder import examine_shredder
from columnar.examining.finding import Finding, fail, ok, warn
from columnar.examining.supported import LIBRARIES, LIBXML2, PYTHON, fits, installed
from columnar.jobs.options import processors
from columnar.running.budget import default_memory
from columnar.sizes import show_size

# Below it, a run of ordinary documents is at the edge of what the libraries themselves need.
_LITTLE_MEMORY = 1_000_000_000
_LITTLE_DISK = 1_000_000_000


def examine_machine() -> Iterator[Finding]:
    """Findings about everything but the job."""
    yield _python()
    for name, (least, below) in LIBRARIES.items():
        yield _library(name, least, below)
    yield _libxml2()
    yield from _engines()
    yield examine_shredder()
    yield _processors()
    yield _memory()
    yield disk("temporary files", Path(tempfile.gettempdir()))


def disk(area: str, folder: Path) -> Finding:
    """The free space where a folder is, or will be made."""
    existing = folder
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    try:
        free = shutil.disk_usage(existing).free
    except OSError as error:
        return fail(area, f"{folder}: {error.strerror or error}", "name a folder that can be used")
    text = f"{show_size(free)} free in {folder}"
    return ok(area, text) if free >= _LITTLE_DISK else warn(area, text, "free some space, or name another folder")


def _python() -> Finding:
    version = platform.python_version()
    least, below = PYTHON
    if least <= sys.version_info[:2] < below:
        return ok("python", f"{version} on {platform.system()} {platform.machine()}")
    names = f"{'.'.join(map(str, least))} up to, not including, {'.'.join(map(str, below))}"
    return fail("python", f"{version} is not supported", f"use Python {names}")


def _library(name: str, least: str, below: str | None) -> Finding:
    version = installed(name)
    wanted = f"{name}>={least}" + (f",<{below}" if below else "")
    if version is None:
        return fail(name, "is not installed", f"pip install '{wanted}'")
    if fits(version, least, below):
        return ok(name, version)
    return fail(name, f"{version} is not supported", f"pip install '{wanted}'")


def _libxml2() -> Finding:
    from lxml import etree

    version = ".".join(map(str, etree.LIBXML_VERSION))
    if etree.LIBXML_VERSION[:2] >= LIBXML2:
        return ok("libxml2", version)
    least = ".".join(map(str, LIBXML2))
    return warn(
        "libxml2", f"{version} is older than {least}", "use lxml's own wheel: pip install --only-binary lxml lxml"
    )


def _engines() -> Iterator[Finding]:
    """Each does one small thing; a broken installation shows itself here."""
    try:
        import duckdb
        import polars as pl
        import pyarrow as pa

        with duckdb.connect(":memory:") as connection:
            numbers = connection.sql("SELECT range AS n FROM range(1000)").to_arrow_table()
        total = pl.DataFrame(numbers).select(pl.col("n").sum()).item()
        if total != 499_500 or not isinstance(numbers, pa.Table):
            yield fail("engines", f"0 to 999 added up to {total}", "install them anew")
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
        yield fail("engines", f"DuckDB, Polars and Arrow do not work together: {error}", "install them anew")
    else:
        yield ok("engines", "DuckDB, Polars and Arrow work together")


def _processors() -> Finding:
    count = processors()
    text = f"{count} can be used"
    return (
        ok("processors", text)
        if count > 1
        else warn("processors", text, "with two or more, reading and shredding overlap")
    )


def _memory() -> Finding:
    memory = psutil.virtual_memory()
    budget = default_memory()
    text = f"{show_size(memory.available)} of {show_size(memory.total)} available"
    text += f"; a run takes {show_size(budget)} if not told otherwise"
    if memory.available < min(budget, _LITTLE_MEMORY):
        return warn("memory", text, "name a smaller budget with --memory, or end other programs")
    return ok("memory", text)
