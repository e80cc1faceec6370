"""What is common today: document by document, one XPath a cell, one INSERT a table and document.

    python -m bench.peer FOLDER

Loads the loan documents of a folder's source into its own DuckDB file and prints JSON: documents, bytes, seconds, peak.
It does less than the job: values stay text, no duplicates, no ledger, no proof.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import duckdb
from lxml import etree

from bench.loans import plan
from bench.shred.xpath import XPathTable
from columnar.running.budget import peak_memory
from transforms.contract.extracts import Extract, extracts_of


class Table:
    """One table's compiled paths and its INSERT."""

    def __init__(self, extract: Extract) -> None:
        self._paths = XPathTable(extract)
        names = ", ".join(f'"{name}" VARCHAR' for name in self._paths.names)
        self.ddl = f'CREATE TABLE "{extract.name}" ({names})'
        self.insert = f'INSERT INTO "{extract.name}" VALUES ({", ".join("?" * len(self._paths.names))})'

    def read(self, root: etree._Element, key: str) -> list[list[str | None]]:
        """Every row of a document."""
        columns: list[list[str | None]] = [[] for _ in self._paths.names]
        self._paths.read(root, key, columns)
        return [list(row) for row in zip(*columns, strict=True)]


def main(folder: Path) -> None:
    """Load everything."""
    tables = [Table(extract) for extract in extracts_of(plan())]
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
