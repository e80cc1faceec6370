"""PostgreSQL."""

from __future__ import annotations

from loaders.database.dialect import Dialect
from loaders.postgresql.faults import POSTGRESQL_FAULTS
from loaders.postgresql.parameter_writing import PostgreSQLParameterWriting
from loaders.postgresql.reading import POSTGRESQL_READING
from loaders.postgresql.tables import PostgreSQLTables
from loaders.postgresql.writing import PostgreSQLWriting

POSTGRESQL = Dialect("postgresql", POSTGRESQL_READING, PostgreSQLTables(), PostgreSQLWriting(), POSTGRESQL_FAULTS)
# Where the driver has no COPY.
POSTGRESQL_OVER_ODBC = Dialect(
    "postgresql", POSTGRESQL_READING, PostgreSQLTables(arrays=False), PostgreSQLParameterWriting(), POSTGRESQL_FAULTS
)
