"""How rows get into PostgreSQL: by COPY in its binary form, inside the transaction."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from loaders.database.catalog import StoredColumn, StoredTable
from loaders.database.select import Select, Selected, integers
from loaders.database.standard_writing import StandardWriting
from loaders.database.written_columns import UUID_BYTES
from loaders.postgresql.types import array_type, parts

_WIDE = {"integer": pa.int32(), "smallint": pa.int16(), "bigint": pa.int64(), "real": pa.float32()}

# Holds every decimal of a contract; the column rounds nothing, since `fits` says what it takes.
_ANY_DECIMAL = pa.decimal256(76, 38)


class PostgreSQLWriting(StandardWriting):
    """See loaders.database.dialect.WritingDialect."""

    strategies: tuple[str, ...] = ("direct", "staged")
    name_length = 63
    overriding = " OVERRIDING SYSTEM VALUE"

    def session(self) -> Sequence[str]:
        """See WritingDialect.session: tables that do not name their schema are made in `public`, whatever the user's
        search_path begins with."""
        return ("SELECT set_config('search_path', 'public, ' || current_setting('search_path'), false)",)

    def written_as(self, column: StoredColumn) -> pa.DataType:
        """See WritingDialect.written_as. A copy in binary form takes the column's very type: an integer of another
        width is refused as corrupt data."""
        name, _ = parts(column.type)
        if name == "uuid":
            return UUID_BYTES
        if name == "numeric" and column.arrow is None:
            return _ANY_DECIMAL
        return _WIDE.get(name) or array_type(column.type) or super().written_as(column)

    def create_staging(self, staged: str, columns: Sequence[StoredColumn]) -> str:
        """See WritingDialect.create_staging: not logged, since nothing needs it after a crash."""
        return super().create_staging(staged, columns).replace("CREATE TABLE", "CREATE UNLOGGED TABLE", 1)

    def temporary(self, suffix: str) -> str:
        """See WritingDialect.temporary: with its schema, since ADBC looks for the others in the default one."""
        return f'"pg_temp".{super().temporary(suffix)}'

    def lock(self, name: str) -> Selected:
        """See WritingDialect.lock."""
        return Selected("locked", f"CAST(pg_try_advisory_lock({_number(name)}) AS integer)", pa.int64())

    def unlock(self, name: str) -> Selected:
        """See WritingDialect.unlock."""
        return Selected("unlocked", f"CAST(pg_advisory_unlock({_number(name)}) AS integer)", pa.int64())

    def inserted(self, table: StoredTable) -> Select | None:
        """See WritingDialect.inserted: the server counts them for its statistics, those of a partitioned table at its
        partitions. What COPY tells is what was sent."""
        if not table.triggers:
            return None
        relation = f"CAST({_literal(self.named(table))} AS regclass)"
        counted = "pg_stat_get_xact_tuples_inserted({})"
        parts_of = f"SELECT sum({counted.format('relid')}) FROM pg_partition_tree({relation})"
        return integers([("n", f"CAST(coalesce(({parts_of}), {counted.format(relation)}) AS bigint)")], "")

    def next_values(self, table: StoredTable, column: StoredColumn, count: int) -> Select | None:
        """See WritingDialect.next_values: the column's own default, evaluated so often. A sequence remembers what it
        gave out, whatever becomes of the transaction."""
        default = column.default
        if column.identity:
            place = ", ".join(_literal(each) for each in (self.named(table), column.name))
            default = f"nextval(pg_get_serial_sequence({place}))"
        if not default:
            return None
        kind = pa.int64() if column.arrow is not None and pa.types.is_integer(column.arrow) else pa.string()
        made = f"CAST({default} AS {'bigint' if pa.types.is_integer(kind) else 'text'})"
        return Select((Selected("made", made, kind),), f" FROM generate_series(1, {int(count)})")


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _number(name: str) -> str:
    """An advisory lock is a number."""
    return f"hashtextextended({_literal(name)}, 0)"
