from __future__ import annotations

import pytest

from tests.columnar.notebook.results import Shown, results


@pytest.fixture(scope="session")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Shown]:
    """A result of every kind."""
    return results(tmp_path_factory.mktemp("shown"))
