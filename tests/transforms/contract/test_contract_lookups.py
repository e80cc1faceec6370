"""Lookups with rules of their own: for every column that uses them."""

from __future__ import annotations

import pyarrow as pa
import pytest

from transforms.contract import read_contract
from transforms.shred import LxmlShredder
from transforms.tables import tables_of

DOCUMENT = '<a><b f="Y"/><b f="n"/><b f="x"/><b/><b f="entries"/></a>'


def values(lookup: str, column: str = "type: int8") -> tuple[list[object], dict[str, int]]:
    """The values of a column with a lookup, and what was counted."""
    contract = f"""
version: 1
root: a
lookups: {{it: {lookup}}}
tables: {{t: {{rows: /a/b, columns: {{f: {{path: "@f", lookup: it, {column}}}}}}}}}
"""
    plan = read_contract(contract, name="c")
    made = tables_of(plan, LxmlShredder(plan).shred(pa.array([DOCUMENT])).extracts)
    assert not made.rejected.num_rows, made.rejected.to_pylist()
    return made.tables["t"]["f"].to_pylist(), {row["rule"]: row["values"] for row in made.changes.to_pylist()}


def test_else_is_the_value_of_what_has_no_entry() -> None:
    found, counted = values("{entries: {Y: 1, N: 0}, ignore_case: true, else: 9}")
    assert found == [1, 0, 9, None, 9]  # what is missing is not unknown
    assert counted == {"lookup": 2, "defaulted_unknown": 2}


def test_else_null_is_counted_as_made_null() -> None:
    found, counted = values('{entries: {Y: 1, "": 5}, else: null}')
    assert found == [1, None, None, 5, None]
    assert counted["nulled_unknown"] == 3


def test_else_is_read_by_the_type() -> None:
    found, _ = values("{entries: {Y: 1900-01-01}, else: 2026-02-28}", "type: date, formats: ['%Y-%m-%d']")
    assert [str(value) for value in found] == ["1900-01-01", *["2026-02-28"] * 2, "None", "2026-02-28"]


def test_a_column_says_otherwise_about_case() -> None:
    found, _ = values("{entries: {Y: 1, N: 0}, ignore_case: true, else: 9}", "type: int8, ignore_case: false")
    assert found == [1, 9, 9, None, 9]


def test_entries_may_be_an_entry() -> None:
    found, _ = values("{Y: 1, entries: 3}", "type: int8, on_unknown: null")
    assert found == [1, None, None, None, 3]


@pytest.mark.parametrize("lookup", ["{Y: 1, N: 0}", "{N: 0, Y: 1}"])
def test_plain_lookups_keep_their_canonical_form(lookup: str) -> None:
    contract = f"{{version: 1, root: a, lookups: {{it: {lookup}}}, tables: {{t: {{rows: /a, columns: {{f: '@f'}}}}}}}}"
    assert '"lookups":{"it":{"N":"0","Y":"1"}}' in read_contract(contract, name="c").text
