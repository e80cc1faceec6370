"""Which columns may be read as their type."""

from __future__ import annotations

from typing import Any

import pytest
from convert_factory import (
    BASE64,
    BOOL,
    DATE,
    FLOAT,
    INT32,
    STRING,
    TIME,
    TIMESTAMP,
    TIMESTAMPTZ,
    UUID,
    column,
    decimal,
)

from transforms.contract import read_contract
from transforms.contract.plan import CleanStep, ColumnType, Lookup, Reaction
from transforms.convert.simple import SimpleType, simple_type, typed_columns

LOOKUP = Lookup("codes", (("A", "1"),))


@pytest.mark.parametrize("type_", [INT32, decimal(9, 2), FLOAT, BOOL, DATE, TIME, TIMESTAMP, TIMESTAMPTZ], ids=str)
def test_a_type_has_a_simple_form(type_: ColumnType) -> None:
    assert simple_type(column("c", type_)) == SimpleType(type_, empty_is_missing=True)


@pytest.mark.parametrize("type_", [STRING, UUID, BASE64], ids=str)
def test_some_types_are_text(type_: ColumnType) -> None:
    assert simple_type(column("c", type_)) is None


@pytest.mark.parametrize(
    ("type_", "options", "may_be"),
    [
        (INT32, {"lookup": LOOKUP}, False),
        (INT32, {"clean": (CleanStep("digits"),)}, False),  # takes the sign away
        (INT32, {"clean": (CleanStep("replace", pattern="1", replacement="2"),)}, False),
        (INT32, {"clean": (CleanStep("trim"), CleanStep("collapse"), CleanStep("upper"))}, True),
        (INT32, {"clean": (CleanStep("number"),)}, True),
        (INT32, {"clean": (CleanStep("number", drop_sign=True),)}, False),
        (decimal(9, 2), {"clean": (CleanStep("number", decimal=",", group="."),)}, False),
        (FLOAT, {"clean": (CleanStep("number"),)}, False),  # takes one number of the two in `1e5`
        (BOOL, {"clean": (CleanStep("lower"),)}, False),  # is counted
        (INT32, {"null_words": ("null", "n/a")}, True),
        (INT32, {"null_words": ("null", " 0 ")}, False),
        (DATE, {"null_words": ("1900-01-01",)}, False),
        (DATE, {"null_words": ("01/01/1900",)}, True),
        (TIMESTAMP, {"null_words": ("1900-01-01t00:00",)}, False),  # compared in lower case
        (BOOL, {"null_words": ("N",)}, False),
        (BOOL, {"null_words": ("none",)}, True),
    ],
)
def test_rules_that_make_something_else_of_it(type_: ColumnType, options: dict[str, Any], may_be: bool) -> None:
    assert (simple_type(column("c", type_, **options)) is not None) == may_be


@pytest.mark.parametrize(
    ("type_", "formats", "read"),
    [
        (DATE, ("%Y-%m-%d", "%m/%d/%y"), ("%Y-%m-%d", "%m/%d/%y")),
        (DATE, ("%m/%d/%Y", "%b %d %Y", "%d/%m/%Y"), ("%m/%d/%Y",)),  # what the second reads, the third may not
        (DATE, ("%b %d %Y", "%Y-%m-%d"), None),
        (DATE, ("%Y%m%d",), None),  # where one number ends and the next begins
        (DATE, ("%Y1%m%d",), None),
        (DATE, ("%Y é %m-%d",), None),
        (DATE, ("%Y-%m",), None),
        (DATE, ("%Y %% \t%m\n%d",), ("%Y %% %m %d",)),
        (TIMESTAMP, ("%m/%d/%Y %I:%M%p",), ("%m/%d/%Y %I:%M%p",)),
        (TIMESTAMP, ("%m/%d/%Y %I:%M %H",), None),
        (TIME, ("%H:%M", "%p"), ("%H:%M",)),
        (TIMESTAMPTZ, ("%Y-%m-%dT%H:%M:%S%z",), ("%Y-%m-%dT%H:%M:%S%z",)),
        (TIMESTAMPTZ, ("%z %Y-%m-%d",), None),
        (TIMESTAMPTZ, ("%Y-%m-%d %z.",), None),
    ],
)
def test_formats_that_are_read(type_: ColumnType, formats: tuple[str, ...], read: tuple[str, ...] | None) -> None:
    simple = simple_type(column("c", type_, formats=formats))
    assert (simple and simple.formats) == read


@pytest.mark.parametrize(
    ("options", "missing"),
    [
        ({}, True),
        ({"blank_as_null": False}, False),
        ({"nullable": False}, False),
        ({"on_missing": Reaction.REJECT_ROW}, False),  # the message tells '' from nothing
        ({"on_missing": Reaction.DEFAULT}, True),
        ({"on_missing": Reaction.DEFAULT, "default": "1", "nullable": False}, True),
        ({"on_missing": Reaction.DEFAULT, "nullable": False}, False),
    ],
)
def test_an_empty_text_that_nobody_can_tell_from_none(options: dict[str, Any], missing: bool) -> None:
    simple = simple_type(column("c", INT32, **options))
    assert simple is not None
    assert simple.empty_is_missing == missing


def test_the_kernel_is_told_in_numbers() -> None:
    assert SimpleType(INT32).code == (1, 32, 0, 0, "")
    assert SimpleType(decimal(9, 2), empty_is_missing=True).code == (2, 9, 2, 1, "")
    assert SimpleType(DATE, ("%Y-%m-%d", "%m/%d/%Y")).code == (5, 0, 0, 0, "%Y-%m-%d\0%m/%d/%Y\0")


CONTRACT = """
version: 1
root: d
tables:
  plain:
    rows: /d
    columns:
      id: {path: "$key", type: int32}
      n: {path: "@n", type: int32}
      text: "@n"
      one: {path: "'1'", type: int32}
      all: {path: "n", type: int32, many: list}
      joined: {path: "n", type: int32, many: join}
      last: {path: "n", type: int32, many: last}
      other: {xpath: "number(@n)", type: int32}
  slotted:
    rows: /d/r
    slots: 1..2
    columns: {v: {path: "@v{slot}", type: int32}, w: {path: "@w", type: int32}}
  picking:
    rows: /d/r
    picks:
      best: {path: c, require: ["@v"]}
      any: {path: c, filled: true}
    columns:
      w: {path: "@w", type: int32}
      v: {path: "@v", of: best, type: int32}
      u: {path: "@u", of: any, type: int32}
"""


def test_columns_that_only_conversion_looks_at() -> None:
    plan = read_contract(CONTRACT, name="c")
    assert set(typed_columns(plan)) == {("plain", "n"), ("plain", "last"), ("picking", "w"), ("picking.best", "v")}
