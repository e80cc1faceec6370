"""What conversion did to one text is told as conversion counts it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.contract import read_contract
from transforms.contract.plan import ColumnPlan
from transforms.convert.cell import cell_rule
from transforms.convert.settle import settle
from transforms.explain.conversions import Conversion, conversions


def column(rules: str) -> ColumnPlan:
    text = f"""
version: 1
root: r
lookups: {{state: {{N: new, S: sent, "": none}}}}
tables: {{t: {{rows: /r, columns: {{c: {{path: "@c", {rules}}}}}}}}}
"""
    return read_contract(text, name="c.yaml").tables[0].columns[0]


@pytest.mark.parametrize(
    ("rules", "text", "expected"),
    [
        ("type: string", " a ", []),
        ("type: string, trim: true", " a ", [("trimmed", " a ", "a")]),
        ("type: int32", " 7 ", []),
        ("type: int32", "  ", [("blank_as_null", "  ", None)]),
        ('type: string, null_words: ["none"]', "None", [("null_word", "None", None)]),
        (
            "type: string, trim: true, clean: [upper, collapse]",
            " a  b ",
            [("trimmed", " a  b ", "a  b"), ("clean_upper", "a  b", "A  B"), ("clean_collapse", "A  B", "A B")],
        ),
        ("type: string, clean: [digits]", "1-2", [("clean_digits", "1-2", "12")]),
        ("type: string, lookup: state", "N", [("lookup", "N", "new")]),
        ("type: string, lookup: state", None, [("lookup", None, "none")]),
        ("type: string, lookup: state, on_unknown: keep", "X", [("kept_unknown", "X", "X")]),
        ("type: string, lookup: state, on_unknown: null", "X", [("nulled_unknown", "X", None)]),
        ("type: string, default: web, on_missing: default", None, [("defaulted_missing", None, "web")]),
        (
            "type: string, default: web, on_missing: default",
            " ",
            [("blank_as_null", " ", None), ("defaulted_missing", None, "web")],
        ),
        ("type: int32, default: 7, on_invalid: default", "x", [("defaulted_invalid", "x", 7)]),
        ("type: string(2), on_too_long: truncate", "abc", [("truncated", "abc", "ab")]),
    ],
)
def test_each_change_is_told(rules: str, text: str | None, expected: list[tuple[str, Any, Any]]) -> None:
    assert [(str(each.rule), each.before, each.after) for each in conversions(text, column(rules))] == expected


RULES = [
    "type: string, trim: true, clean: [digits]",
    'type: string(3), on_too_long: truncate, clean: [collapse, upper], null_words: ["n a"]',
    "type: int16, clean: [number], on_invalid: null",
    'type: "decimal(5,1)", on_inexact: round_half_up, on_invalid: null',
    "type: string, trim: true, lookup: state, on_unknown: null, default: q, on_missing: default",
]


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(RULES), st.one_of(st.none(), st.text(" \tN5.,-na", max_size=6)))
def test_every_change_that_is_counted_is_told_and_no_other(rules: str, text: str | None) -> None:
    plan = column(rules)
    settled = settle(pa.array([text], pa.string()), cell_rule(plan))
    told: tuple[Conversion, ...] = conversions(text, plan)
    counted = {str(rule) for rule, mask in settled.changes.items() if mask[0].as_py()}
    assert {str(each.rule) for each in told} == counted
    for one, other in pairwise(told):  # each goes on from what the one before left
        assert one.after == other.before or one.after is None
