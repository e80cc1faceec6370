"""SQLite."""

from __future__ import annotations

from loaders.database.dialect import Dialect
from loaders.sqlite.faults import SQLITE_FAULTS
from loaders.sqlite.reading import SQLITE_READING
from loaders.sqlite.tables import SQLiteTables
from loaders.sqlite.writing import SQLiteWriting

SQLITE = Dialect("sqlite", SQLITE_READING, SQLiteTables(), SQLiteWriting(), SQLITE_FAULTS)
