"""Where the libraries of ODBC drivers lie: as registered with unixODBC, or in the folders that packages put them in."""

from __future__ import annotations

import configparser
import importlib.util
import os
import platform
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class OdbcDriver:
    """A driver by the file name of its library, how it is had, and what it wants beside it."""

    name: str
    library: str
    install: str
    needs: str = "install it anew"


# No driver, but what loads them; the loader of libraries finds it by its name.
DRIVER_MANAGER = OdbcDriver(
    "unixODBC", "libodbc.2.dylib" if sys.platform == "darwin" else "libodbc.so.2", "apt-get install unixodbc"
)
POSTGRESQL = OdbcDriver("PostgreSQL's ODBC driver", "psqlodbcw.so", "apt-get install odbc-postgresql")
MARIADB = OdbcDriver("MariaDB's ODBC driver", "libmaodbc.so", "apt-get install odbc-mariadb")
SQLITE = OdbcDriver("SQLite's ODBC driver", "libsqlite3odbc.so", "apt-get install libsqliteodbc")
# Its library is named by version and lies in a wheel.
MICROSOFT = OdbcDriver(
    "Microsoft's ODBC driver",
    "libmsodbcsql-*.so*",
    "pip install 'columnar-backfill[mssql]'",
    needs="on Debian: apt-get install libltdl7 libgssapi-krb5-2 libkrb5-3",
)

# Where unixODBC looks, and what unixODBC built elsewhere than by a distribution uses.
_REGISTERED = ("/etc/odbcinst.ini", "/usr/local/etc/odbcinst.ini", "/opt/homebrew/etc/odbcinst.ini")


def driver_library(driver: OdbcDriver) -> Path | None:
    """The library, for `Driver=` of a connection string; None where there is none."""
    return next((found for folder in _folders(driver) for found in sorted(folder.glob(driver.library))), None)


def _folders(driver: OdbcDriver) -> Iterator[Path]:
    if driver is MICROSOFT:
        yield from _inside_wheel()
        yield Path("/opt/microsoft/msodbcsql18/lib64")
        return
    for library in _registered():
        if library.is_absolute():
            yield library.parent
    multiarch = sysconfig.get_config_var("MULTIARCH") or f"{platform.machine()}-linux-gnu"
    for folder in (f"/usr/lib/{multiarch}/odbc", "/usr/lib64", "/usr/lib/odbc", "/usr/local/lib", "/opt/homebrew/lib"):
        yield Path(folder)


def _registered() -> Iterator[Path]:
    """Libraries named in odbcinst.ini; Debian's names them without their folder."""
    named = os.environ.get("ODBCSYSINI")
    for file in (*([f"{named}/odbcinst.ini"] if named else []), *_REGISTERED):
        known = configparser.ConfigParser(strict=False, interpolation=None)
        try:
            known.read(file, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError):
            continue  # another program's file: what cannot be read registers nothing
        for section in known.sections():
            if library := known.get(section, "Driver", fallback=""):
                yield Path(library)


def _inside_wheel() -> Iterator[Path]:
    """The folder of mssql-python-odbc that is for this system."""
    found = importlib.util.find_spec("mssql_python_odbc")
    if found is None or not found.submodule_search_locations or sys.platform != "linux":
        return
    libraries = Path(found.submodule_search_locations[0]) / "libs" / "linux"
    yield from sorted(libraries.glob(f"{_family()}/{platform.machine().replace('aarch64', 'arm64')}/lib"))


def _family() -> str:
    """The folder of a distribution's family, by its own description of itself."""
    try:
        known = platform.freedesktop_os_release()
    except OSError:
        return "debian_ubuntu"
    names = f"{known.get('ID', '')} {known.get('ID_LIKE', '')}"
    if "suse" in names:
        return "suse"
    return "rhel" if any(name in names for name in ("rhel", "fedora", "centos")) else "debian_ubuntu"
