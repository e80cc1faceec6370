"""A source and a target of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.loaders.database.readers import reader
from tests.loaders.database.targets import WAYS, Target, odbc_target, server_target, sqlite_target

__all__ = ["reader", "target"]


@pytest.fixture(params=WAYS)
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Target]:
    """An empty database, and how rows are published to it."""
    backend, publish = request.param.split("-")
    if backend == "sqlite":
        made = sqlite_target(tmp_path / "target.db")
    elif backend == "odbc":
        made = odbc_target(request.getfixturevalue("postgresql"), request.getfixturevalue("postgresql_server"))
    else:
        account, server = (request.getfixturevalue(name) for name in (backend, f"{backend}_server"))
        made = server_target(backend, publish, account, server)
    yield made
    made.close()
