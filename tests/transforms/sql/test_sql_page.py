"""What docs/sql.md says is refused, is; and what it says to write instead is accepted."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pytest

from transforms.errors import ContractError
from transforms.shred.result import ROW_FIELDS
from transforms.sql.statement import read_statement

PAGE = Path(__file__).parents[3] / "docs" / "sql.md"
PAIRS = re.findall(r"^\| `([^`]+)` \| `((?:SELECT|UNPIVOT)[^`]+)` \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
MONEY = pa.decimal128(12, 2)
TABLES = {
    "orders": pa.schema([*ROW_FIELDS, ("id", pa.int64())]),
    "item": pa.schema(
        [*ROW_FIELDS, ("id", pa.int64()), ("name", pa.string()), ("price", MONEY), ("weight", pa.float64())]
    ),
}


def test_the_page_has_pairs() -> None:
    assert len(PAIRS) >= 12


@pytest.mark.parametrize(("refused", "instead"), PAIRS)
def test_a_pair_of_the_page(refused: str, instead: str) -> None:
    with pytest.raises(ContractError):
        read_statement(refused, TABLES, what="tables.t.sql")
    read_statement(instead, TABLES, what="tables.t.sql")
