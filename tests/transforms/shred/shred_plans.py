"""Plans for shredder tests, in the fewest words."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from tests.differential.shredders import make
from transforms.contract.plan import ColumnPlan, ColumnType, ContractPlan, Many, TablePlan, TypeKind
from transforms.path.model import ANY, NameTest
from transforms.path.parse import parse_row_path, parse_value_path
from transforms.shred import Shredded

ANY_ROOT = NameTest(ANY, ANY)


def column(name: str, path: str, many: str = "first", separator: str = "") -> ColumnPlan:
    return ColumnPlan(
        name, parse_value_path(path, {}), ColumnType(TypeKind.STRING), many=Many(many), separator=separator
    )


def table(name: str, rows: str, *columns: ColumnPlan, parent: str | None = None) -> TablePlan:
    return TablePlan(name, parse_row_path(rows, {}), parent, (), columns)


def plan(*tables: TablePlan, root: NameTest = ANY_ROOT, **options: Any) -> ContractPlan:
    return ContractPlan(root, tables, **options)


# One row for each `b` in `a`: its attribute, its own text, and how often the root says `v`.
SMALL = (table("b", "/a/b", column("k", "@k"), column("text", "text()"), column("v", "/a/@v")),)


def shred(documents: Any, tables: tuple[TablePlan, ...] = SMALL, **options: Any) -> Shredded:
    if not isinstance(documents, pa.Array | pa.ChunkedArray):
        texts = all(isinstance(document, str | None) for document in documents)
        documents = pa.array(documents, pa.string() if texts else pa.binary())
    return make(plan(*tables, **options)).shred(documents)


def reasons(shredded: Shredded) -> list[str]:
    return shredded.refused.column("reason").to_pylist()


def refusal(document: Any, **options: Any) -> tuple[str, int, int, str]:
    """Reason, line, column and detail of the one document, which must be refused."""
    shredded = shred([document], **options)
    assert all(extract.num_rows == 0 for extract in shredded.extracts.values())
    (row,) = shredded.refused.to_pylist()
    return row["reason"], row["line"], row["column"], row["detail"]


def values(shredded: Shredded, table_name: str = "b") -> list[dict[str, Any]]:
    """The rows of an extract without the shredder's own columns."""
    extract = shredded.extracts[table_name]
    return extract.select([name for name in extract.column_names if not name.startswith("_")]).to_pylist()
