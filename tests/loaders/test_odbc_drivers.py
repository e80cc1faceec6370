from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from loaders import odbc_drivers
from loaders.odbc_drivers import MARIADB, MICROSOFT, POSTGRESQL, SQLITE, OdbcDriver, driver_library


@pytest.mark.parametrize("driver", [POSTGRESQL, MARIADB, SQLITE], ids=lambda driver: driver.library)
def test_drivers_that_packages_install_are_found(driver: OdbcDriver) -> None:
    if shutil.which("odbcinst") is None:
        pytest.skip("no unixODBC")
    found = driver_library(driver)
    assert found is not None
    assert found.is_file()
    assert found.name == driver.library


def test_microsoft_s_lies_in_a_wheel() -> None:
    package = pytest.importorskip("mssql_python_odbc", reason="no mssql-python")
    found = driver_library(MICROSOFT)
    assert found is not None
    assert Path(package.__file__).parent in found.parents


def test_a_registered_driver_goes_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = tmp_path / "mine" / SQLITE.library
    library.parent.mkdir()
    library.touch()
    (tmp_path / "odbcinst.ini").write_text(f"[100%]\nDescription=a\nDriver = {library}\n[B]\nSetup=b.so\n")
    monkeypatch.setenv("ODBCSYSINI", str(tmp_path))
    assert driver_library(SQLITE) == library


def test_a_file_of_drivers_that_cannot_be_read_registers_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = driver_library(SQLITE)
    (tmp_path / "odbcinst.ini").write_bytes(b"no section\n\xff")
    monkeypatch.setenv("ODBCSYSINI", str(tmp_path))
    assert driver_library(SQLITE) == before


def test_none_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert driver_library(OdbcDriver("nobody's", "libnobody.so", "")) is None
    monkeypatch.setattr(odbc_drivers.importlib.util, "find_spec", lambda name: None)
    assert driver_library(MICROSOFT) is None or driver_library(MICROSOFT).is_relative_to("/opt/microsoft")  # type: ignore[union-attr]
