"""Documents whose values make SQL fail: each is told why, and many of them do not take long."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pytest
from rows_factory import INT, converted, made, plan, read, rejected, table, values

from transforms.contract.plan import ContractPlan
from transforms.rows.check import check_selection
from transforms.rows.select import select_rows
from transforms.sql.sandbox import Sandbox


class Counting(Sandbox):
    """Counts its queries."""

    queries = 0

    def query(self, sql: str, tables: Mapping[str, pa.Table]) -> pa.Table:
        self.queries += 1
        return super().query(sql, tables)


def _contract() -> ContractPlan:
    contract = plan(table("t", read("id", INT), read("note"), made("x", "CAST(note AS INTEGER)", INT)))
    check_selection(contract)
    return contract


@pytest.mark.parametrize(("distinct", "most"), [(3, 10), (400, 60)])
def test_many_failing_documents_take_few_queries(distinct: int, most: int) -> None:
    contract = _contract()
    rows = [
        {"_document": number, "id": number, "note": "7" if number % 2 else f"no {number // 2 % distinct}"}
        for number in range(800)
    ]
    with Counting() as sandbox:
        result = select_rows(contract, converted(contract, {"t": rows}), sandbox=sandbox)
        assert sandbox.queries <= most
    assert values(result, "t", "x") == [7] * 400
    refused = rejected(result)
    assert sorted(refused) == list(range(0, 800, 2))
    for document, (reason, _, detail) in refused.items():
        assert reason == "sql_error"
        assert detail.startswith("t.x: ")
        assert f"'no {document // 2 % distinct}'" in detail
    said = "t.x: Conversion Error: Could not convert string 'no 1' to INT32"
    assert refused[2][2].startswith(said)
    if distinct == 400:
        assert refused[798][2] == "t.x: it fails on note = 'no 399'"
