from __future__ import annotations

from pathlib import Path

import pytest

from tests.columnar.cli.command import columnar, make_job


@pytest.fixture
def job(tmp_path: Path) -> Path:
    """A small job that never ran."""
    return make_job(tmp_path)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same job after one run; tests that take it change nothing."""
    file = make_job(tmp_path_factory.mktemp("loaded"))
    assert columnar("run", file).code == 1
    return file
