from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest

from loaders.errors import UnavailableError
from loaders.turbodbc_build import installing
from loaders.turbodbc_build.build_wheel import PACKAGES, missing_tools
from loaders.turbodbc_build.installing import install, kept_wheels, prove
from loaders.turbodbc_build.pairing import TURBODBC, Pairing, built_for, fits, major_minor, pairing


@pytest.fixture
def installed() -> None:
    pytest.importorskip("turbodbc", reason="turbodbc is not installed")


@pytest.fixture
def another(monkeypatch: pytest.MonkeyPatch) -> Pairing:
    """As if pyarrow had been exchanged."""
    wanted = replace(pairing(), pyarrow="99.1.2")
    monkeypatch.setattr(installing, "pairing", lambda: wanted)
    return wanted


def test_a_wheel_is_known_by_all_that_it_fits() -> None:
    one = pairing()
    others = [
        replace(one, python="cp399"),
        replace(one, pyarrow="99.0.0"),
        replace(one, platform="x"),
        replace(one, recipe="y"),
    ]
    assert len({one.folder, *(other.folder for other in others)}) == 5
    major, minor, patch = one.pyarrow.split(".")
    assert replace(one, pyarrow=f"{major}.{minor}.{int(patch) + 1}").folder == one.folder


def test_the_installed_one_fits_and_works(installed: None) -> None:
    assert built_for() == major_minor(metadata.version("pyarrow"))
    assert fits(pairing())
    prove()


def test_one_for_another_pyarrow_does_not_fit(installed: None) -> None:
    assert not fits(replace(pairing(), pyarrow="99.1.2"))


def test_what_fits_is_left_alone(installed: None, tmp_path: Path) -> None:
    said: list[str] = []
    install([tmp_path], build=True, anew=False, say=said.append)
    assert said == []
    assert list(tmp_path.iterdir()) == []


def test_without_a_kept_wheel_nothing_is_built_unasked(another: Pairing, tmp_path: Path) -> None:
    with pytest.raises(
        UnavailableError, match=rf"no wheel of turbodbc {TURBODBC} for pyarrow 99\.1 and cp3\d+ is kept"
    ):
        install([tmp_path], build=False, anew=False, say=print)


def test_what_building_needs_is_told_before_it_begins(
    another: Pairing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    assert missing_tools() == ["g++", "pkg-config"]
    with pytest.raises(UnavailableError, match=r"needs g\+\+ pkg-config") as caught:
        install([tmp_path], build=True, anew=False, say=print)
    assert caught.value.hint == "on Debian: apt-get install g++ pkg-config"
    assert set(missing_tools()) <= set(PACKAGES)


def test_nothing_is_built_where_that_was_never_tried(
    another: Pairing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(UnavailableError, match="built on Linux alone"):
        install([tmp_path], build=True, anew=False, say=print)


def test_headers_that_are_missing_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiler = tmp_path / "c++"
    compiler.write_text("#!/bin/sh\nexit 1\n")
    compiler.chmod(0o755)
    monkeypatch.setenv("CXX", str(compiler))
    assert {"libboost-dev", "unixodbc-dev"} <= set(missing_tools())


def test_the_user_s_own_wheels_serve_all_clones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert kept_wheels(Path("here")) == (Path("here"), tmp_path / "columnar" / "wheels")


def test_a_kept_wheel_is_installed_proved_and_kept_in_every_folder(
    another: Pairing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Into a folder of its own: what is installed here stays."""
    pytest.importorskip("turbodbc", reason="turbodbc is not installed")
    kept = [folder for folder in kept_wheels(Path(".cache/wheels")) if (folder / pairing().folder).is_dir()]
    if not kept:
        pytest.skip("no wheel of turbodbc is kept here")
    (wheel,) = (kept[0] / pairing().folder).glob("*.whl")
    first, second, third, site = (tmp_path / name for name in ("first", "second", "third", "site"))
    for folder in (second, third):
        (folder / another.folder).mkdir(parents=True)
    (second / another.folder / wheel.name).write_bytes(wheel.read_bytes())
    (third / another.folder / wheel.name).write_bytes(b"an older one")
    monkeypatch.setenv("PIP_TARGET", str(site))
    said: list[str] = []
    install([first, second, third], build=False, anew=False, say=said.append)
    assert said == [f"installing turbodbc {TURBODBC} for pyarrow 99.1 and {another.python}"]
    assert list(site.glob("turbodbc_intern*.so"))
    for folder in (first, third):
        assert (folder / another.folder / wheel.name).read_bytes() == wheel.read_bytes()


def test_the_command_says_in_a_line_what_is_wrong(tmp_path: Path) -> None:
    """With a pyarrow of another version, as far as its metadata tells."""
    (tmp_path / "pyarrow-99.1.2.dist-info").mkdir()
    (tmp_path / "pyarrow-99.1.2.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: pyarrow\nVersion: 99.1.2\n"
    )
    command = [sys.executable, "-m", "loaders.turbodbc_build", "--no-build"]
    environment = {"PYTHONPATH": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path), "PATH": ""}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 3
    assert done.stderr.startswith(f"no wheel of turbodbc {TURBODBC} for pyarrow 99.1 ")
    assert "Traceback" not in done.stderr
