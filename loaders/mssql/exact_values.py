"""Staged values as their columns store them exactly, or an error that says which value a column cannot hold.

SQL Server would round a time to what a column keeps, put `?` for a character that a code page lacks, and drop blanks at
the end of a text that is too long, each without a word. Here such a value fails to become a number (error 245, which
quotes it): the row is refused, and its document goes to quarantine.
"""

from __future__ import annotations

from loaders.database.catalog import StoredColumn
from loaders.mssql.reading import MSSQL_READING
from loaders.mssql.statement import literal
from loaders.mssql.types import SqlType, sql_type

# How much of a value an error quotes, and of everything that it says: a type with a limit, since what the server makes
# of nvarchar(max) in such an error is not documented.
_QUOTED = 60
_TOLD = 400
# DATETIME keeps three digits of a second in steps of 1/300, SMALLDATETIME minutes: how they read with what is missing
# to six digits, and their range.
_OLD_TIMES = {
    "datetime": ("CONVERT(char(23), {}, 121) + '000'", "1753-01-01", "9999-12-31T23:59:59.997"),
    "smalldatetime": ("CONVERT(char(19), {}, 120) + '.000000'", "1900-01-01", "2079-06-06T23:59:00"),
}
_NEW_TIMES = ("datetime2", "datetimeoffset", "time")


def exact_value(sql: str, column: StoredColumn) -> str:
    """The expression that makes a staged value one of the column's type. A `?`, which cannot stand there twice, is
    converted without a check: it is only compared."""
    kind = sql_type(column.type)
    if sql == "?":
        return _bound(column, kind)
    if kind.is_narrow:
        return _narrow(sql, column, kind)
    if kind.is_wide and kind.length is not None:
        return _checked(sql, f"DATALENGTH({sql}) <= {2 * kind.length}", sql, sql, column)
    if kind.is_binary and kind.length is not None:
        shown = f"CONVERT(nvarchar({2 * _QUOTED}), {sql}, 2)"
        return _checked(sql, f"DATALENGTH({sql}) <= {kind.length}", sql, shown, column, "varbinary(max)")
    if kind.name in _OLD_TIMES:
        return _old_time(sql, column, kind)
    if kind.name in _NEW_TIMES and kind.scale < 6:
        value, shown = f"CAST({sql} AS {column.type})", f"CONVERT(nvarchar(40), {sql}, 121)"
        return _checked(sql, f"{value} = {sql}", value, shown, column, column.type)
    if kind.name == "uniqueidentifier":
        return f"CAST({sql} AS uniqueidentifier)"
    if kind.name == "xml":
        return f"CONVERT(xml, {sql}, 1)"  # 1: blanks are kept
    return sql


def _bound(column: StoredColumn, kind: SqlType) -> str:
    """Of any length, so that one which is too long is refused and not cut."""
    if kind.is_wide:
        return "CAST(? AS nvarchar(max))"
    if kind.is_narrow:
        collation = f" COLLATE {column.collation}" if column.collation else ""
        return f"CAST(CAST(? AS nvarchar(max)){collation} AS varchar(max))"
    return "CONVERT(varbinary(max), CAST(? AS varchar(max)), 2)" if kind.is_binary else MSSQL_READING.bound(column)


def _narrow(sql: str, column: StoredColumn, kind: SqlType) -> str:
    """Text in a code page: there and back it has to be the same, and not too long."""
    given = f"{sql} COLLATE {column.collation}" if column.collation else sql
    value = f"CAST({given} AS varchar(max))"
    condition = f"CAST({value} AS nvarchar(max)) COLLATE Latin1_General_100_BIN2 = {sql}"
    if kind.length is not None:
        condition += f" AND DATALENGTH({value}) <= {kind.length}"
    return _checked(sql, condition, value, sql, column, "varchar(max)")


def _old_time(sql: str, column: StoredColumn, kind: SqlType) -> str:
    """A time that reads the same afterwards is kept exactly. What is outside of the range never meets the CAST, whose
    error would not say which value it was."""
    read, low, high = _OLD_TIMES[kind.name]
    value = f"CAST(CASE WHEN {sql} BETWEEN '{low}' AND '{high}' THEN {sql} END AS {kind.name})"
    shown = f"CONVERT(nvarchar(40), {sql}, 121)"
    return _checked(sql, f"{read.format(value)} = CONVERT(char(26), {sql}, 121)", value, shown, column, kind.name)


def _checked(
    sql: str, condition: str, value: str, shown: str, column: StoredColumn, kind: str = "nvarchar(max)"
) -> str:
    """The value where the condition holds, NULL where there is none, else error 245. kind: the type of the value, which
    the branch that never returns has to have, too."""
    told = literal(f"{column.name} ({column.type}) cannot hold ")
    failing = f"CAST(CAST({told} + LEFT({shown}, {_QUOTED}) AS nvarchar({_TOLD})) AS int)"
    if sql_type(kind).name in _NEW_TIMES:
        failing = f"CAST({failing} AS datetime)"  # which numbers become, and those types do not
    return f"CASE WHEN {sql} IS NULL THEN NULL WHEN {condition} THEN {value} ELSE CAST({failing} AS {kind}) END"
