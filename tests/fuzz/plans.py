"""The plans that mutants are read by: made-up ones, one that reads everything, and all of docs/paths.md."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random

from tests.differential.plans import plan
from tests.differential.records import record_plan
from transforms.contract.plan import (
    ColumnPlan,
    ColumnType,
    ContractPlan,
    Many,
    TablePlan,
    TypeKind,
)
from transforms.path.model import ANY, NameTest, XPath
from transforms.path.parse import parse_row_path, parse_value_path
from transforms.shred.native.xpath_reads import reads_of

PLANS = 10_000
_ANY_ROOT = NameTest(ANY, ANY)
_PAGE = Path(__file__).resolve().parents[2] / "docs" / "paths.md"


def numbered(number: int) -> ContractPlan:
    """The plan of that number, below PLANS: always the same one. Some are not made up, others fit records."""
    if is_for_records(number):
        return record_plan(Random(f"records {number}"))
    known = {0: everything, 1: from_root, 2: documented}.get(number % 20)
    if known is not None:
        return known()
    random = Random(f"plan {number}")
    while _has_no_columns(made := _read_by_kernel(plan(random))):
        pass
    return made


def is_for_records(number: int) -> bool:
    """Whether the plan of that number fits documents of records."""
    return number % 5 == 4


def _read_by_kernel(made: ContractPlan) -> ContractPlan:
    """The plan without columns that lxml reads."""
    tables = (
        replace(table, columns=tuple(column for column in table.columns if not _is_lxmls(column)))
        for table in made.tables
    )
    return replace(made, tables=tuple(tables))


def _is_lxmls(column: ColumnPlan) -> bool:
    return isinstance(column.path, XPath) and reads_of(column.path, column.many) is None


def _has_no_columns(made: ContractPlan) -> bool:
    return not any(table.columns for table in made.tables)


def _column(name: str, path: str, many: Many = Many.FIRST, namespaces: dict[str, str] | None = None) -> ColumnPlan:
    return ColumnPlan(name, parse_value_path(path, namespaces or {}), ColumnType(TypeKind.STRING), many=many)


@cache
def everything() -> ContractPlan:
    """Every element as a row: its texts, itself as XML, attributes, and what is around it."""
    columns = (
        *(_column(name, name) for name in ("text()", ".", "xml()", "position()", "@k", "@a", "@id", "@xml:lang")),
        _column("children", "*/text()", Many.LIST),
        _column("up", "../@k"),
        _column("last", "*[last()]/xml()"),
    )
    inner = (_column("text", "."), _column("near", "ancestor::*[1]/@k"))
    tables = (
        TablePlan("element", parse_row_path("//*", {}), None, (), columns),
        TablePlan("inner", parse_row_path("//*/*", {}), "element", (), inner),
    )
    return ContractPlan(_ANY_ROOT, tables)


@cache
def from_root() -> ContractPlan:
    """One row a document, with lists of everything: the fastest way to see whether text or structure differ."""
    paths = (
        "//*/text()",
        "//*",
        "//*/@k",
        "//*/@a",
        "//*/@xml:lang",
        "/*/xml()",
        "//*[@k]/xml()",
        "//*[2]/xml()",
        "//*[last()]/.",
    )
    columns = tuple(_column(f"c{at}", path, Many.LIST) for at, path in enumerate(paths))
    return ContractPlan(_ANY_ROOT, (TablePlan("root", parse_row_path("/*", {}), None, (), columns),))


@cache
def documented() -> ContractPlan:
    """All examples of docs/paths.md that have a path."""
    tables = []
    for block in re.findall(r"^```example\n(.*?)^```$", _PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
        fields = dict(re.findall(r"^(namespaces|rows|path|many|separator): +(.*)$", block, re.MULTILINE))
        if "path" not in fields or fields.get("many") == "error" or fields["path"] == "$number":
            continue
        namespaces = json.loads(fields.get("namespaces", "{}"))
        column = _column("value", fields["path"], Many(fields.get("many", "first")), namespaces)
        rows = parse_row_path(fields["rows"], namespaces)
        tables.append(TablePlan(f"t{len(tables)}", rows, None, (), (column,)))
    return ContractPlan(_ANY_ROOT, tuple(tables))
