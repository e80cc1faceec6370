"""What every test may use."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

from tests.differential.shredders import both_shredders, only_native, only_reference, pytest_generate_tests
from tests.servers.fixtures import mariadb, mariadb_server, postgresql, postgresql_server

__all__ = [
    "both_shredders",
    "mariadb",
    "mariadb_server",
    "only_native",
    "only_reference",
    "postgresql",
    "postgresql_server",
    "pytest_generate_tests",
]

# These machines are shared: a slow moment must not fail a property.
settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("default"), print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))
