"""Runs the short contracts of docs/contract.in.md over the document before them: the page shows what becomes of it."""

from __future__ import annotations

import re

import pyarrow as pa
from worked_example import changes_as_text, table_as_markdown

from transforms.contract import read_contract
from transforms.convert.types import loaded_schema
from transforms.rows.check import check_selection
from transforms.shred.lxml_shredder import LxmlShredder
from transforms.tables import tables_of

MARK = "{result}\n"
_BLOCK = re.compile(r"```(xml|yaml)\n(.*?)```", re.DOTALL)
_ROOT = re.compile(r"<(\w+)")


def with_results(page: str) -> str:
    """The page with the tables of the nearest document and contract before each mark in its place."""
    parts = page.split(MARK)
    text = parts[0]
    for part in parts[1:]:
        blocks = dict(_BLOCK.findall(text))  # the last of each kind
        text += f"{result(blocks['yaml'], blocks['xml'])}\n{part}"
    return text


def whole_contract(contract: str, document: str) -> str:
    """A contract of the page, with the lines that the page leaves out."""
    root = _ROOT.search(document)
    if root is None:
        raise SystemExit("the document has no root element")
    return contract if "version:" in contract else f"version: 1\nroot: {root[1]}\n{contract}"


def result(contract: str, document: str) -> str:
    """The loaded tables of one document, and what was counted, as Markdown."""
    plan = read_contract(whole_contract(contract, document), name="docs/contract.in.md")
    check_selection(plan)
    shredded = LxmlShredder(plan).shred(pa.array([document.strip()]))
    made = tables_of(plan, shredded.extracts)
    if shredded.refused.num_rows or made.rejected.num_rows:
        raise SystemExit(f"refused: {contract}\n{shredded.refused.to_pylist()} {made.rejected.to_pylist()}")
    parts = [
        f"`{table.title}`:\n\n{table_as_markdown(made.tables[table.name].select(loaded_schema(table).names))}"
        for table in plan.tables
        if table.load
    ]
    counted = changes_as_text(made.changes)
    return "\n\n".join([*parts, *([f"Counted: {counted}."] if counted else [])])
