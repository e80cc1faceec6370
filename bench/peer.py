"""What is common today: document by document, one XPath a cell, one INSERT a table and document.

    python -m bench.peer FOLDER

Loads the loan documents of a folder's source into its own DuckDB file and prints JSON: documents, bytes, seconds, peak.
It does less than the job: values stay text, no duplicates, no ledger, no proof.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
from lxml import etree

from bench.loans import namespaces, plan
from columnar.running.budget import peak_memory
from transforms.contract.plan import ColumnPlan, TablePlan
from transforms.path.model import TerminalKind, ValuePath

Cell = Callable[[Any, int, str], str | None]  # lxml's elements are untyped


def cell(column: ColumnPlan) -> Cell:
    """How to read one column from a row's element."""
    path = column.path
    if isinstance(path, ValuePath):
        kind = path.terminal.kind
        if kind is TerminalKind.POSITION:
            return lambda _element, place, _key: str(place)
        if kind is TerminalKind.CONSTANT:
            return lambda _element, _place, _key: path.terminal.text
        if kind is TerminalKind.KEY:
            return lambda _element, _place, key: key
        if kind is TerminalKind.XML:
            inner = etree.XPath(
                path.source.removesuffix("/xml()").removesuffix("xml()") or ".", namespaces=namespaces()
            )
            return lambda element, _place, _key: _first(inner(element), etree.tostring)
    compiled = etree.XPath(path.source, namespaces=namespaces())
    return lambda element, _place, _key: _first(compiled(element), _text)


def _first(found: Any, read: Callable[[Any], Any]) -> str | None:
    if isinstance(found, list):
        return str(read(found[0])) if found else None
    return str(found)


def _text(node: Any) -> str:
    return str(node) if isinstance(node, str) else "".join(node.itertext())


class Table:
    """One table's compiled paths and its INSERT."""

    def __init__(self, table: TablePlan) -> None:
        self.rows = etree.XPath(table.rows.source, namespaces=namespaces())
        self.cells = [cell(column) for column in table.columns]
        names = ", ".join(f'"{column.name}" VARCHAR' for column in table.columns)
        self.ddl = f'CREATE TABLE "{table.name}" ({names})'
        self.insert = f'INSERT INTO "{table.name}" VALUES ({", ".join("?" * len(self.cells))})'

    def read(self, root: Any, key: str) -> list[list[str | None]]:
        """Every row of a document."""
        return [[read(row, place, key) for read in self.cells] for place, row in enumerate(self.rows(root), 1)]


def main(folder: Path) -> None:
    """Load everything."""
    tables = [Table(table) for table in plan().tables]
    source = duckdb.connect(str(folder / "source.duckdb"), read_only=True)
    (folder / "peer.duckdb").unlink(missing_ok=True)
    target = duckdb.connect(str(folder / "peer.duckdb"))
    for table in tables:
        target.execute(table.ddl)
    started = time.perf_counter()
    documents = size = failed = 0
    ids = source.execute("SELECT loan_id FROM loan_application ORDER BY loan_id").fetchall()
    for (key,) in ids:
        [(text,)] = source.execute("SELECT document FROM loan_application WHERE loan_id = ?", [key]).fetchall()
        documents += 1
        size += len(text or "")
        try:
            root = etree.fromstring((text or "").lstrip("\ufeff").encode(), etree.XMLParser(encoding="utf-8"))
        except etree.XMLSyntaxError:
            failed += 1
            continue
        target.execute("BEGIN")
        for table in tables:
            rows = table.read(root, str(key))
            if rows:
                target.executemany(table.insert, rows)
        target.execute("COMMIT")
    seconds = time.perf_counter() - started
    print(
        json.dumps({"documents": documents, "bytes": size, "seconds": seconds, "peak": peak_memory(), "failed": failed})
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
