"""MariaDB."""

from __future__ import annotations

from loaders.database.dialect import Dialect
from loaders.mariadb.faults import MARIADB_FAULTS
from loaders.mariadb.reading import MARIADB_READING
from loaders.mariadb.tables import MariaDBTables
from loaders.mariadb.writing import MariaDBWriting

MARIADB = Dialect("mariadb", MARIADB_READING, MariaDBTables(), MariaDBWriting(), MARIADB_FAULTS)
