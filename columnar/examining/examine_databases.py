"""Whether the parts are there by which databases but DuckDB are used; a run needs those of its own source and target.

Libraries are loaded in processes of their own: one that does not fit its neighbours may end the process that loads it.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from columnar.examining.finding import Finding, ok, warn
from columnar.examining.supported import installed
from loaders.odbc_drivers import DRIVER_MANAGER, MARIADB, MICROSOFT, POSTGRESQL, SQLITE, OdbcDriver, driver_library
from loaders.turbodbc_build.pairing import built_for, major_minor

_BUILD = f"{Path(sys.executable).name} -m loaders.turbodbc_build"
# Without what an environment adds, which is not needed for it and takes time.
_LOAD = ("-I", "-S", "-c", "import ctypes, sys; ctypes.CDLL(sys.argv[1])")
# Far more than loading takes on a busy machine: it is for what never ends.
_SECONDS = 60


def examine_databases() -> Iterator[Finding]:
    """A finding for each part; one in all where none is installed, which is no fault."""
    parts = ("turbodbc", "adbc-driver-postgresql", "mssql-python")
    if not any(installed(name) for name in parts):
        text = "PostgreSQL, MariaDB, SQL Server and ODBC need parts that are not installed: docs/install.md"
        yield ok("databases", text)
        return
    yield from _odbc()
    yield _package("postgresql", "adbc-driver-postgresql", "adbc_driver_postgresql.dbapi", "postgres")
    yield _package("mssql", "mssql-python", "mssql_python", "mssql")


def _odbc() -> Iterator[Finding]:
    """turbodbc and, where there is one to use them, what it loads. Windows has a manager and a registry of its own."""
    yield _turbodbc()
    if installed("turbodbc") is None or sys.platform == "win32":
        return
    yield _driver_manager()
    for area, driver in (("postgresql", POSTGRESQL), ("mariadb", MARIADB), ("sqlite", SQLITE), ("mssql", MICROSOFT)):
        yield _driver(area, driver)


def _turbodbc() -> Finding:
    version = installed("turbodbc")
    if version is None:
        return warn("turbodbc", "is not installed: no database is read by ODBC", _BUILD)
    arrow, wanted = built_for(), major_minor(metadata.version("pyarrow"))
    if arrow not in (None, wanted):
        return warn("turbodbc", f"{version} was built for pyarrow {arrow}, and pyarrow {wanted} is installed", _BUILD)
    problem = _fails("-c", "import turbodbc")
    if problem:
        hint = f"it needs {DRIVER_MANAGER.name} (on Debian: {DRIVER_MANAGER.install}); {_BUILD} --anew builds it again"
        return warn("turbodbc", f"{version} cannot be imported: {problem}", hint)
    return ok("turbodbc", version + (f", built for pyarrow {arrow}" if arrow else ""))


def _driver_manager() -> Finding:
    problem = _fails(*_LOAD, DRIVER_MANAGER.library)
    if problem:
        return warn(
            "odbc", f"{DRIVER_MANAGER.name} cannot be loaded: {problem}", f"on Debian: {DRIVER_MANAGER.install}"
        )
    return ok("odbc", DRIVER_MANAGER.name)


def _driver(area: str, driver: OdbcDriver) -> Finding:
    library = driver_library(driver)
    if library is None:
        return warn(area, f"{driver.name} is not installed", driver.install)
    problem = _fails(*_LOAD, str(library))
    if problem:
        return warn(area, f"{driver.name} cannot be loaded: {problem}", driver.needs)
    return ok(area, f"{driver.name}, {library}")


def _package(area: str, name: str, module: str, extra: str) -> Finding:
    """A package that an extra brings, and whether it can be imported."""
    version, install = installed(name), f"pip install 'columnar-backfill[{extra}]'"
    if version is None:
        return warn(area, f"{name} is not installed", install)
    problem = _fails("-c", f"import {module}")
    if problem:
        return warn(area, f"{name} {version} cannot be imported: {problem}", f"{install}; docs/install.md")
    return ok(area, f"{name} {version}")


def _fails(*arguments: str) -> str:
    """Why Python fails with these arguments, '' where it does not."""
    try:
        done = subprocess.run(  # noqa: S603 - this program's own lines
            [sys.executable, *arguments],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"no answer within {_SECONDS} s"
    if done.returncode == 0:
        return ""
    lines = done.stderr.strip().splitlines()
    return lines[-1] if lines else f"the process ended with code {done.returncode}"
