"""Values that SQL Server makes for a column, before there are rows that need them; never given out again.

A sequence, or any other default, is asked so often. Numbers of an identity are taken by moving its counter: under an
exclusive lock of the table, so that no row gets one of them meanwhile, and one further than needed, because the first
row of a table that never held one takes the counter's value itself instead of the next.
"""

from __future__ import annotations

import pyarrow as pa

from loaders.database.catalog import StoredColumn
from loaders.database.select import Select, Selected
from loaders.errors import UsageError
from loaders.mssql.catalog_sql import HIDDEN_DEFAULT
from loaders.mssql.reading import MSSQL_READING
from loaders.mssql.statement import SelectedAfter, literal

_MADE = "#columnar_made"
_DIGITS = "(VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9))"


def made_values(table: str, column: StoredColumn, count: int) -> Select | None:
    """They are in the column `made`, one a row. table: its quoted name. None where the column has no default.
    UsageError where its default is hidden from this login."""
    if column.identity:
        return _of_identity(table, count)
    if column.default == HIDDEN_DEFAULT:
        raise UsageError(
            f"{table}.{column.name}: this login may not see its default, which has to make values (identity: database)",
            hint=f"GRANT VIEW DEFINITION ON {table} TO …",
        )
    if not column.default:
        return None
    if "newsequentialid" in column.default.lower():
        return _of_default_only(column, count)
    number = MSSQL_READING.is_integer(column)
    made = f"({column.default})"
    sql = f"CAST({made} AS bigint)" if number else MSSQL_READING.as_text(made, column)
    return Select((Selected("made", sql, pa.int64() if number else pa.string()),), f" FROM {_places(count)}")


def _places(count: int) -> str:
    """The numbers from 0 below count: without TOP, beside which no sequence gives values."""
    digits = len(str(max(1, count - 1)))
    place = " + ".join(f"d{at}.n * {10**at}" for at in range(digits))
    tables = " CROSS JOIN ".join(f"{_DIGITS} AS d{at}(n)" for at in range(digits))
    return f"(SELECT {place} AS place FROM {tables}) AS p WHERE p.place < {int(count)}"


def _of_identity(table: str, count: int) -> Select:
    name = literal(table)
    before = (
        "DECLARE @held bigint, @first bigint, @step bigint, @next bigint;\n"
        "BEGIN TRANSACTION;\n"
        f"SELECT @held = COUNT_BIG(*) FROM (SELECT TOP (1) 1 AS one FROM {table} WITH (TABLOCKX, HOLDLOCK)) AS held;\n"
        f"SET @step = CAST(IDENT_INCR({name}) AS bigint);\n"
        f"SET @first = CAST(IDENT_CURRENT({name}) AS bigint) + @step;\n"
        f"SET @next = @first + @step * {int(count)};\n"
        f"DBCC CHECKIDENT ({name}, RESEED, @next) WITH NO_INFOMSGS;\n"
        "COMMIT TRANSACTION;\n"
    )
    made = SelectedAfter("made", "CAST(@first + @step * p.place AS bigint)", pa.int64(), before)
    return Select((made,), f" FROM {_places(count)}")


def _of_default_only(column: StoredColumn, count: int) -> Select:
    """NEWSEQUENTIALID() stands in defaults only, and those of CREATE TABLE: in a table of the session, made anew."""
    before = (
        f"DROP TABLE IF EXISTS {_MADE};\n"
        f"CREATE TABLE {_MADE} (place int NOT NULL PRIMARY KEY,"
        f" made {column.type} NOT NULL DEFAULT {column.default});\n"
        f"INSERT INTO {_MADE} (place) SELECT p.place FROM {_places(count)};\n"
    )
    made = SelectedAfter("made", MSSQL_READING.as_text("m.made", column), pa.string(), before)
    return Select((made,), f" FROM {_MADE} AS m")
