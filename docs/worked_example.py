"""Runs the document and the contract of docs/contract.in.md: the page shows what the program really makes of them."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal

import pyarrow as pa

from transforms.contract import read_contract
from transforms.rows.check import check_selection
from transforms.shred.lxml_shredder import LxmlShredder
from transforms.shred.result import ROW_FIELDS
from transforms.tables import tables_of

SHREDDED = {field.name for field in ROW_FIELDS}


def tables_of_example(page: str) -> str:
    """The tables that the page's XML becomes by its contract, and the counts of what was changed, as Markdown."""
    plan = read_contract(_block(page, "xml\n<", "yaml"), name="docs/contract.in.md")
    check_selection(plan)
    document = _block(page, "", "xml")
    shredded = LxmlShredder(plan).shred(pa.array([document]))
    converted = tables_of(plan, shredded.extracts)
    if shredded.refused.num_rows or converted.rejected.num_rows:
        raise SystemExit(f"the example is refused: {shredded.refused.to_pylist()} {converted.rejected.to_pylist()}")
    parts = [f"`{name}`:\n\n{table_as_markdown(table)}" for name, table in converted.tables.items()]
    return "\n\n".join(parts) + f"\n\nand these counts: {changes_as_text(converted.changes)}."


def changes_as_text(changes: pa.Table) -> str:
    """What was counted, on one line."""
    rows = changes.sort_by([("table", "ascending"), ("rule", "ascending")]).to_pylist()
    return "; ".join(f"{_place(row['table'], row['column'])} {row['rule']} {row['values']}" for row in rows)


def _place(table: str, column: str) -> str:
    return f"`{table}.{column}`" if column else f"`{table}`"


def _block(page: str, after: str, language: str) -> str:
    """The first code block of a language, after a text."""
    match = re.compile(rf"```{language}\n(.*?)```", re.DOTALL).search(page, page.index(after))
    if match is None:
        raise SystemExit(f"no {language} block in the page")
    return match.group(1)


def table_as_markdown(table: pa.Table) -> str:
    """The rows of a table without what the shredder counts."""
    names = [name for name in table.column_names if name not in SHREDDED]
    lines = [names, ["---"] * len(names)]
    lines += [[_cell(row[name]) for name in names] for row in table.to_pylist()]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cell(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="milliseconds")
    return str(value) if isinstance(value, (int, float, Decimal)) else f"`{value}`"
