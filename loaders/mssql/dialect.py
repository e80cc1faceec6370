"""SQL Server."""

from __future__ import annotations

from loaders.database.dialect import Dialect
from loaders.mssql.faults import MSSQL_FAULTS
from loaders.mssql.reading import MSSQL_READING
from loaders.mssql.tables import MssqlTables
from loaders.mssql.writing import MssqlWriting

MSSQL = Dialect("mssql", MSSQL_READING, MssqlTables(), MssqlWriting(), MSSQL_FAULTS)
