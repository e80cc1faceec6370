"""How rows get into SQL Server: by bulk copy into staging tables, then by INSERT … SELECT in one transaction."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from loaders.database.catalog import StoredColumn, StoredTable
from loaders.database.select import Select, Selected
from loaders.database.standard_writing import ROW, StandardWriting
from loaders.mssql.exact_values import exact_value
from loaders.mssql.made_values import made_values
from loaders.mssql.statement import SelectedAfter, literal, quote
from loaders.mssql.types import TYPES


class MssqlWriting(StandardWriting):
    """See loaders.database.dialect.WritingDialect."""

    strategies: tuple[str, ...] = ("staged",)
    # The server takes a lock of the whole table where one statement holds 5,000 locks of rows and pages: a row may have
    # a page of its own, and each index counts alone.
    rows_per_statement = 2_000
    name_length = 116  # of a temporary table; 128 of others
    count = "COUNT_BIG(*)"
    temporary_name = "#columnar_compared"

    def quote(self, identifier: str) -> str:
        """See ReadingDialect.quote."""
        return quote(identifier)

    def staged_type(self, column: StoredColumn) -> str:
        """See WritingDialect.staged_type: the type of what `written_as` arrives in, never narrower."""
        kind = self.written_as(column)
        if pa.types.is_decimal(kind):
            return f"decimal({kind.precision},{kind.scale})"
        return "nvarchar(max)" if pa.types.is_string(kind) else TYPES[kind]

    def from_staged(self, sql: str, column: StoredColumn) -> str:
        """See WritingDialect.from_staged."""
        return exact_value(sql, column)

    def around(self, table: StoredTable, columns: Sequence[StoredColumn]) -> tuple[Sequence[str], Sequence[str]]:
        """See WritingDialect.around: one table of a session at a time takes values for its identity."""
        if not any(column.identity for column in columns):
            return (), ()
        setting = f"SET IDENTITY_INSERT {self.named(table)}"
        return (f"{setting} ON",), (f"{setting} OFF",)

    def move(self, table: StoredTable, columns: Sequence[StoredColumn], staged: str, first: int, last: int) -> str:
        """See WritingDialect.move: by the staging table's own key, in whose order the rows come without sorting."""
        rows = f"{staged} AS s WITH (TABLOCK, FORCESEEK) WHERE s.{quote(ROW)} BETWEEN {int(first)} AND {int(last)}"
        if not columns:  # INSERT … SELECT has no rows of defaults
            source = f"(SELECT s.{quote(ROW)} FROM {rows}) AS r ON 1 = 0"
            return f"MERGE INTO {self.named(table)} AS t USING {source} WHEN NOT MATCHED THEN INSERT DEFAULT VALUES;"
        values = ", ".join(self.from_staged(f"s.{quote(column.name)}", column) for column in columns)
        into = f"INSERT INTO {self.named(table)} ({self._names(columns)})"
        return f"{into} SELECT {values} FROM {rows} ORDER BY s.{quote(ROW)}"

    def create_staging(self, staged: str, columns: Sequence[StoredColumn]) -> str:
        """See WritingDialect.create_staging: a heap, since rows of a clustered index would be sorted, long texts and
        all, while they are copied."""
        lines = [f"{quote(ROW)} bigint NOT NULL PRIMARY KEY NONCLUSTERED"]
        lines += [f"{quote(column.name)} {self.staged_type(column)} NULL" for column in columns]
        return f"CREATE TABLE {staged} (" + ", ".join(lines) + ")"

    def create_comparison(self, table: StoredTable, columns: Sequence[StoredColumn], name: str) -> str:
        """See WritingDialect.create_comparison. Without collations it would have those of tempdb."""
        lines = [f"{quote(ROW)} bigint NOT NULL"]
        for column in columns:
            collation = f" COLLATE {column.collation}" if column.collation else ""
            lines.append(f"{quote(column.name)} {column.type}{collation} NULL")
        return f"CREATE TABLE {name} (" + ", ".join(lines) + ")"

    def delete(self, table: StoredTable, names: Sequence[str], keys: str) -> str:
        """See WritingDialect.delete: no more rows at a time than are moved. Rows of a table that refers to itself go
        together, since the server looks at the foreign key once a statement is through."""
        equal = " AND ".join(f"k.{quote(name)} = t.{quote(name)}" for name in names)
        rows = f"FROM {self.named(table)} AS t WHERE EXISTS (SELECT 1 FROM {keys} AS k WHERE {equal})"
        if any((key.schema, key.table) == (table.schema, table.name) for key in table.foreign_keys):
            return f"DELETE t {rows}"
        most = self.rows_per_statement
        once = f"DELETE TOP ({most}) t {rows};\n  SET @gone = ROWCOUNT_BIG();"
        return f"DECLARE @gone bigint = {most};\nWHILE @gone = {most}\nBEGIN\n  {once}\nEND"

    def lock(self, name: str) -> Selected:
        """See WritingDialect.lock."""
        call = f"sys.sp_getapplock @Resource = {literal(name)}, @LockMode = N'Exclusive'"
        before = f"DECLARE @got int;\nEXEC @got = {call}, @LockOwner = N'Session', @LockTimeout = 0;\n"
        return SelectedAfter("locked", "CAST(CASE WHEN @got >= 0 THEN 1 ELSE 0 END AS bigint)", pa.int64(), before)

    def unlock(self, name: str) -> Selected:
        """See WritingDialect.unlock."""
        call = f"sys.sp_releaseapplock @Resource = {literal(name)}, @LockOwner = N'Session'"
        before = f"DECLARE @freed int;\nEXEC @freed = {call};\n"
        return SelectedAfter("unlocked", "CAST(CASE WHEN @freed >= 0 THEN 1 ELSE 0 END AS bigint)", pa.int64(), before)

    def next_values(self, table: StoredTable, column: StoredColumn, count: int) -> Select | None:
        """See WritingDialect.next_values."""
        return made_values(self.named(table), column, count)
