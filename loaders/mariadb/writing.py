"""How rows get into MariaDB: by bulk execution of an INSERT, inside the transaction."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from loaders.database.catalog import StoredColumn, StoredTable
from loaders.database.select import Select, Selected
from loaders.database.standard_writing import StandardWriting
from loaders.mariadb.reading import MARIADB_READING
from loaders.mariadb.types import BINARIES, MOST_BYTES, TEXTS, parts

# Without these a wrong value is stored as another, and 0 in an AUTO_INCREMENT column as the next number.
_MODE = (
    "STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ZERO_DATE,NO_ZERO_IN_DATE,NO_ENGINE_SUBSTITUTION,"
    "NO_AUTO_VALUE_ON_ZERO"
)
_PATIENCE = 10  # seconds
_STAGING = " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin"


class MariaDBWriting(StandardWriting):
    """See loaders.database.dialect.WritingDialect.

    Dates and times travel as text too: turbodbc refuses years before 1400.
    """

    strategies: tuple[str, ...] = ("direct", "staged")
    name_length = 64
    integer = "SIGNED"

    def quote(self, identifier: str) -> str:
        """See ReadingDialect.quote."""
        return MARIADB_READING.quote(identifier)

    def session(self) -> Sequence[str]:
        """See WritingDialect.session."""
        return (
            f"SET SESSION sql_mode = '{_MODE}'",
            "SET SESSION time_zone = '+00:00'",
            # turbodbc holds Python's lock while it waits for one of the server's.
            f"SET SESSION innodb_lock_wait_timeout = least(@@innodb_lock_wait_timeout, {_PATIENCE})",
        )

    def written_as(self, column: StoredColumn) -> pa.DataType:
        """See WritingDialect.written_as."""
        if column.arrow is None and parts(column.type)[0] == "decimal":  # more digits than Arrow's have
            return pa.string()
        kind = super().written_as(column)
        if pa.types.is_integer(kind) or pa.types.is_boolean(kind):
            return pa.int64()
        return kind if pa.types.is_floating(kind) else pa.string()

    def from_staged(self, sql: str, column: StoredColumn) -> str:
        """See WritingDialect.from_staged. A text for a column of another type is one by itself, so that no driver takes
        its parameter for a number."""
        name = parts(column.type)[0]
        if name in BINARIES:
            return f"UNHEX({sql})"
        if name in MOST_BYTES and sql != "?":  # from one column to the other, the server cuts what is too long
            return f"CONCAT({sql})"
        plain = self.written_as(column) != pa.string() or name in TEXTS
        return sql if plain else f"CAST({sql} AS CHAR)"

    def staged_type(self, column: StoredColumn) -> str:
        """See WritingDialect.staged_type."""
        kind = self.written_as(column)
        if kind == pa.string():
            long = parts(column.type)[0] in (*TEXTS, *BINARIES)
            return "longtext" if long else "varchar(80)"
        return "double" if pa.types.is_floating(kind) else "bigint"

    def insert(self, table: StoredTable, columns: Sequence[StoredColumn]) -> str:
        """See WritingDialect.insert."""
        return super().insert(table, columns) if columns else f"INSERT INTO {self.named(table)} () VALUES ()"

    def create_staging(self, staged: str, columns: Sequence[StoredColumn]) -> str:
        """See WritingDialect.create_staging."""
        return super().create_staging(staged, columns) + _STAGING

    def delete(self, table: StoredTable, names: Sequence[str], keys: str) -> str:
        """See WritingDialect.delete: as a join, since only then an index serves. InnoDB looks at each row by itself, so
        those that others of the table refer to come later."""
        equal = " AND ".join(f"k.{self.quote(name)} = t.{self.quote(name)}" for name in names)
        joined, free = f"{self.named(table)} t JOIN {keys} k ON {equal}", []
        own = [key for key in table.foreign_keys if (key.schema, key.table) == (table.schema, table.name)]
        for at, key in enumerate(own):
            pairs = zip(key.columns, key.references, strict=True)
            refers = " AND ".join(f"c{at}.{self.quote(mine)} = t.{self.quote(theirs)}" for mine, theirs in pairs)
            joined += f" LEFT JOIN {self.named(table)} c{at} ON {refers}"
            free.append(f"c{at}.{self.quote(key.columns[0])} IS NULL")
        return f"DELETE t FROM {joined}" + (f" WHERE {' AND '.join(free)}" if free else "")

    def lock(self, name: str) -> Selected:
        """See WritingDialect.lock."""
        return Selected("locked", f"CAST(coalesce(get_lock('{name}', 0), 0) AS SIGNED)", pa.int64())

    def unlock(self, name: str) -> Selected:
        """See WritingDialect.unlock."""
        return Selected("unlocked", f"CAST(coalesce(release_lock('{name}'), 0) AS SIGNED)", pa.int64())

    def next_values(self, table: StoredTable, column: StoredColumn, count: int) -> Select | None:
        """See WritingDialect.next_values: the column's own default, evaluated so often. AUTO_INCREMENT gives its
        numbers only to rows that are there."""
        if not column.default:
            return None
        kind = pa.int64() if column.arrow is not None and pa.types.is_integer(column.arrow) else pa.string()
        made = f"CAST({column.default} AS {'SIGNED' if pa.types.is_integer(kind) else 'CHAR'})"
        return Select((Selected("made", made, kind),), f" FROM seq_1_to_{max(1, int(count))}")
