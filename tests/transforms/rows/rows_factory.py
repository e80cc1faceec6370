"""Plans and converted tables for the tests of rows and their SQL, built by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from transforms.contract.plan import ColumnPlan, ColumnType, ContractPlan, TablePlan, TypeKind
from transforms.convert.result import CHANGES_SCHEMA, REJECTED_SCHEMA, Converted
from transforms.path.model import NameTest, Parents, RowPath, Terminal, TerminalKind, ValuePath
from transforms.rows.program import converted_schema

PATH = ValuePath("@a", Parents(0), (), Terminal(TerminalKind.ATTRIBUTE, NameTest("a")))
ROWS = RowPath("/a", ())

BOOL = ColumnType(TypeKind.BOOL)
INT = ColumnType(TypeKind.INT)
INT16 = ColumnType(TypeKind.INT, bits=16)
INT32 = ColumnType(TypeKind.INT, bits=32)
FLOAT = ColumnType(TypeKind.FLOAT)
TEXT = ColumnType(TypeKind.STRING)
DATE = ColumnType(TypeKind.DATE)
TIMESTAMP = ColumnType(TypeKind.TIMESTAMP)
TIMESTAMPTZ = ColumnType(TypeKind.TIMESTAMPTZ)
TIME = ColumnType(TypeKind.TIME)
UUID = ColumnType(TypeKind.UUID)
BINARY = ColumnType(TypeKind.BINARY)
MONEY = ColumnType(TypeKind.DECIMAL, precision=12, scale=2)

Row = dict[str, Any]


def read(name: str, kind: ColumnType = TEXT, **options: Any) -> ColumnPlan:
    """A column that is read from documents."""
    return ColumnPlan(name, PATH, kind, **options)


def made(name: str, sql: str, kind: ColumnType = TEXT, **options: Any) -> ColumnPlan:
    """A column made by SQL."""
    return ColumnPlan(name, None, kind, sql=sql, **options)


def filled(name: str, kind: ColumnType = TEXT, **options: Any) -> ColumnPlan:
    """A column of a table made by SQL."""
    return ColumnPlan(name, None, kind, **options)


def table(name: str, *columns: ColumnPlan, **options: Any) -> TablePlan:
    """A table with rows; `inherited` and `parent` among the options."""
    return TablePlan(
        name,
        ROWS,
        **{"parent": None, "inherited": (), "columns": columns, **options},
    )


def sql_table(name: str, sql: str, *columns: ColumnPlan, **options: Any) -> TablePlan:
    """A table made by SQL."""
    return TablePlan(name, None, None, (), columns, sql=sql, **options)


def plan(*tables: TablePlan) -> ContractPlan:
    return ContractPlan(NameTest("a"), tables)


def converted(contract: ContractPlan, rows: Mapping[str, Sequence[Row]]) -> Converted:
    """What conversion leaves: rows without `_row` are numbered within their document."""
    tables = {}
    for each in contract.tables:
        if each.rows is None:
            continue
        counts: dict[int, int] = {}
        full = []
        for row in rows.get(each.name, []):
            number = counts.get(row["_document"], 0)
            counts[row["_document"]] = number + 1
            full.append({"_row": number, "_position": number + 1, "_line": 10 + number, **row})
        tables[each.name] = pa.Table.from_pylist(full, schema=converted_schema(each))
    return Converted(tables, REJECTED_SCHEMA.empty_table(), CHANGES_SCHEMA.empty_table())


def values(result: Converted, name: str, *columns: str) -> list[Any]:
    """The values of a column, or tuples of several, in the order of the rows."""
    found = [result.tables[name].column(column).to_pylist() for column in columns]
    return found[0] if len(columns) == 1 else list(zip(*found, strict=True))


def changes(result: Converted) -> dict[tuple[str, str, str], int]:
    return {(line["table"], line["column"], line["rule"]): line["values"] for line in result.changes.to_pylist()}


def rejected(result: Converted) -> dict[int, tuple[str, int, str]]:
    """Document -> reason, line, detail."""
    return {row["document"]: (row["reason"], row["line"], row["detail"]) for row in result.rejected.to_pylist()}
