"""Installs turbodbc beside the pyarrow there is: one that fits stays, else a kept wheel serves, else one is built."""

from __future__ import annotations

import filecmp
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from loaders.errors import UnavailableError
from loaders.odbc_drivers import SQLITE, driver_library
from loaders.turbodbc_build.build_wheel import build_wheel, missing_tools
from loaders.turbodbc_build.pairing import TURBODBC, Pairing, fits, major_minor, pairing

# A table through ODBC and Arrow, with text of every length of UTF-8 and a NULL, by SQLite's driver; without that, what
# can be shown is that the module loads.
_PROOF = """
import sys, turbodbc
for driver in sys.argv[1:]:
    with turbodbc.connect(connection_string=f"Driver={driver};Database=:memory:") as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT 1 AS n, 'a\u00e9\u20ac\U0001f600' AS t UNION ALL SELECT 2, NULL")
        table = cursor.fetchallarrow().to_pydict()
    if table != {"n": [1, 2], "t": ["a\u00e9\u20ac\U0001f600", None]}:
        sys.exit(f"SQLite's driver gave {table}")
"""


def kept_wheels(*first: Path) -> tuple[Path, ...]:
    """The folders that wheels are kept in: those given, then this user's, which all clones and environments share."""
    own = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return (*first, own / "columnar" / "wheels")


def install(folders: Sequence[Path], *, build: bool, anew: bool, say: Callable[[str], None]) -> None:
    """Afterwards turbodbc works, or UnavailableError says why not.

    folders: see kept_wheels. build: allow what takes minutes; anew: force it, whatever is installed and kept.
    """
    wanted = pairing()
    if fits(wanted) and not anew:
        return
    named = f"turbodbc {TURBODBC} for pyarrow {major_minor(wanted.pyarrow)} and {wanted.python}"
    wheel = None if anew else _kept(wanted, folders)
    if wheel is None:
        if not build:
            raise UnavailableError(f"no wheel of {named} is kept", hint="python -m loaders.turbodbc_build")
        _demand_tools()
        say(f"building {named}: once, for three to five minutes")
        wheel = build_wheel(wanted, folders[-1] / wanted.folder)
    say(f"installing {named}")
    _install(wheel)
    prove()
    for folder in folders:
        _keep(wheel, folder / wanted.folder)


def prove() -> None:
    """UnavailableError where the installed turbodbc does not fetch a table. In a process of its own: a module that does
    not fit may end the process."""
    driver = driver_library(SQLITE)
    done = _run(["-c", _PROOF, *([str(driver)] if driver else [])])
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"it ended with code {done.returncode}"])[-1]
        raise UnavailableError(
            f"turbodbc was installed but does not work: {last}",
            hint="it needs unixODBC (on Debian: apt-get install unixodbc) and numpy (pip install 'numpy>=2,<3');"
            " `python -m loaders.turbodbc_build --anew` builds it again",
        )


def _kept(wanted: Pairing, folders: Sequence[Path]) -> Path | None:
    wheels = (wheel for folder in folders for wheel in sorted((folder / wanted.folder).glob("turbodbc-*.whl")))
    return next(wheels, None)


def _demand_tools() -> None:
    if sys.platform != "linux":
        raise UnavailableError("turbodbc is built on Linux alone", hint="conda-forge has it ready-made")
    if lacking := missing_tools():
        names = " ".join(lacking)
        raise UnavailableError(f"building turbodbc needs {names}", hint=f"on Debian: apt-get install {names}")


def _install(wheel: Path) -> None:
    pip = ["-m", "pip", "install", "-q", "--disable-pip-version-check", "--force-reinstall", "--no-deps"]
    done = _run([*pip, str(wheel)])
    if done.returncode:
        raise UnavailableError(f"{wheel} could not be installed: {done.stderr.strip()}", hint="install it by hand")


def _run(arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)  # noqa: S603


def _keep(wheel: Path, folder: Path) -> None:
    """By a rename: whoever looks into the folder meets whole wheels only."""
    kept = folder / wheel.name
    if not kept.exists() or not filecmp.cmp(wheel, kept):
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f".{wheel.name}.{os.getpid()}"
        shutil.copyfile(wheel, part)
        part.replace(kept)
