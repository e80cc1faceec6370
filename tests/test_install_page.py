"""The page of installing names what pyproject.toml, the Makefile and the program itself name."""

from __future__ import annotations

import re
import tomllib

from loaders.odbc_drivers import DRIVER_MANAGER, MARIADB, MICROSOFT, POSTGRESQL, SQLITE
from loaders.turbodbc_build.build_wheel import PACKAGES
from tests.pages import REPOSITORY

PAGE = (REPOSITORY / "docs" / "install.md").read_text(encoding="utf-8")


def _made(name: str) -> set[str]:
    """A list of packages in the Makefile."""
    found = re.search(rf"^{name} := (.+)$", (REPOSITORY / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert found is not None
    return set(found[1].split())


def test_every_extra_has_its_line() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(re.findall(r"^\| [^|]+ \| `'\.\[(\w+)\]'` \|", PAGE, re.MULTILINE)) == set(
        project["optional-dependencies"]
    )


def _told(text: str) -> set[str]:
    return {name for line in re.findall(r"apt-get install ([\w\-+. ]+)", text) for name in line.split()}


def test_the_system_s_packages_are_those_that_make_installs_and_doctor_tells() -> None:
    assert _told(PAGE) == _made("ODBC_PACKAGES") | set(PACKAGES)
    for driver in (DRIVER_MANAGER, MARIADB, MICROSOFT, POSTGRESQL, SQLITE):
        assert _told(driver.install) | _told(driver.needs) <= _made("ODBC_PACKAGES")
