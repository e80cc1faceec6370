"""What a chunk counts, where some of its documents are rejected by conversion and some by SQL."""

from __future__ import annotations

import pyarrow as pa
import pytest

from transforms.contract import read_contract
from transforms.shred import LxmlShredder
from transforms.tables import tables_of

CONTRACT = """
version: 1
root: d
tables:
  one:
    rows: /d
    columns:
      n: {path: "@n", type: int32, clean: [number]}
      x: {sql: "10 // n", type: int32}
  slot:
    rows: /d
    slots: 1..3
    columns: {v: "@v{slot}"}
"""
GOOD = '<d n="$5" v1="a"/>'  # two empty slots
BY_CONVERSION = '<d n="five" v1="a"/>'
BY_SQL = '<d n="0" v1="a"/>'


@pytest.mark.parametrize(
    ("documents", "reasons"),
    [
        ([GOOD], []),
        ([GOOD, BY_CONVERSION], [(1, "invalid_value")]),
        ([BY_SQL, GOOD], [(0, "sql_error")]),
        ([BY_CONVERSION, BY_SQL, GOOD], [(0, "invalid_value"), (1, "sql_error")]),
    ],
)
def test_only_documents_that_stay_are_counted(documents: list[str], reasons: list[tuple[int, str]]) -> None:
    plan = read_contract(CONTRACT, name="c")
    made = tables_of(plan, LxmlShredder(plan).shred(pa.array(documents)).extracts)
    assert sorted((row["document"], row["reason"]) for row in made.rejected.to_pylist()) == reasons
    counts = {(row["table"], row["rule"]): row["values"] for row in made.changes.to_pylist()}
    assert counts == {("slot", "empty_slot"): 2, ("one", "clean_number"): 1}
    assert (made.tables["one"].num_rows, made.tables["slot"].num_rows) == (1, 1)
