"""Plans and extracts for the tests of conversion, built by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from transforms.contract.plan import ColumnPlan, ColumnType, ContractPlan, Many, Reaction, TablePlan, TypeKind
from transforms.convert import Converted, convert
from transforms.path.model import NameTest, Parents, RowPath, Terminal, TerminalKind, ValuePath
from transforms.shred.result import ROW_FIELDS

PATH = ValuePath("@a", Parents(0), (), Terminal(TerminalKind.ATTRIBUTE, NameTest("a")))

BOOL = ColumnType(TypeKind.BOOL)
INT8, INT16, INT32, INT64 = (ColumnType(TypeKind.INT, bits=bits) for bits in (8, 16, 32, 64))
FLOAT = ColumnType(TypeKind.FLOAT)
STRING = ColumnType(TypeKind.STRING)
DATE = ColumnType(TypeKind.DATE)
TIME = ColumnType(TypeKind.TIME)
TIMESTAMP = ColumnType(TypeKind.TIMESTAMP)
TIMESTAMPTZ = ColumnType(TypeKind.TIMESTAMPTZ)
BASE64 = ColumnType(TypeKind.BINARY, encoding="base64")
HEX = ColumnType(TypeKind.BINARY, encoding="hex")
UUID = ColumnType(TypeKind.UUID)


def decimal(precision: int, scale: int) -> ColumnType:
    return ColumnType(TypeKind.DECIMAL, precision=precision, scale=scale)


def string(length: int) -> ColumnType:
    return ColumnType(TypeKind.STRING, length=length)


def column(name: str, type_: ColumnType, **options: Any) -> ColumnPlan:
    return ColumnPlan(name, PATH, type_, **options)


def table(name: str, *columns: ColumnPlan, parent: str | None = None) -> TablePlan:
    return TablePlan(name, RowPath("/r", ()), parent, (), columns)


def plan(*tables: TablePlan) -> ContractPlan:
    return ContractPlan(NameTest("r"), tables)


def extract(
    columns: Mapping[str, Sequence[Any]], documents: Sequence[int], *, lists: frozenset[str] = frozenset()
) -> pa.Table:
    """An extract with these texts, a row per entry of documents; the line of a row is 10 plus its number."""
    seen: dict[int, int] = {}
    rows = []
    for document in documents:
        rows.append(seen.get(document, 0))
        seen[document] = rows[-1] + 1
    standard = [documents, rows, [None] * len(rows), [row + 1 for row in rows], [row + 10 for row in range(len(rows))]]
    arrays = [pa.array(values, field.type) for values, field in zip(standard, ROW_FIELDS, strict=True)]
    fields = list(ROW_FIELDS)
    for name, texts in columns.items():
        kind = pa.list_(pa.string()) if name in lists else pa.string()
        arrays.append(pa.array(texts, kind))
        fields.append(pa.field(name, kind))
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def convert_column(texts: Sequence[Any], type_: ColumnType, **options: Any) -> Converted:
    """Convert one column of one table, each text in a document of its own."""
    lists = frozenset(["c"]) if options.get("many") is Many.LIST else frozenset[str]()
    return convert(
        plan(table("t", column("c", type_, **options))),
        {"t": extract({"c": texts}, range(len(texts)), lists=lists)},
    )


def values(texts: Sequence[Any], type_: ColumnType, **options: Any) -> list[Any]:
    """The values that texts convert to, NULL for whatever cannot be."""
    policies = dict.fromkeys(("on_invalid", "on_unknown", "on_too_long", "on_inexact"), Reaction.NULL)
    return convert_column(texts, type_, **{**policies, **options}).tables["t"]["c"].to_pylist()


def changes(converted: Converted) -> dict[tuple[str, str, str], int]:
    return {(line["table"], line["column"], line["rule"]): line["values"] for line in converted.changes.to_pylist()}


def rules(converted: Converted) -> dict[str, int]:
    """The counts of the one column there is."""
    return {rule: count for (_, _, rule), count in changes(converted).items()}
